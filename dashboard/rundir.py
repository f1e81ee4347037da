"""The directory that the web process keeps its things in. Only commands write it; see `settings.RUN`."""

import os
import secrets
from pathlib import Path


def prepare(run: Path, secret_key_file: Path) -> None:
    """Make the directory, for its owner only, and a secret key in it, unless they are there."""
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret_key_file.exists():
        _write_once(secret_key_file, secrets.token_urlsafe(48) + "\n")


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
