"""What a page loads, from vite's manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.frontend import Assets, NotBuilt, assets, load

MANIFEST = {
    "src/main.ts": {"file": "assets/main-a.js", "css": ["assets/main-b.css"], "imports": ["_shared.js", "_base.js"]},
    "_shared.js": {"file": "assets/shared-c.js", "css": ["assets/shared-d.css"], "imports": ["_base.js"]},
    "_base.js": {"file": "assets/base-e.js", "imports": ["_shared.js"]},
    "src/style/door.css": {"file": "assets/door-f.css"},
}


def test_a_script_brings_what_it_imports_each_once() -> None:
    assert assets(MANIFEST, "src/main.ts") == Assets(
        script="assets/main-a.js",
        styles=("assets/shared-d.css", "assets/main-b.css"),
        preloads=("assets/base-e.js", "assets/shared-c.js"),
    )


def test_a_style_sheet_can_be_an_entry() -> None:
    assert assets(MANIFEST, "src/style/door.css") == Assets(styles=("assets/door-f.css",))


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"src/main.ts": 3}', '{"src/main.ts": {}}'])
def test_a_build_that_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(NotBuilt):
        load(tmp_path, "src/main.ts")
