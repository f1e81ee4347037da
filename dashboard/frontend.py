"""Where vite put the front end: reads its manifest. Pure, but for `load`."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Assets:
    """What a page loads for one entry: file names below the static address, in order, each once."""

    script: str = ""
    styles: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()


class NotBuilt(Exception):
    """The front end, or this entry of it, has not been built."""


def assets(manifest: dict[str, Any], entry: str) -> Assets:
    """Follow the static imports of ``entry``; raise `NotBuilt` when the manifest does not have it."""
    styles: list[str] = []
    preloads: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        if name not in manifest:
            raise NotBuilt(f"The build has no {name}.")
        chunk = manifest[name]
        for needed in chunk.get("imports", []):
            visit(needed)
        if name != entry:
            preloads.append(chunk["file"])
        styles.extend(style for style in chunk.get("css", []) if style not in styles)

    visit(entry)
    file = manifest[entry]["file"]
    if file.endswith(".css"):
        return Assets("", (*styles, file), tuple(preloads))
    return Assets(file, tuple(styles), tuple(preloads))


def load(dist: Path, entry: str) -> Assets:
    """The assets of ``entry`` as the build in ``dist`` has them now; raise `NotBuilt` without one."""
    path = dist / "manifest.json"
    try:
        return _load(path, path.stat().st_mtime_ns, entry)
    except FileNotFoundError:
        raise NotBuilt("The front end has not been built.") from None


@lru_cache(maxsize=8)
def _load(path: Path, changed: int, entry: str) -> Assets:
    try:
        return assets(json.loads(path.read_text("utf-8")), entry)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotBuilt(f"{path.name} of the build cannot be read: {error}") from error
