"""Plug-ins as other people install them: a distribution with entry points, in a directory on the path."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dashboard.decoding.decoders import Decoders

Installs = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installs:
    """``install(code, name="object", ...)`` installs a distribution with this module and these entry points."""

    def install(code: str, **points: str) -> None:
        module = f"their_decoders_{len(list(tmp_path.iterdir()))}"
        (tmp_path / f"{module}.py").write_text(code)
        told = tmp_path / f"{module}-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        lines = [f"{name} = {module}:{what}" for name, what in points.items()]
        (told / "entry_points.txt").write_text("\n".join(["[zooscope.decoders]", *lines, ""]))
        monkeypatch.setattr(sys, "path", [str(tmp_path), *[path for path in sys.path if path != str(tmp_path)]])

    return install


@pytest.fixture
async def decoders() -> AsyncIterator[Decoders]:
    decoders = Decoders()
    yield decoders
    await decoders.stop()
