"""Where the znodes of a work come from: a subtree as it is now, or an export in a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import BinaryIO, Protocol

from dashboard.jobs.asking import Asking
from dashboard.jobs.exports import MAX_LINE, BadExport, Reader
from dashboard.jobs.item import Item
from dashboard.jobs.outcome import Stopped
from zkbridge.protocol.base import Problem

BATCH = 200
"""Lines that are read at a time, outside the event loop."""


class Source(Protocol):
    """Can be read from the beginning as often as needed, once at a time."""

    @property
    def acl(self) -> bool:
        """Whether it has ACLs."""

    def items(self) -> AsyncIterator[Item]: ...

    def close(self) -> None: ...


class Subtree:
    def __init__(self, asking: Asking, path: str, *, acl: bool) -> None:
        self._asking, self._path, self.acl = asking, path, acl

    def items(self) -> AsyncIterator[Item]:
        return self._asking.items(self._path, acl=self.acl)

    def close(self) -> None:
        pass


class Export:
    """An export in ``file``, which is closed in the end. Raises `Stopped` for one that is not whole."""

    def __init__(self, file: BinaryIO, *, acl: bool) -> None:
        self._file, self.acl = file, acl

    async def items(self) -> AsyncIterator[Item]:
        try:
            reader = await asyncio.to_thread(self._begin)
            rest = iter(reader)
            while batch := await asyncio.to_thread(lambda: list(islice(rest, BATCH))):
                for item in batch:
                    yield item
        except BadExport as bad:
            words = f"This is no whole export. {bad}"
            raise Stopped(Problem("bad-request", words, "See docs/export-format.md.")) from None
        except OSError as error:
            raise Stopped(Problem("failed", f"The file cannot be read again: {error.strerror}.")) from None

    def close(self) -> None:
        self._file.close()

    def _begin(self) -> Reader:
        self._file.seek(0)
        reader = Reader(lines(self._file))
        self.acl = self.acl and reader.header.acl
        return reader


def lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE + 1):
        yield line
