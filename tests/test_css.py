"""Style sheets hold no rule for what no page draws."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in ("static/src", "static/gallery", "templates")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".ts", ".html")
]
COMPOSED = ("is-", "on-")
"""Beginnings of classes that are put together from a state: `is-${state}`."""
OTHERS = ("u-", "cm-")
"""Of uPlot and CodeMirror."""


def classes(sheet: str) -> set[str]:
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{", bare)
    return {name for selector in selectors for name in re.findall(r"\.([A-Za-z][\w-]*)", selector)}


def test_each_class_is_drawn_somewhere() -> None:
    drawn = set(re.findall(r"[A-Za-z][\w-]*", "\n".join(path.read_text() for path in SOURCES)))
    unknown = {
        f"{sheet.relative_to(ROOT)}: .{name}"
        for sheet in (ROOT / "static/src").rglob("*.css")
        for name in classes(sheet.read_text())
        if name not in drawn and not name.startswith(COMPOSED + OTHERS)
    }
    assert not unknown, sorted(unknown)
