"""Plays scenarios, one at a time, and tells how they go. Whatever becomes of a run, everything is put back after it."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from zkbridge.editing.refused import Refused
from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.frames import Call
from zkbridge.protocol.scenarios import Begun, Cancel, Ended, Play, PlayState, Run, Scenarios
from zkbridge.protocol.scenarios import Scenario as Known
from zkbridge.records import Record
from zkbridge.scenarios.putback import Before, broken, put_back
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count
from zkbridge.scenarios.world import NotSo, Surroundings, World

LOOKS = 1_000.0
"""ms between two looks at what can be played."""

MOST_PAST = 20
MOST_RECORDS = 20_000

logger = logging.getLogger(__name__)


class Engine:
    """``tell`` takes the topic's value whenever it differs. ``veiled``: whether something is hidden from some people.

    `on_record` and `tick` are to be called as records come and time passes.
    """

    def __init__(
        self, scenarios: Sequence[Scenario], around: Surroundings, tell: Callable[[Scenarios], None],
        *, lab: bool, veiled: bool = False,
    ) -> None:  # fmt: skip
        self._scenarios = {scenario.name: scenario for scenario in scenarios} if lab else {}
        self._around, self._told, self._veiled, self._lab = around, tell, veiled, lab
        self._past: deque[Ended] = deque(maxlen=MOST_PAST)
        self._play: Play | None = None
        self._world: World | None = None
        self._task: asyncio.Task[None] | None = None
        self._value = Scenarios({}, [])
        self._known: dict[str, Known] = {}
        self._looked: Ms = 0
        self.calls: dict[str, Callable[[Call], Awaitable[Message]]] = {
            "scenario.run": self.run, "scenario.cancel": self.cancel,
        }  # fmt: skip

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def on_record(self, record: Record) -> None:
        if self._world is not None:
            self._world.records.append(record)
            del self._world.records[:-MOST_RECORDS]

    def tick(self) -> None:
        """Time passes: what can be played now may differ."""
        now = self._around.clock()
        if self._lab and not 0 <= now - self._looked < LOOKS:
            self._looked = now
            standing = self._standing()
            self._known = {
                name: Known(name, one.title, one.shows, one.needs, self._hindered(one, standing))
                for name, one in self._scenarios.items()
            }
            self._refresh()

    def _refresh(self) -> None:
        """Tell what differs from what was told."""
        value = Scenarios(self._known, list(self._known), self._play, list(self._past))
        if value != self._value:
            self._value = value
            self._told(value)

    async def close(self) -> None:
        """End the run that is under way; there is no time to put everything back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # ── calls ───────────────────────────────────────────────────────────────

    async def run(self, call: Call) -> Begun:
        asked = _read(call, Run)
        if not self._lab:
            raise Refused("no-lab", "This cluster was not started by a lab, so no scenario can be played on it.",
                          "'manage.py scenario' starts a lab of its own.")  # fmt: skip
        scenario = self._scenarios.get(asked.name)
        if scenario is None:
            known = ", ".join(self._scenarios)
            raise Refused("bad-request", f"There is no scenario {asked.name[:60]!r}.", f"There are: {known}.")
        if self._veiled and not call.unveiled:
            raise Refused("not-permitted", "Scenarios show all of the tree, and some of it is hidden from you.",
                          "Ask somebody who may see it.")  # fmt: skip
        if self.running:
            assert self._play is not None
            words = f"The scenario '{self._play.title}' is running."
            raise Refused("not-now", words, "Wait for its end, or cancel it.")
        hindered = self._hindered(scenario, self._standing())
        if hindered:
            raise Refused("not-now", f"'{scenario.title}' cannot be played now. {hindered}")
        by = call.by or "somebody"
        world = World(self._around, f"scenario {scenario.name}, for {by}")
        play = Play(uuid.uuid4().hex[:12], scenario.name, scenario.title, "running", by, world.now)
        self._world, self._play = world, play
        self._task = asyncio.create_task(self._perform(scenario, world, play))
        self._refresh()
        return Begun(play.run)

    async def cancel(self, call: Call) -> Begun:
        asked = _read(call, Cancel)
        if not self.running or self._task is None or self._play is None:
            raise Refused("not-now", "No scenario is running.")
        if asked.name not in ("", self._play.name):
            raise Refused("not-now", f"It is the scenario '{self._play.title}' that is running.")
        if self._play.state == "running":
            self._task.cancel()
        return Begun(self._play.run)

    # ── a run ───────────────────────────────────────────────────────────────

    async def _perform(self, scenario: Scenario, world: World, play: Play) -> None:
        script = Script(world, play, self._keep)
        before = Before.note(world)
        state, words = await self._played(scenario, script)
        script.end(state="putting-back")
        # A task of its own, so that whoever ends this one does not stop it half-way.
        back = asyncio.create_task(self._back(script, before))
        try:
            troubles = await asyncio.shield(back)
        except asyncio.CancelledError:
            back.cancel()
            raise
        if troubles:
            state = "failed" if state == "passed" else state
            words = " ".join([words, "Not everything could be put back:", *troubles])
        script.end(state=state, words=words, ended=world.now)
        done = script.play
        assert done.ended is not None and done.state in ("passed", "failed", "cancelled")
        self._past.appendleft(
            Ended(done.run, done.name, done.title, done.state, done.by, done.began, done.ended, done.words)
        )
        self._world = None
        self._refresh()

    async def _played(self, scenario: Scenario, script: Script) -> tuple[PlayState, str]:
        try:
            await scenario.play(script)
        except asyncio.CancelledError:
            return "cancelled", "It was cancelled."
        except NotSo as error:
            return "failed", str(error)
        except Exception as error:
            logger.exception("scenario %s broke", scenario.name)
            return "failed", f"The scenario itself broke ({type(error).__name__}); the bridge's log has the details."
        wrong = [fact for fact in script.play.facts if not fact.holds]
        if wrong:
            first = wrong[0]
            more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            return "failed", f"Not as expected: {first.words}: {first.found} instead of {first.expected}{more}."
        if not script.play.facts:
            return "failed", "It checked nothing."
        return "passed", f"{count(len(script.play.facts), 'fact')} checked, all as expected."

    async def _back(self, script: Script, before: Before) -> list[str]:
        async with script.step("Put everything back as it was") as told:
            try:
                troubles = await put_back(script.world, before)
            except Exception as error:
                logger.exception("a scenario could not be undone")
                troubles = [f"{type(error).__name__} on the way; the bridge's log has the details."]
            told.words = "Not all of it could be." if troubles else "Servers, nodes and tree are as before."
        return troubles

    def _keep(self, play: Play) -> None:
        self._play = play
        self._refresh()

    def _standing(self) -> _Standing:
        world = World(self._around, "")
        return _Standing(
            len(world.ensemble().servers), len(world.nodes("alive")), world.status().state == "live", broken(world)
        )

    def _hindered(self, scenario: Scenario, standing: _Standing) -> str:
        """Why it cannot be played now, in words."""
        if not standing.servers:
            return "Nothing is known of the servers yet."
        if scenario.sizes and standing.servers not in scenario.sizes:
            return (
                f"It needs {scenario.needs}, and this lab has {count(standing.servers, 'server')}. "
                f"'manage.py scenario {scenario.name}' starts a lab of its own."
            )
        if self.running:
            return ""
        if not standing.live:
            return "The bridge has no live connection to the ensemble."
        if standing.nodes < scenario.nodes:
            has = f"{count(standing.nodes, 'node')} {'is' if standing.nodes == 1 else 'are'} alive"
            return f"It needs {scenario.needs}, and {has}. Add some."
        return standing.broken


class _Standing(msgspec.Struct, frozen=True):
    """How the lab stands: servers, nodes that are alive, whether the bridge is live, and what is broken, in words."""

    servers: int
    nodes: int
    live: bool
    broken: str


def _read(call: Call, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(call.params, kind)
    except msgspec.ValidationError as error:
        raise Refused("bad-request", f"The parameters cannot be read: {error}.") from None
