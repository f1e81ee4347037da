"""Run directories: each supervisor has one of its own, and holds a lock on it for as long as it lives.

    .run/<name>/  lock  processes  lab.json  records.jsonl  logs/  server-N/  web/  *.sock
    .run/kept-<port>/  held  web/  alerts/

The lock, a file that holds its owner's pid, goes with its process, however that ends. A directory whose lock nobody
holds was left behind: `sweep` ends the processes that its registry names, and removes it.

What the web process of a cluster that exists keeps (people, tokens, the audit log) outlives its run, in a directory of
the port: whoever starts anew has the same address, and finds the same people.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from zkbridge.lab.registry import Registry, Started, end

LONGEST_SOCKET = 100
"""Bytes of a Unix socket's path: the system's limit is 104 to 108."""

HELD = "held"
"""The file of a kept directory that its run has a lock on."""

ELSEWHERE = "Set ZOOSCOPE_HOME to another folder."

KEPT_LOGS = 5
"""Folders of logs of failed runs that are kept."""


class BadHome(Exception):
    """Raised when run directories cannot be made there; the text says where and why."""


class RunDirectory:
    """Made by `create`. ``sockets`` is a folder whose name is short enough for Unix sockets."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._held: int | None = None
        self.registry = Registry(path / "processes")
        self.logs = path / "logs"
        self.web = path / "web"
        self.sockets = path
        self.logs.mkdir(mode=0o700)
        self.web.mkdir(mode=0o700)
        if len(os.fsencode(path / "supervisor.sock")) > LONGEST_SOCKET:
            self.sockets = Path(tempfile.mkdtemp(prefix="zooscope-"))
            (path / "sockets").write_text(str(self.sockets))

    def keep_web(self, port: int) -> None:
        """Let the web process keep its things where the next run at ``port`` finds them. `BadHome` where another run
        holds them: one at the same port of another address of this machine."""
        kept = self.path.parent / f"kept-{port}"
        try:
            kept.mkdir(mode=0o700, exist_ok=True)
            held = os.open(kept / HELD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (kept / "web").mkdir(mode=0o700, exist_ok=True)
        except BlockingIOError:
            text = f"Another dashboard that runs keeps its people in {kept}. Set PORT, or ZOOSCOPE_HOME, to another."
            raise BadHome(text) from None
        except OSError as error:
            raise BadHome(f"People cannot be kept in {kept}: {error.strerror}. {ELSEWHERE}") from None
        self.web.rmdir()
        self.web, self._held = kept / "web", held

    def remove(self, keep_logs: bool = False) -> None:
        """Delete everything but what is kept; with ``keep_logs`` the folder of logs neither. Its processes must have
        ended."""
        _delete(self.path, keep_logs)
        for file in (self._lock, self._held):
            if file is not None:
                os.close(file)


def create(home: Path, kind: str) -> tuple[RunDirectory, list[Started]]:
    """A new run directory under ``home``, whose name begins with ``kind``; before it, whatever dead supervisors left
    is ended and removed. Also the processes that were ended. `BadHome` when that cannot be."""
    home = home.absolute()
    if not str(home).isprintable():
        raise BadHome(f"Runs cannot be kept in {str(home)!r}: its name has characters that cannot be printed.")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _create(home, kind)
    except OSError as error:
        text = f"Runs cannot be kept in {home}: {error.strerror}. {ELSEWHERE}"
        raise BadHome(text) from None


def _create(home: Path, kind: str) -> tuple[RunDirectory, list[Started]]:
    with _locked(home / ".lock"):
        ended = sweep(home)
        path = home / f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        path.mkdir(mode=0o700)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(lock, b"%d\n" % os.getpid())
    return RunDirectory(path, lock), ended


def sweep(home: Path) -> list[Started]:
    """Clean up after supervisors that were killed, and say which processes were ended. Living ones hold their lock and
    are passed over. To be called by `create` alone, except where nobody else creates."""
    ended: list[Started] = []
    failed = []
    for path in sorted(home.iterdir()):
        if not (path / "lock").exists():
            if (path / "logs").is_dir():
                failed.append(path)
            continue
        with contextlib.suppress(BlockingIOError, PermissionError):
            lock = os.open(path / "lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                registry = Registry(path / "processes")
                ended += end(registry.alive())
                _wait_until_gone(registry)
                _delete(path, keep_logs=False)
            finally:
                os.close(lock)
    for path in failed[:-KEPT_LOGS]:
        _delete(path, keep_logs=False)
    return ended


def running(home: Path) -> list[Path]:
    """Run directories of supervisors that live, the latest last."""
    return [lock.parent for lock in sorted(home.glob("*/lock")) if _is_locked(lock)]


def webs(home: Path) -> list[Path]:
    """The directories of web processes: those of runs that live, or where none does, what others left or kept."""
    found = sorted(path.parent for path in home.glob("*/web/secret-key"))
    alive = [web for web in found if _is_locked(web.parent / "lock") or _is_locked(web.parent / HELD)]
    return alive or found


def _is_locked(path: Path) -> bool:
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
    return False


def sockets(path: Path) -> Path:
    """Where the Unix sockets of the run at ``path`` are."""
    with contextlib.suppress(OSError):
        return Path((path / "sockets").read_text())
    return path


def _wait_until_gone(registry: Registry) -> None:
    deadline = time.monotonic() + 5
    while registry.alive() and time.monotonic() < deadline:
        time.sleep(0.02)


def _delete(path: Path, keep_logs: bool) -> None:
    with contextlib.suppress(OSError):
        sockets = Path((path / "sockets").read_text())
        if sockets.name.startswith("zooscope-"):
            shutil.rmtree(sockets, ignore_errors=True)
    for entry in path.iterdir():
        if entry.name == "logs" and keep_logs:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    if not keep_logs:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold ``path`` for the time of the block: two starts at once must not sweep each other's new directory."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
