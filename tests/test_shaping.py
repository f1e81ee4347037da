"""Servers of a lab that join, leave and begin anew: in which order, and what is undone where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from zkbridge import shaping
from zkbridge.editing.refused import Refused
from zkbridge.lab.client import LabError
from zkbridge.protocol.base import Problem
from zkbridge.protocol.ensemble import Ensemble, Quorum
from zkbridge.protocol.reconfiguring import Preview, Reconfigure, Reconfigured, Seat
from zkbridge.shaping import Shaping
from zkbridge.views.reshaping import Heard
from zkbridge.views.seats import Configuration, read

THREE = "".join(f"server.{n}=127.0.0.1:{3000 + n}:{4000 + n}:participant;127.0.0.1:{2000 + n}\n" for n in (1, 2, 3))
QUORUM = Quorum(3, 2, 3, 1, True, "")


class World:
    """Members, lab and records in one, which keeps the order of what was done in ``done``."""

    def __init__(self, config: str = THREE) -> None:
        self.config = config
        self.done: list[str] = []
        self.heard = [Heard(reason="connection refused"), Heard("follower")]
        self.processes: dict[str, str] = {}
        self.refuses: Problem | None = None
        self.breaks: Problem | None = None
        """How the lab's next removal ends."""
        self.cut_off = 0
        """How often the bridge turns out to have no connection."""
        self.shaping = Shaping(self, self, self.ensemble, lambda who, step: self.done.append(f"{who} {step}"))

    def ensemble(self) -> Ensemble:
        return Ensemble({}, QUORUM, processes=self.processes)  # type: ignore[arg-type]

    async def configuration(self) -> Configuration:
        if self.cut_off:
            self.cut_off -= 1
            raise Refused("not-live", "The bridge has no live connection.")
        return read(self.config + "version=5\n")

    async def preview(self, wanted: Reconfigure) -> Preview:
        return Preview("0x5", [], [], QUORUM, QUORUM, "", {}, refused=self.refuses)

    async def reconfig(self, wanted: Reconfigure) -> Reconfigured:
        await asyncio.sleep(0)
        self.done.append("reconfig " + " ".join([*(seat.id for seat in wanted.add), *wanted.remove]))
        if self.refuses is not None:
            raise Refused(self.refuses.code, self.refuses.text)
        return Reconfigured("0x6", [], "4 servers")

    async def hear(self, seat: Seat) -> Heard:
        return self.heard.pop(0) if len(self.heard) > 1 else self.heard[0]

    async def add_server(self, role: str, members: Sequence[str]) -> tuple[str, str]:
        self.done.append(f"start {role} of {len(members)}")
        return "server-4", "server.4=127.0.0.1:3004:4004:participant;127.0.0.1:2004"

    async def remove_server(self, id: str) -> None:
        self.done.append(f"end {id}")
        if self.breaks is not None:
            raise LabError(self.breaks)

    async def wipe_server(self, id: str) -> None:
        self.done.append(f"wipe {id}")

    def ask(self) -> None:
        self.done.append("asked")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shaping, "STARTING", 0.05)
    monkeypatch.setattr(shaping, "PAUSE", 0.001)


async def refused(doing: Callable[[], object]) -> Problem:
    with pytest.raises(Refused) as error:
        await doing()  # type: ignore[misc]
    return error.value.problem


async def test_one_is_started_follows_and_joins() -> None:
    world = World()
    answer = await world.shaping.add("participant", world.ask)
    assert answer == {"id": "4", "version": "0x6", "words": "4 servers"}
    assert world.done == [
        "asked", "start participant of 3", "server-4 started", "server-4 caught-up", "reconfig 4", "server-4 joined",
    ]  # fmt: skip


async def test_a_connection_that_comes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.cut_off = 3
    assert (await world.shaping.remove("3", world.ask))["version"] == "0x6"
    monkeypatch.setattr(shaping, "COMING_BACK", 0.01)
    world.cut_off, world.done = 1_000, []
    assert (await refused(lambda: world.shaping.remove("3", world.ask))).code == "not-live" and world.done == []


