from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from dashboard.live.hub import Hub
from tests.live.support import FakeBridge


@pytest.fixture
def socket_path() -> Iterator[Path]:
    """Short enough for a Unix socket, in a directory of mode 0700."""
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        yield Path(folder) / "bridge.sock"


@pytest_asyncio.fixture
async def bridge(socket_path: Path) -> AsyncIterator[FakeBridge]:
    fake = FakeBridge(socket_path)
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture
async def hub(socket_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(socket_path, "here")
    hub.start()
    yield hub
    await hub.stop()
