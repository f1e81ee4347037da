"""A PostgreSQL of the tests' own. ``python -m tests.postgres tests/web`` runs tests on it; it is ended in the end.

It lies in a temporary folder, listens on a Unix socket in it, and runs as an unprivileged user, as it must.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))
MISSING = "PostgreSQL is not installed; on Debian: apt-get install postgresql"


def binaries() -> Path | None:
    """The folder of initdb and postgres: the newest of Debian's, or that of the path."""
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if debian:
        return max(debian, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found and shutil.which("postgres") else None


def _somebody() -> str | None:
    """Whom it runs as where we are root, whom it refuses to serve."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@contextlib.contextmanager
def running() -> Iterator[dict[str, str]]:
    """Variables of the environment that name a database that runs, with its password in a file."""
    found = binaries()
    assert found is not None, MISSING
    folder = Path(tempfile.mkdtemp(prefix="zspg"))
    user = _somebody()
    password, data = folder / "password", folder / "data"
    server: subprocess.Popen[bytes] | None = None
    try:
        password.write_text(secrets.token_urlsafe(18) + "\n")
        password.chmod(0o600)
        if user is not None:
            for path in (folder, password):
                shutil.chown(path, user)
        options = ["-D", str(data), "-U", "zooscope", "-A", "scram-sha-256", "--pwfile", str(password), "--no-sync",
                   "-E", "UTF8", "--locale=C"]  # fmt: skip
        subprocess.run([found / "initdb", *options], check=True, capture_output=True, user=user, cwd=folder)
        settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "full_page_writes=off",
                    "synchronous_commit=off")  # fmt: skip
        command = [str(found / "postgres"), "-D", str(data), *(part for one in settings for part in ("-c", one))]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command, user=user, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        _wait(folder / ".s.PGSQL.5432", server, folder / "log")
        yield {
            "DATABASE_URL": f"postgres://zooscope@/postgres?host={folder}",
            "ZOOSCOPE_DATABASE_PASSWORD_FILE": str(password),
        }
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(10 * SCALE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(socket: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20 * SCALE
    while b"ready to accept connections" not in log.read_bytes():
        assert server.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.05)
    assert socket.exists()


def main(arguments: list[str]) -> int:
    if binaries() is None:
        print(MISSING, file=sys.stderr)
        return 2
    with running() as environment:
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], env=os.environ | environment)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