@pytest.mark.parametrize("state", ["", "exited"])
async def test_one_that_does_not_follow_is_undone(state: str) -> None:
    world = World()
    world.heard, world.processes = [Heard(reason="connection refused at its client port 2004")], {"4": state}
    problem = await refused(lambda: world.shaping.add("participant", world.ask))
    assert problem.code == "failed" and "its process was ended, and its files deleted" in problem.text
    assert ("ended by itself" if state else "connection refused") in problem.text
    assert "logs/server-4.log" in problem.hint
    assert world.done[-2:] == ["server-4 undone", "end server-4"] and "reconfig 4" not in world.done


async def test_one_that_the_ensemble_refuses_is_undone() -> None:
    world = World()
    world.refuses = Problem("acl-denied", "The bridge may not.")
    problem = await refused(lambda: world.shaping.add("observer", world.ask))
    assert problem.code == "acl-denied" and problem.text.startswith("The bridge may not. It was undone")
    assert world.done[-2:] == ["server-4 undone", "end server-4"]


async def test_what_is_unknown_is_left_as_it_is() -> None:
    world = World()
    world.refuses = Problem("unknown", "The connection was lost.")
    assert (await refused(lambda: world.shaping.add("participant", world.ask))).code == "unknown"
    assert world.done[-1] == "reconfig 4"


async def test_what_cannot_be_undone_is_said() -> None:
    world = World()
    world.refuses, world.breaks = Problem("not-now", "Another is under way."), Problem("unknown", "No answer.")
    problem = await refused(lambda: world.shaping.add("participant", world.ask))
    assert problem.text == "Another is under way. Its process may still run (No answer.)."


async def test_one_that_leaves_is_taken_out_before_it_ends() -> None:
    world = World()
    assert await world.shaping.remove("3", world.ask) == {"version": "0x6", "words": "4 servers"}
    assert world.done == ["asked", "reconfig 3", "server-3 left", "end server-3"]


async def test_a_removal_that_is_refused_touches_nothing() -> None:
    world = World()
    world.refuses = Problem("would-lose-quorum", "No.")
    assert (await refused(lambda: world.shaping.remove("3", world.ask))).code == "would-lose-quorum"
    assert world.done == []


async def test_one_that_left_and_may_still_run_is_unknown() -> None:
    world = World()
    world.breaks = Problem("failed", "It is stuck.")
    problem = await refused(lambda: world.shaping.remove("3", world.ask))
    assert problem.code == "unknown" and "no member any more" in problem.text and problem.hint == "Remove it once more."


async def test_one_that_is_no_member_is_only_ended() -> None:
    world = World()
    assert await world.shaping.remove("4", world.ask) == {}
    assert world.done == ["asked", "end server-4"]


@pytest.mark.parametrize("comes_back", [True, False])
async def test_one_is_wiped(comes_back: bool) -> None:
    world = World()
    world.heard = [Heard("follower")] if comes_back else [Heard(reason="connection refused")]
    assert await world.shaping.wipe("3", lambda: world.wipe_server("server-3")) == {"serves": comes_back}
    assert world.done[:2] == ["wipe server-3", "server-3 wiped"]


async def test_the_last_copy_of_the_data_is_not_wiped() -> None:
    world = World(THREE.splitlines()[0] + "\n")
    problem = await refused(lambda: world.shaping.wipe("1", lambda: world.wipe_server("server-1")))
    assert problem.code == "would-lose-quorum" and "all data would be lost" in problem.text and world.done == []
    assert (await refused(lambda: world.shaping.wipe("9", lambda: world.wipe_server("9")))).code == "no-such-server"


async def test_one_after_the_other() -> None:
    world = World()
    world.heard = [Heard("follower")]
    await asyncio.gather(world.shaping.add("participant", world.ask), world.shaping.remove("3", world.ask))
    assert world.done.index("server-4 joined") < world.done.index("reconfig 3")
