"""The arrows of docs/architecture.md: imports go one way, and only rooms marked for it do I/O."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

IO_ROOMS = (
    "zkbridge.zookeeper", "zkbridge.mirror", "zkbridge.editing", "zkbridge.clients", "zkbridge.actions", "zkbridge.lab",
    "zkbridge.server", "zkbridge.shaping", "zkbridge.bridge", "zkbridge.history", "zkbridge.webhook",
    "zkbridge.alertbook", "zkbridge.outlets", "zkbridge.scenarios", "zkbridge.labside",
)  # fmt: skip
"""The rooms of zkbridge that may touch sockets, files, processes, clocks and threads."""

IO_MODULES = frozenset({
    "asyncio", "aiohttp", "circus", "fcntl", "http", "io", "kazoo", "multiprocessing", "os", "pathlib", "psutil",
    "queue", "select", "shutil", "signal", "socket", "ssl", "subprocess", "tempfile", "threading", "time",
    "urllib.request", "websockets", "zmq",
})  # fmt: skip

PERMITTED: dict[str, tuple[str, ...]] = {
    "zkbridge.protocol": ("zkbridge.protocol",),
    "zkbridge.znode": ("zkbridge.protocol",),
    "zkbridge.facts": ("zkbridge.protocol",),
    "zkbridge.records": ("zkbridge.protocol",),
    "zkbridge.quorums": (),
    "zkbridge.partition": ("zkbridge.quorums",),
    "zkbridge.workload": (),
    "zkbridge.stats": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.facts"),
    "zkbridge.tree": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.changes"),
    "zkbridge.changes": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.facts"),
    "zkbridge.walk": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.tree"),
    "zkbridge.batch": ("zkbridge.protocol", "zkbridge.walk", "zkbridge.znode", "zkbridge.facts", "zkbridge.tree"),
    "zkbridge.backlog": ("zkbridge.facts",),
    "zkbridge.reconcile": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.tree", "zkbridge.changes", "zkbridge.batch",
    ),
    "zkbridge.previews": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.scene", "zkbridge.topics"),
    "zkbridge.views": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.records", "zkbridge.stats", "zkbridge.tree",
        "zkbridge.changes", "zkbridge.views", "zkbridge.quorums", "zkbridge.partition", "zkbridge.workload",
    ),
    "zkbridge.scene": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.records", "zkbridge.tree",
        "zkbridge.changes", "zkbridge.views",
    ),
    "zkbridge.search": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.topics", "zkbridge.views.parameters", "zkbridge.search",
    ),
    "zkbridge.topics": ("zkbridge.protocol", "zkbridge.scene"),
    "zkbridge.veil": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.records", "zkbridge.tree",
        "zkbridge.changes",
    ),
    "zkbridge.sights": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.records", "zkbridge.tree",
        "zkbridge.changes", "zkbridge.veil", "zkbridge.scene", "zkbridge.previews",
        "zkbridge.search", "zkbridge.topics",
    ),
    "zkbridge.patrol": ("zkbridge.znode", "zkbridge.tree", "zkbridge.batch"),
    "zkbridge.reader": ("zkbridge.znode", "zkbridge.walk", "zkbridge.batch", "zkbridge.zookeeper"),
    "zkbridge.zookeeper": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.zookeeper"),
    "zkbridge.rewound": ("zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.tree"),
    "zkbridge.mirror": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.tree", "zkbridge.changes", "zkbridge.walk",
        "zkbridge.backlog", "zkbridge.batch", "zkbridge.patrol", "zkbridge.reader", "zkbridge.reconcile",
        "zkbridge.rewound", "zkbridge.zookeeper",
    ),
    "zkbridge.lab": (
        "zkbridge.protocol", "zkbridge.facts", "zkbridge.records", "zkbridge.znode", "zkbridge.workload",
        "zkbridge.lab",
    ),
    "zkbridge.editing": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.stats", "zkbridge.tree", "zkbridge.walk",
        "zkbridge.zookeeper", "zkbridge.veil", "zkbridge.workload",
    ),
    "zkbridge.editing.order": ("zkbridge.znode", "zkbridge.tree", "zkbridge.veil"),
    "zkbridge.clients": (
        "zkbridge.protocol", "zkbridge.facts", "zkbridge.records", "zkbridge.veil", "zkbridge.zookeeper",
        "zkbridge.editing", "zkbridge.clients", "zkbridge.views.agreed",
    ),
    "zkbridge.scenarios": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.facts", "zkbridge.records", "zkbridge.lab.variants",
        "zkbridge.editing.refused", "zkbridge.zookeeper", "zkbridge.scenarios",
    ),
    "zkbridge.editing.reconfiguring": (
        "zkbridge.protocol", "zkbridge.znode", "zkbridge.zookeeper", "zkbridge.editing", "zkbridge.views.seats",
        "zkbridge.views.reshaping",
    ),
    "zkbridge.shaping": (
        "zkbridge.protocol", "zkbridge.lab", "zkbridge.editing.refused", "zkbridge.views.seats",
        "zkbridge.views.reshaping",
    ),
    "zkbridge.actions": (
        "zkbridge.protocol", "zkbridge.records", "zkbridge.lab", "zkbridge.scene", "zkbridge.facts",
        "zkbridge.editing.refused", "zkbridge.asked", "zkbridge.quorums", "zkbridge.partition",
    ),
    "zkbridge.asked": ("zkbridge.editing.refused",),
    "zkbridge.server": ("zkbridge.protocol", "zkbridge.topics", "zkbridge.actions", "zkbridge.server"),
    "zkbridge.history": ("zkbridge.protocol", "zkbridge.views.rings"),
    "zkbridge.webhook": ("zkbridge.protocol",),
    "zkbridge.alertbook": ("zkbridge.protocol",),
    "zkbridge.outlets": (
        "zkbridge.protocol", "zkbridge.views", "zkbridge.sights", "zkbridge.history", "zkbridge.webhook",
        "zkbridge.alertbook",
    ),
    "zkbridge.labside": (
        "zkbridge.protocol", "zkbridge.facts", "zkbridge.records", "zkbridge.lab", "zkbridge.zookeeper.hosts",
    ),
    "zkbridge.callbook": (
        "zkbridge.protocol", "zkbridge.facts", "zkbridge.records", "zkbridge.tree", "zkbridge.veil", "zkbridge.sights",
        "zkbridge.views.attendance", "zkbridge.clients", "zkbridge.editing", "zkbridge.zookeeper",
    ),
    "zkbridge.bridge": ("zkbridge",),
    "dashboard": ("zkbridge.protocol", "dashboard"),
    "dashboard.management": ("zkbridge", "dashboard"),
}  # fmt: skip
"""Room → what it may import of ours. The longest prefix that fits decides."""

MAX_LINES = 350


def modules() -> Iterator[tuple[str, Path]]:
    for top in ("zkbridge", "dashboard"):
        for file in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), file


@functools.cache
def imports_of(file: Path) -> set[str]:
    """Every module that a file names in an import, at any depth of the code; `from a import b` gives a and a.b."""
    found: set[str] = set()
    for statement in ast.walk(ast.parse(file.read_text())):
        if isinstance(statement, ast.Import):
            found.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{file}: relative import"
            found.add(statement.module or "")
            found.update(f"{statement.module}.{alias.name}" for alias in statement.names)
    return found


def room_of(module: str) -> str:
    fitting = [room for room in PERMITTED if within(module, room)]
    return max(fitting, key=len, default="")


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


MODULES = dict(modules())
PACKAGES = {name for name in MODULES if any(other.startswith(name + ".") for other in MODULES)}


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ("zkbridge", "dashboard")])
def test_imports_follow_the_arrows(module: str) -> None:
    room = room_of(module)
    assert room, f"{module} is in no room of docs/architecture.md: add it there and to PERMITTED"
    for imported in imports_of(MODULES[module]):
        if imported not in MODULES or imported in PACKAGES and any(
            other.startswith(imported + ".") for other in imports_of(MODULES[module])
        ):
            continue
        permitted = (*PERMITTED[room], room)
        assert any(within(imported, allowed) for allowed in permitted), f"{module} imports {imported}"


@pytest.mark.parametrize("module", [name for name in MODULES if within(name, "zkbridge")])
def test_only_marked_rooms_do_io(module: str) -> None:
    if any(within(module, room) for room in IO_ROOMS):
        return
    for imported in imports_of(MODULES[module]):
        for forbidden in IO_MODULES:
            assert not within(imported, forbidden), f"{module} imports {imported}, but its room does no I/O"


@pytest.mark.parametrize("module", [name for name in MODULES if within(name, "zkbridge")])
def test_the_bridge_knows_nothing_of_django(module: str) -> None:
    for imported in imports_of(MODULES[module]):
        for forbidden in ("django", "channels", "daphne", "dashboard", "ninja"):
            assert not within(imported, forbidden), f"{module} imports {imported}"


@pytest.mark.parametrize("module", list(MODULES))
def test_one_noun_a_file(module: str) -> None:
    lines = len(MODULES[module].read_text().splitlines())
    assert lines <= MAX_LINES, f"{module} has {lines} lines: split it by noun"


@pytest.mark.parametrize("ending", ["*.ts", "*.css"])
def test_one_noun_a_file_of_the_page(ending: str) -> None:
    sources = [file for file in (ROOT / "static/src").rglob(ending) if not file.name.endswith(".d.ts")]
    assert sources
    for file in sources:
        lines = len(file.read_text().splitlines())
        assert lines <= MAX_LINES, f"{file.relative_to(ROOT)} has {lines} lines: split it by noun"


def test_the_arrows_can_fail(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("def f():\n    from kazoo.client import KazooClient\n    import dashboard.live.hub\n")
    assert {"kazoo.client", "dashboard.live.hub"} <= imports_of(file)
