"""The product's settings for tests in this process: an own data directory, a fast password hash, a database in a file.

The file matters: adapters use the database from other threads, which an in-memory SQLite cannot serve.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_directory = Path(tempfile.mkdtemp(prefix="flowsite-tests-"))
atexit.register(shutil.rmtree, _directory, ignore_errors=True)

os.environ["FLOWSITE_DATA_DIR"] = str(_directory)
os.environ["FLOWSITE_SECRET_KEY"] = "a key for tests alone, long enough for every check"
os.environ["FLOWSITE_ALLOW_LOCAL"] = "1"
os.environ.pop("REDIS_URL", None)

from flowsite.settings import *  # noqa: E402,F403
from flowsite.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(_directory / "test.sqlite3")}
else:
    # A pool keeps connections open and the test database could not be dropped.
    DATABASES["default"]["OPTIONS"].pop("pool", None)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
