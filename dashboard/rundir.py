"""The directory that the web process keeps its things in. Only commands write it; see `settings.RUN`."""

import os
import secrets
from pathlib import Path


def prepare(run: Path, secret_key_file: Path) -> None:
    """Make the directory, for its owner only, and a secret key in it, unless they are there."""
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret_key_file.exists():
        _write_once(secret_key_file, secrets.token_urlsafe(48) + "\n")


def home(base_dir: Path) -> Path:
    """Where the supervisor of ``make demo`` keeps the directories of its runs."""
    return Path(os.environ.get("ZOOSCOPE_HOME") or base_dir / ".run").absolute()


def remember_origin(run: Path, origin: str) -> None:
    """Keep the origin that links begin with, for when someone asks for new ones."""
    (run / "origin").write_text(origin)


def origin(run: Path) -> str:
    """The origin that links of this run began with, '' when there have been none."""
    try:
        return (run / "origin").read_text()
    except FileNotFoundError:
        return ""


def _write_once(path: Path, text: str) -> None:
    """Two commands that start together end with one and the same file, never with half of one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w") as file:
            file.write(text)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
