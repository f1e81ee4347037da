"""An ensemble for one part of the benchmark."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.integration.ensemble import RunningEnsemble


@contextlib.contextmanager
def servers(size: int, heap: int = 512) -> Iterator[RunningEnsemble]:
    """So many servers, each with ``heap`` MB for its znodes; in the end they are gone, with all that they wrote."""
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        ensemble = RunningEnsemble(Path(folder), size, heap)
        try:
            ensemble.start()
            yield ensemble
        finally:
            ensemble.stop()
