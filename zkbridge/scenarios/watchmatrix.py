"""Which watch hears of what: exists, getData and getChildren against create, set and delete. Measured."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from zkbridge.facts import Event
from zkbridge.protocol.base import Path
from zkbridge.scenarios.putback import ROOT
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count
from zkbridge.scenarios.watcher import Kind, Watcher, Watching, version_of, watcher
from zkbridge.scenarios.world import World

KINDS: tuple[Kind, ...] = ("exists", "getData", "getChildren")
NONE, IMPOSSIBLE = "–", "no watch"
WORDS = {"created": "created", "deleted": "deleted", "data": "changed", "children": "children"}

CHANGES: tuple[str, ...] = ("create", "set", "create child", "set child", "delete child", "delete")

EXPECTED: dict[Kind, tuple[str, ...]] = {
    "exists": ("created", "changed", NONE, NONE, NONE, "deleted"),
    "getData": (IMPOSSIBLE, "changed", NONE, NONE, NONE, "deleted"),
    "getChildren": (IMPOSSIBLE, NONE, "children", NONE, "children", "deleted"),
}
"""As ZooKeeper's documentation has it, by the change."""

PAIRS = 50
"""Pairs of fast sets."""


async def play(script: Script) -> None:
    world = script.world
    async with watcher(world) as client:
        await world.create(ROOT)
        found = await _matrix(script, client)
        wrong = [
            f"{kind} and {change}: {cell}" for kind in KINDS
            for change, cell, so in zip(CHANGES, found[kind], EXPECTED[kind], strict=True) if cell != so
        ]  # fmt: skip
        cells = len(KINDS) * len(CHANGES)
        script.fact("Watches that heard what the documentation says", f"{cells} of {cells}",
                    f"{cells - len(wrong)} of {cells}{': ' if wrong else ''}{'; '.join(wrong)}", not wrong)  # fmt: skip
        await _once(script, client)
        await _again(script, client)


async def _matrix(script: Script, client: Watcher) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for kind in KINDS:
        async with script.step(f"Watch with {kind}, and make each change once") as told:
            found[kind] = [await _cell(script.world, client, kind, change) for change in CHANGES]
            told.words = ", ".join(f"{change}: {cell}" for change, cell in zip(CHANGES, found[kind], strict=True)) + "."
    rows = [[kind, *found[kind]] for kind in KINDS]
    script.table("What a watch hears, of each change of the znode that it is on", ["", *CHANGES], rows)
    return found


async def _cell(world: World, client: Watcher, kind: Kind, change: str) -> str:
    """What the client hears of one change, on a znode of its own."""
    path = f"{ROOT}/{kind}-{change.replace(' ', '-')}"
    if change != "create":
        await world.create(path)
    if change in ("set child", "delete child"):
        await world.create(f"{path}/child")
    await client.catch_up(path)
    client.heard.clear()
    if not await client.watch(kind, path):
        return IMPOSSIBLE
    await _changes(world, path)[change]()
    await client.catch_up(path)
    return " and ".join(WORDS[event.kind] for event in client.heard) or NONE


def _changes(world: World, path: Path) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "create": lambda: world.create(path),
        "set": lambda: world.set(path, b"x"),
        "create child": lambda: world.create(f"{path}/child"),
        "set child": lambda: world.set(f"{path}/child", b"x"),
        "delete child": lambda: world.delete(f"{path}/child"),
        "delete": lambda: world.delete(path),
    }


async def _once(script: Script, client: Watcher) -> None:
    """A watch fires once, however much happens."""
    path = f"{ROOT}/once"
    async with script.step("Set a watch once, and write twice") as told:
        await script.world.create(path)
        await client.catch_up(path)
        client.heard.clear()
        await client.watch("getData", path)
        for data in (b"1", b"2"):
            await script.world.set(path, data)
        await client.catch_up(path)
        told.words = f"{count(len(client.heard), 'event')}."
    script.fact("Events of two sets, the watch set once", 1, len(client.heard))


async def _again(script: Script, client: Watcher) -> None:
    """A client that sets its watch again at each event hears of two fast sets once or twice, and always of the last."""
    world, path = script.world, f"{ROOT}/again"
    events: list[int] = []
    missed = 0
    async with script.step(f"Set the watch again at each event, and write twice at once, {PAIRS} times") as told:
        await world.create(path)
        await client.catch_up(path)
        seen = 0

        def read(value: bytes | None, error: int) -> None:
            nonlocal seen
            if value is not None and not error:
                seen = version_of(value)

        def again(_: Event) -> None:
            client.session.send(Watching("getData", client.session.hosts.absolute(path)), read)

        client.on_event = again
        await client.watch("getData", path)
        for pair in range(1, PAIRS + 1):
            client.heard.clear()
            await asyncio.gather(world.set(path, b"a"), world.set(path, b"b"))
            # Twice, for what the first shows may be answered by another read.
            await client.catch_up(path)
            await client.catch_up(path)
            events.append(len(client.heard))
            missed += seen != 2 * pair
        client.on_event = Watcher.quiet
        told.words = f"{events.count(1)} times one event, {events.count(2)} times two."
    counted = [[number, events.count(number)] for number in sorted({1, 2, *events})]
    script.table("Events of two fast sets", ["events", "times"], counted)
    script.fact("Events of each pair", "1 or 2", " or ".join(map(str, sorted(set(events)))), set(events) <= {1, 2})
    script.fact("Pairs whose last value was not read", 0, missed)


SCENARIO = Scenario(
    "watch-matrix", "Which watch hears of what",
    "exists, getData and getChildren hear of different changes, each only once. Of two writes in quick succession a "
    "client may hear once, but then it reads the last value.",
    play,
)  # fmt: skip
