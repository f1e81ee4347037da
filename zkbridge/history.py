"""Plots on disk: rows are appended to files of a bounded size, and read back when a bridge begins.

A folder of the cluster holds two files for each span, by rising numbers: when the newer one is full, another is begun
and the older one deleted. A line is a checksum and a row in JSON. One that was not written to its end, or was spoilt,
is skipped.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import os
import re
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import msgspec

from zkbridge.protocol.base import Problem
from zkbridge.protocol.plots import LENGTHS, STEPS
from zkbridge.views.rings import MOST_LINES, Row

PERIOD = 1.0
"""Seconds between two times of writing."""

AGAIN = 30.0
"""Seconds after which a folder that could not be written is tried again."""

MOST_LINE = 65_536
"""Bytes of the longest line that is taken for one."""

_NUMBER = re.compile(r"\.\d{1,12}")

logger = logging.getLogger(__name__)

Rows = list[tuple[str, Row]]


class Unusable(Exception):
    """Raised for a folder that cannot be used; the text says why, without its path."""


class Folder:
    """``path`` is made where it is missing. One process at a time may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @property
    def held(self) -> bool:
        return self._lock is not None

    def open(self) -> None:
        """Make it, and hold it until `close`; raise `Unusable`."""
        if self._lock is not None:
            return
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                raise Unusable("another bridge keeps its plots there") from None
        except OSError as error:
            raise Unusable((error.strerror or str(error)).lower()) from None
        self._lock = lock

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self) -> Rows:
        """All rows that are whole, oldest file first; raise `Unusable`."""
        rows: Rows = []
        for span in STEPS:
            for file in self._files(span).values():
                try:
                    rows += [(span, row) for row in _rows(file)]
                except FileNotFoundError:
                    continue
                except OSError as error:
                    raise Unusable((error.strerror or str(error)).lower()) from None
        return rows

    def append(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Write rows after those that are there; raise `Unusable` where not all of them could be."""
        texts: dict[str, list[bytes]] = {}
        for span, row in rows:
            texts.setdefault(span, []).append(_line(row))
        try:
            for span, lines in texts.items():
                self._write(span, lines)
        except OSError as error:
            raise Unusable((error.strerror or str(error)).lower()) from None

    def _write(self, span: str, lines: list[bytes]) -> None:
        files = self._files(span)
        number = max(files, default=0)
        if _count(self.path / f"{span}.{number}") >= LENGTHS[span] // STEPS[span]:
            number += 1
        for older, file in files.items():
            if older < number - 1:
                file.unlink(missing_ok=True)
        current = self.path / f"{span}.{number}"
        descriptor = os.open(current, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            end = os.lseek(descriptor, 0, os.SEEK_END)
            # A line that was torn by an end of this process, or a full disk, ends here.
            content = (b"" if end == 0 or _ends(current) else b"\n") + b"".join(lines)
            written = os.write(descriptor, content)
            if written < len(content):
                raise OSError(28, "no space left on device")
        finally:
            os.close(descriptor)

    def _files(self, span: str) -> dict[int, Path]:
        """By their numbers, the oldest first. Clocks may be set back, so no time of theirs is looked at."""
        found = {int(file.suffix[1:]): file for file in self.path.glob(f"{span}.*") if _NUMBER.fullmatch(file.suffix)}
        return dict(sorted(found.items()))


def attempt(history: str, cluster: str) -> None:
    """Make a cluster's folder below ``history``, and write there; raise `Unusable`, with the folder and why.

    A full disk is no reason: it may have room again, and the page says so meanwhile.
    """
    folder = folder_of(history, cluster).parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\n")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return
        raise Unusable(f"the folder {history} cannot be written: {(error.strerror or str(error)).lower()}") from None


class Keeper:
    """Keeps the rows that ``take`` gives in ``folder``. ``tell`` hears whether that goes well, ``load`` gets what is
    there, once it can be had."""

    def __init__(
        self, folder: Path, take: Callable[[], Rows], tell: Callable[[Problem | None], None],
        load: Callable[[Rows], None], monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._folder, self._take, self._tell, self._monotonic = Folder(folder), take, tell, monotonic
        self._load = load
        # Of its own: names of servers are looked up in the usual threads, where each may hang for many seconds.
        self._thread = ThreadPoolExecutor(1, "plots")
        self._problem: Problem | None = None
        self._failed_at = -AGAIN

    def read(self) -> None:
        """Load what is there, before `run`. Where it cannot be used that is told, and it is loaded once it can be."""
        try:
            rows = self._write([])
        except Unusable as unusable:
            self._fail(unusable)
            return
        self._load(rows)

    def close(self) -> None:
        self._thread.shutdown(wait=False)
        self._folder.close()

    async def run(self) -> None:
        """Write once a second, until cancelled."""
        try:
            while True:
                await asyncio.sleep(PERIOD)
                try:
                    await self.step()
                except Exception:
                    logger.exception("plots could not be written")
        finally:
            self.close()

    async def step(self) -> None:
        """Write what is new. What cannot be written is left out: it stays in memory."""
        rows = self._take()
        if not rows or (self._problem is not None and self._monotonic() - self._failed_at < AGAIN):
            return
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._write, rows)
        except Unusable as unusable:
            self._fail(unusable)
            return
        if found:
            self._load(found)
        if self._problem is not None:
            logger.info("plots are kept on disk again, in %s", self._folder.path)
            self._problem = None
            self._tell(None)

    def _write(self, rows: Rows) -> Rows:
        """Append ``rows``. Returns those of before, when the folder is first had."""
        first = not self._folder.held
        self._folder.open()
        found = self._folder.read() if first else []
        self._folder.append(rows)
        return found

    def _fail(self, unusable: Unusable) -> None:
        self._failed_at = self._monotonic()
        words = f"Plots cannot be kept on disk: {unusable}. They go on in memory."
        if self._problem is None or self._problem.text != words:
            logger.warning("plots cannot be kept in %s: %s; they go on in memory", self._folder.path, unusable)
            self._problem = Problem("not-kept", words, "Look at the folder that 'history' names, and its disk.")
            self._tell(self._problem)


def folder_of(history: str, cluster: str, veiled: bool = False) -> Path:
    """Where a cluster's plots are kept below the folder ``history``; ``veiled``: those of what is not hidden."""
    return Path(history) / quote(cluster, safe="") / ("shown" if veiled else "all")


def _line(row: Row) -> bytes:
    body = msgspec.json.encode(row)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _rows(file: Path) -> list[Row]:
    """Of one file, as far as they are whole."""
    rows: list[Row] = []
    most = max(LENGTHS[span] // STEPS[span] for span in STEPS) * 2
    with file.open("rb") as lines:
        for _ in range(most):
            line = lines.readline(MOST_LINE)
            if not line:
                break
            row = _parsed(line)
            if row is not None:
                rows.append(row)
    return rows


def _parsed(line: bytes) -> Row | None:
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    try:
        if not line.endswith(b"\n") or int(checksum, 16) != zlib.crc32(body):
            return None
        row = msgspec.json.decode(body, type=Row)
    except (ValueError, msgspec.DecodeError):
        return None
    return row if len(row.lines) <= MOST_LINES else None


def _count(file: Path) -> int:
    try:
        with file.open("rb") as lines:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(65_536), b""))
    except FileNotFoundError:
        return 0


def _ends(file: Path) -> bool:
    """Whether its last line was written to its end."""
    with file.open("rb") as content:
        content.seek(-1, os.SEEK_END)
        return content.read(1) == b"\n"
