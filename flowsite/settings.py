"""Every setting, from the environment or its default. A bad value stops the start with a message that names it."""

import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages

from flowsite.kernel.environment import (
    env_database,
    env_directory,
    env_flag,
    env_names,
    env_number,
    env_redis,
    env_secret,
)
from flowsite.kernel.keyfile import read_or_make_key

BASE_DIR = Path(__file__).resolve().parent.parent

FLOWSITE_DATA_DIR = env_directory("FLOWSITE_DATA_DIR", BASE_DIR / "var")
#: Allows the ``local`` connection, which runs commands on this very machine.
FLOWSITE_ALLOW_LOCAL = env_flag("FLOWSITE_ALLOW_LOCAL")
#: The key that encrypts credentials; without it a key file in the data directory.
FLOWSITE_CREDENTIAL_KEY = env_secret("FLOWSITE_CREDENTIAL_KEY", shortest=32)
FLOWSITE_CREDENTIAL_KEY_FILE = FLOWSITE_DATA_DIR / "credential.key"

DEBUG = env_flag("FLOWSITE_DEBUG")
ALLOWED_HOSTS = env_names("FLOWSITE_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
SECRET_KEY = env_secret("FLOWSITE_SECRET_KEY", shortest=32) or read_or_make_key(
    FLOWSITE_DATA_DIR / "secret.key", lambda: secrets.token_urlsafe(48)
)

INSTALLED_APPS = [
    "flowsite",  # first: its `qcluster` stands before the library's
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_q",
    "django_vite",
    "django_filters",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "flowsite.kernel",
    "elements",
    "flows",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "flows.web.page.RefusalPages",
]

ROOT_URLCONF = "flowsite.urls"
ASGI_APPLICATION = "flowsite.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "flows.web.frame.frame",
            ],
            "builtins": ["flows.templatetags.look"],
        },
    },
]

# --- database, broker, live events ------------------------------------------------------------------------------

DATABASES = {"default": env_database("DATABASE_URL", default_file=FLOWSITE_DATA_DIR / "flowsite.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_redis("REDIS_URL")

CHANNEL_LAYERS: dict[str, dict[str, Any]]
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Note [A job is only a wake-up]
# The run row is the truth and ``advance`` returns at once when another worker holds the lease. So a job is never
# repeated by the broker (acknowledged even when it fails, one attempt, delivered again only after a week); the
# timekeeper sees a run without a lease and wakes it. ``timeout`` bounds jobs that set none; ``advance`` is enqueued
# with -1 (unlimited). ``queue_limit`` of 1 keeps a busy cluster from prefetching what an idle one could do.
_WEEK_S = 7 * 24 * 3600
Q_CLUSTER: dict[str, Any] = {
    "name": "default",
    "label": "Jobs",
    "workers": env_number("FLOWSITE_WORKERS", 8, least=1, most=256),
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.05,
    "timeout": _WEEK_S,
    "retry": _WEEK_S + 3600,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": 100,
    "catch_up": False,
    "scheduler": False,
    "log_level": "INFO",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    # Short jobs have their own worker, so that long runs never starve them.
    "ALT_CLUSTERS": {"short": {"workers": 1, "timeout": 300, "retry": 600}},
}

# --- people, API ------------------------------------------------------------------------------------------------

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# The words of the frame for the levels of messages.
MESSAGE_TAGS = {messages.DEBUG: "secondary", messages.ERROR: "danger"}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "flowsite.kernel.tokens.PrintableTokens",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["flowsite.kernel.body.BoundedJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "flowsite.kernel.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "flowsite.kernel.rest.ResourceSchema",
    "EXCEPTION_HANDLER": "flowsite.kernel.api.answer_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Flowsite",
    "DESCRIPTION": "Coordinates work over a fleet, in an exact order, every step live.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Both are fields named "state": each set of words has its own name in the schema.
    "ENUM_NAME_OVERRIDES": {
        "RunState": "flows.api.runs.RUN_STATES",
        "ElementState": "flows.api.runs.ELEMENT_STATES",
    },
}

# --- security ---------------------------------------------------------------------------------------------------

#: Set it when a proxy ends TLS in front of the site and sets X-Forwarded-Proto itself.
FLOWSITE_HTTPS = env_flag("FLOWSITE_HTTPS")
SESSION_COOKIE_SECURE = FLOWSITE_HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = FLOWSITE_HTTPS
SECURE_SSL_REDIRECT = FLOWSITE_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if FLOWSITE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if FLOWSITE_HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

#: Everything comes from this host. The editor's page alone may write styles into itself (flows.web.editor).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- language, time, files, logs --------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = FLOWSITE_DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [directory for directory in (BASE_DIR / "static",) if directory.is_dir()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
#: The front end's build: its files are named by their content, but for those that pages name themselves.
DJANGO_VITE = {"default": {"static_url_prefix": "dist", "manifest_path": BASE_DIR / "static/dist/.vite/manifest.json"}}
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/assets/"
# ``up`` says in a line that the front end is not built; commands need none.
SILENCED_SYSTEM_CHECKS = ["django_vite.W001"]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # Both tell commands, hosts and user names at lower levels.
        "asyncssh": {"level": "WARNING"},
        "django.db.backends": {"level": "WARNING"},
        # They tell every job and every start of their processes; ours say it once, in our words.
        "django-q": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
    },
}
