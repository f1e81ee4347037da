"""Which database: SQLite beside the secret key, or what DATABASE_URL names. No value of it is ever repeated."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

OPTIONS = (
    "application_name", "connect_timeout", "sslcert", "sslkey", "sslmode", "sslrootcert", "target_session_attrs",
)  # fmt: skip
"""What may stand behind the '?' of a URL, besides ``host``: the folder of a Unix socket."""

FORMS = "postgres://user@host:5432/name or sqlite:////folder/file"


class BadDatabase(ValueError):
    """Raised for a description of the database that cannot be used; the text names the variable."""


def database(environ: Mapping[str, str], run: Path) -> dict[str, Any]:
    """Django's settings of it. Raise `BadDatabase`.

    DATABASE_URL                     sqlite:////folder/file or postgres://user:password@host:port/name?sslmode=…
    ZOOSCOPE_DATABASE_PASSWORD_FILE  file that holds the password, which need not stand in DATABASE_URL then
    """
    url = environ.get("DATABASE_URL", "").strip()
    if not url:
        return _sqlite(run / "zooscope.sqlite3")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadDatabase(f"DATABASE_URL cannot be read; it is {FORMS}.") from None
    if parts.scheme == "sqlite":
        path = unquote(parts.path)[1:]
        if parts.netloc or parts.query or not path.startswith("/"):
            raise BadDatabase("DATABASE_URL must name a file from the root, as in sqlite:////folder/file.")
        return _sqlite(Path(path))
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadDatabase(f"DATABASE_URL must be {FORMS}.")
    return _postgres(parts, port, environ.get("ZOOSCOPE_DATABASE_PASSWORD_FILE", "").strip())


def _sqlite(path: Path) -> dict[str, Any]:
    """Readers never wait for the writer, and a writer takes its lock at once rather than half-way through."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 10,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


def _postgres(parts: SplitResult, port: int | None, password_file: str) -> dict[str, Any]:
    if importlib.util.find_spec("psycopg") is None:
        raise BadDatabase("DATABASE_URL names PostgreSQL, which needs psycopg: pip install 'zooscope[postgres]'.")
    name = unquote(parts.path).removeprefix("/")
    if not name or "/" in name:
        raise BadDatabase(f"DATABASE_URL must name one database, as in {FORMS}.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    for unknown in options.keys() - set(OPTIONS):
        raise BadDatabase(f"DATABASE_URL has the option {unknown[:40]!r}; known are host, {', '.join(OPTIONS)}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": _password(password_file) if password_file else unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        # A connection is kept, and looked at before it is used again: a database that was started anew is no error.
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", "application_name": "zooscope", **options},
    }


def _password(file: str) -> str:
    try:
        found = Path(file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "it is not a text"
        raise BadDatabase(f"ZOOSCOPE_DATABASE_PASSWORD_FILE cannot be read: {words}.") from None
    if not found or "\n" in found:
        raise BadDatabase("ZOOSCOPE_DATABASE_PASSWORD_FILE must hold one line, the password.")
    return found
