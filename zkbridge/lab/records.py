"""The one file of records that a lab's processes append to: writing and following it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from zkbridge.records import Record, read, write

log = logging.getLogger(__name__)

CHUNK = 1 << 20
"""Bytes read at a time; a reader that lags far behind catches up in several calls."""

LONGEST = 1 << 16
"""Bytes of the longest line that is believed to be a record."""


class Writer:
    """Appends records. Each is one write to a file opened for appending, so processes never mix their lines."""

    def __init__(self, path: Path | str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, record: Record) -> None:
        os.write(self._file, write(record))

    def close(self) -> None:
        os.close(self._file)


class Tail:
    """Follows the file from its beginning. It need not exist yet."""

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""

    def read_new(self) -> list[Record]:
        """The records that were completed since the last call; [] when there is none. Never blocks.

        A last line without its newline is kept for the next call; a line that is no record is logged and skipped.
        """
        if self._file is None:
            try:
                self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115 - kept open between calls
            except FileNotFoundError:
                return []
        *lines, self._rest = (self._rest + self._file.read(CHUNK)).split(b"\n")
        if len(self._rest) > LONGEST:
            log.warning("%s: dropped %d bytes without a newline", self._path, len(self._rest))
            self._rest = b""
        return [record for line in lines if line and (record := self._decode(line)) is not None]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _decode(self, line: bytes) -> Record | None:
        try:
            return read(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("%s: skipped a line that is no record: %s", self._path, error)
            return None
