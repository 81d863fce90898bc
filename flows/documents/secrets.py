"""Where a credential's values come from: this process' environment, or a file beside the document."""

import os
from pathlib import Path

from flows.documents.reading import SecretNotFound

MAX_SECRET_BYTES = 64 * 1024


def local_secrets(source: str, name: str) -> str:
    """For the command line: reads variables and files with the rights of whoever calls ``apply``."""
    return _variable(name) if source == "env" else _file(name)


def no_secrets(source: str, name: str) -> str:
    """For the network: nobody reads this server's variables and files from afar."""
    raise SecretNotFound(f"{{{source}: {name}}} works only with `manage.py apply`; send the value itself")


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SecretNotFound(f"the environment has no variable {name!r}, or it is empty")
    return value


def _file(name: str) -> str:
    path = Path(name).expanduser()
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        raise SecretNotFound(f"cannot read the file {name!r}: {error.strerror}") from None
    if len(content) > MAX_SECRET_BYTES:
        raise SecretNotFound(f"the file {name!r} is larger than {MAX_SECRET_BYTES} bytes")
    try:
        return content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretNotFound(f"the file {name!r} is no UTF-8 text") from None
