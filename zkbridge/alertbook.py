"""Which alerts fire, and which messages were not taken yet, on disk: so that a bridge which is started anew goes on."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import msgspec

from zkbridge.protocol.alerts import Alert

LARGEST = 4 * 1024 * 1024

logger = logging.getLogger(__name__)


class Book(msgspec.Struct, frozen=True):
    firing: list[Alert] = []
    waiting: list[dict[str, Any]] = []
    """Messages, oldest first."""


class AlertBook:
    """One file at ``path``, which is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: Book | None = None
        self._failed = False

    def read(self) -> Book:
        """What is there; nothing where it cannot be read."""
        try:
            with self._path.open("rb") as file:
                self._written = msgspec.json.decode(file.read(LARGEST), type=Book)
        except FileNotFoundError:
            return Book()
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("the alerts of before cannot be read: %s", error)
            return Book()
        return self._written

    def write(self, book: Book) -> None:
        """Put it there, unless it is. What cannot be written is told of once."""
        if book == self._written:
            return
        draft = self._path.with_suffix(".new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(msgspec.json.encode(book))
            os.replace(draft, self._path)
        except OSError as error:
            if not self._failed:
                logger.warning("alerts cannot be kept on disk: %s; they go on in memory", error.strerror or error)
            self._failed = True
            return
        self._failed, self._written = False, book
