"""Everything that can be set, read from the environment and checked here.

ZOOSCOPE_RUN              directory of the database and the secret key; ``.run`` in the checkout when unset
ZOOSCOPE_SECRET_KEY_FILE  file of the secret key; ``secret-key`` in ZOOSCOPE_RUN when unset
ZOOSCOPE_ORIGINS          full origins that pages are opened at, separated by commas
ZOOSCOPE_CONFIG           file that describes the clusters (docs/clusters.md); when unset there is one cluster:
ZOOSCOPE_BRIDGE           path of its bridge's Unix socket; ``bridge.sock`` in ZOOSCOPE_RUN when unset
ZOOSCOPE_NAME             its name, as pages show it
ZOOSCOPE_ALLOW_CHANGES    'true': those who are permitted to may change its znodes; 'false' when unset
ZOOSCOPE_PROTECTED        paths of znodes, separated by commas, that nobody may change, nor what is below them
ZOOSCOPE_MAX_UPLOAD       bytes of the largest export that is imported or compared with; 1000000000 when unset
DATABASE_URL              database, where it is not the file in ZOOSCOPE_RUN: postgres://…, sqlite:////…
ZOOSCOPE_DATABASE_PASSWORD_FILE  file of its password
ZOOSCOPE_LOG              level of the log: DEBUG, INFO, WARNING or ERROR

Importing this file writes nothing: ``python manage.py tokens`` makes the secret key on first use.
"""

import hashlib
import os
import re
import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from dashboard import clusters, databases

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str, most: int) -> str:
    value = os.environ.get(name, "").strip() or default
    if len(value) > most or not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be at most {most} printable characters.")
    return value


def _path(name: str, default: Path) -> Path:
    value = os.environ.get(name, "")
    if not value:
        return default
    if "\0" in value or not Path(value).is_absolute():
        raise ImproperlyConfigured(f"{name} must be an absolute path, not {value!r}.")
    return Path(value)


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,15}", text) or not int(text):
        raise ImproperlyConfigured(f"{name} must be a positive number, not {text!r}.")
    return int(text)


def _choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = os.environ.get(name, "") or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def _origins(name: str, default: str) -> list[str]:
    found = []
    for text in (os.environ.get(name, "") or default).split(","):
        origin = text.strip()
        try:
            parts = urlsplit(origin)
            sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            sound = False
        if not sound or origin.lower() != f"{parts.scheme}://{parts.netloc}".lower() or set(origin) & set("@* \t"):
            raise ImproperlyConfigured(
                f"{name} must list full origins such as https://zoo.example:8443, separated by commas; "
                f"{origin!r} is not one."
            )
        found.append(origin.lower())
    return list(dict.fromkeys(found))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _secret(path: Path) -> str:
    """The key in ``path``. Without one Django itself refuses to serve, unless nothing was configured at all."""
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        configured = "ZOOSCOPE_RUN" in os.environ or "ZOOSCOPE_SECRET_KEY_FILE" in os.environ
        return "" if configured else secrets.token_urlsafe(48)
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The secret key in {path} cannot be read: {error}.") from error
    if len(key) < 40:
        raise ImproperlyConfigured(f"The secret key in {path} is too short. Delete the file to have a new one made.")
    return key


# Where things are
RUN = _path("ZOOSCOPE_RUN", BASE_DIR / ".run")
SECRET_KEY_FILE = _path("ZOOSCOPE_SECRET_KEY_FILE", RUN / "secret-key")
try:
    CLUSTERS = clusters.load(
        os.environ, _text("ZOOSCOPE_NAME", "zookeeper", 60), _path("ZOOSCOPE_BRIDGE", RUN / "bridge.sock"), RUN
    )
except clusters.BadConfig as error:
    raise ImproperlyConfigured(str(error)) from None
ORIGINS = _origins("ZOOSCOPE_ORIGINS", "http://127.0.0.1:8000,http://localhost:8000")

# Django
DEBUG = False
SECRET_KEY = _secret(SECRET_KEY_FILE)
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "csp",
    "channels",
    "dashboard",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "dashboard.middleware.headers",
    "django.middleware.common.CommonMiddleware",
    "dashboard.middleware.StaticFiles",
    "dashboard.middleware.verbs",
    "dashboard.middleware.bodies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False

try:
    DATABASES = {"default": databases.database(os.environ, RUN)}
except databases.BadDatabase as error:
    raise ImproperlyConfigured(str(error)) from None

# Who is asking. Two demos on one host share a cookie jar (ports do not divide it), so names tell them apart.
_MARK = hashlib.sha256(str(RUN).encode()).hexdigest()[:8]
FAR_ORIGINS = [origin for origin in ORIGINS if not _is_loopback(urlsplit(origin).hostname or "")]
ALLOWED_HOSTS = sorted({urlsplit(origin).hostname or "" for origin in ORIGINS})
ALLOWED_HOSTS = [f"[{host}]" if ":" in host else host for host in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = ORIGINS
SECURE_COOKIES = any(origin.startswith("https:") for origin in ORIGINS) and all(
    origin.startswith("https:") for origin in FAR_ORIGINS
)
SESSION_COOKIE_NAME = f"zooscope_{_MARK}"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE_COOKIES
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
CSRF_COOKIE_NAME = f"zooscope_csrf_{_MARK}"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_FAILURE_VIEW = "dashboard.errors.csrf_failure"

# What a page may do
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Older Safari does not read 'self' as covering ws://.
        "connect-src": [SELF, *(origin.replace("http", "ws", 1) for origin in ORIGINS)],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Bodies of requests. Django holds none that is larger than the largest, and the middleware none than its address takes.
MAX_BODY = 65_536
MAX_BODIES = {
    # 1 MB of data takes 2.1 MB in hex.
    "/api/znodes": 2_500_000,
    "/api/decode": 2_500_000,
}
UPLOADS = frozenset({"/api/jobs/import", "/api/jobs/compare-file"})
"""Addresses that take a file as the body, which goes to the disk."""
MAX_UPLOAD = _number("ZOOSCOPE_MAX_UPLOAD", 1_000_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = max(MAX_BODY, *MAX_BODIES.values())

# The front end: vite writes it to static/dist with a hash in each name below assets/.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static" / "dist"
WHITENOISE_USE_FINDERS = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8,}\.\w+$"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "dashboard.logs.MaskTokens"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask"]}},
    "root": {
        "handlers": ["terminal"],
        "level": _choice("ZOOSCOPE_LOG", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
