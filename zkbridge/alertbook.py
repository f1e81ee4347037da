"""Which alerts fire, and which messages were not taken yet, on disk: so that a bridge which is started anew goes on."""

from __future__ import annotations

import fcntl
import logging
import os
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from zkbridge.protocol.alerts import Alert

LARGEST = 4 * 1024 * 1024

logger = logging.getLogger(__name__)


class Book(msgspec.Struct, frozen=True):
    firing: list[Alert] = []
    waiting: list[dict[str, Any]] = []
    """Messages, oldest first."""


class AlertBook:
    """One file in ``folder``, which is replaced as a whole. One process at a time has it: `open` it first."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / "alerts.json"
        self._lock: int | None = None
        self._written: Book | None = None
        self._failed = False

    @property
    def held(self) -> bool:
        return self._lock is not None

    def open(self) -> Book | None:
        """Hold it until `close`, and give what is there; None where it cannot be had, which is told of once."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder / "alerts.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                self._fail("another bridge has them")
                return None
        except OSError as error:
            self._fail(error.strerror or str(error))
            return None
        self._lock, self._failed = lock, False
        return self._read()

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, book: Book) -> None:
        """Put it there, unless it is, or another has the file. What cannot be written is told of once."""
        if book == self._written or self._lock is None:
            return
        draft = self._path.with_suffix(".new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(msgspec.json.encode(book))
                file.flush()
                # Else a machine that loses its power may come back with the new name and no content.
                os.fsync(descriptor)
            os.replace(draft, self._path)
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        self._failed, self._written = False, book

    def _read(self) -> Book:
        """Nothing where it cannot be read."""
        try:
            with self._path.open("rb") as file:
                self._written = msgspec.json.decode(file.read(LARGEST), type=Book)
        except FileNotFoundError:
            return Book()
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("the alerts of before cannot be read: %s", error)
            return Book()
        return self._written

    def _fail(self, why: str) -> None:
        if not self._failed:
            logger.warning("alerts cannot be kept on disk: %s; they go on in memory", why)
        self._failed = True


def book_of(folder: str, cluster: str, zookeeper: str) -> Path:
    """Where a cluster's alerts are remembered below ``folder``, one that other clusters of any name may share."""
    servers, slash, chroot = zookeeper.partition("/")
    known = ",".join(sorted(server.strip() for server in servers.split(","))) + slash + chroot
    return Path(folder) / f"{quote(cluster, safe='')}-{zlib.crc32(known.encode()):08x}"
