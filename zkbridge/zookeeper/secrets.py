"""Files and variables that hold secrets. What they hold goes nowhere but to a server that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LARGEST = 65_536


class BadSetting(ValueError):
    """Raised where what ``key`` of a cluster's settings names cannot be used: 'digest_file', 'tls.ca' … The words go on
    'key: ', and never hold a secret."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(f"{key}: {words}")
        self.key, self.words = key, words


def content(key: str, path: str) -> str:
    """The text of a file; raise `BadSetting`."""
    try:
        with Path(path).open("rb") as file:
            found = file.read(LARGEST + 1)
        if len(found) > LARGEST:
            raise BadSetting(key, f"{path} has more than {LARGEST} bytes.")
        return found.decode()
    except OSError as error:
        raise BadSetting(key, f"{path} cannot be read: {error.strerror or error}.") from None
    except (UnicodeDecodeError, ValueError) as error:
        if isinstance(error, BadSetting):
            raise
        raise BadSetting(key, f"{path} is not a text in UTF-8.") from None


def secret(key: str, path: str) -> str:
    """The first line of a file, which must be all that it has; raise `BadSetting`."""
    return _one_line(key, content(key, path), path)


def variable(key: str, name: str, environ: Mapping[str, str]) -> str:
    """What a variable of the environment holds; raise `BadSetting`."""
    if name not in environ:
        raise BadSetting(key, f"the variable {name} of the environment is not set.")
    return _one_line(key, environ[name], f"the variable {name}")


def _one_line(key: str, text: str, where: str) -> str:
    found = text.rstrip("\r\n")
    if not found or "\n" in found or "\0" in found:
        raise BadSetting(key, f"{where} must hold one line, the secret.")
    return found
