"""Plays scenarios, one at a time, and tells how they go. Whatever becomes of a run, everything is put back after it.

A run writes down how things stood before it, and that everything was put back. So a bridge that finds the first without
the second in the lab's records knows that the one before it ended in mid-run, and puts back what that one could not.
"""

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
from zkbridge.records import Record, Standing
from zkbridge.scenarios.putback import broken, put_back, standing
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count
from zkbridge.scenarios.world import NotSo, Surroundings, World

LOOKS = 1_000.0
"""ms between two looks at what can be played."""

WHO = "scenario"
"""Whose records those of a run are."""

MOST_PAST = 20
MOST_RECORDS = 20_000

logger = logging.getLogger(__name__)


class Engine:
    """``tell`` takes the topic's value whenever it differs. ``veiled``: whether something is hidden from some people.

    `on_record` and `tick` are to be called as records come and time passes, `read_all` whenever no more are to be read.
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
        self._cancelled = False
        self._left: Record | None = None
        """The beginning of a run of another bridge, after which nobody has put anything back."""
        self._read = False
        """Whether all records of the past were seen."""
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
        if record.kind == "playing" and (self._play is None or record.run != self._play.run):
            self._left = record
        elif record.kind == "played":
            self._left = None
        if self._world is not None:
            self._world.records.append(record)
            del self._world.records[:-MOST_RECORDS]

    def read_all(self) -> None:
        self._read = True

    def tick(self) -> None:
        """Time passes: what can be played now may differ."""
        now = self._around.clock()
        if self._read and self._left is not None and not self.running:
            self._take_up(self._left)
        if self._lab and not 0 <= now - self._looked < LOOKS:
            self._looked = now
            now_is = self._standing()
            self._known = {
                name: Known(
                    name, one.title, one.shows, one.needs, self._hindered(one, now_is),
                    [] if one.fits(now_is.servers) else one.commands,
                )
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
        """End the run that is under way. There is no time to put everything back: the next bridge does."""
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
        now_is = self._standing()
        hindered = self._hindered(scenario, now_is)
        if hindered:
            hint = "" if scenario.fits(now_is.servers) else f"Type there: {' or '.join(scenario.commands)}"
            raise Refused("not-now", f"'{scenario.title}' cannot be played now. {hindered}", hint)
        by = call.by or "somebody"
        world = World(self._around, f"scenario {scenario.name}, for {by}")
        play = Play(uuid.uuid4().hex[:12], scenario.name, scenario.title, "running", by, world.began)
        before = standing(world)
        earlier, self._play = self._play, play
        record = Record(world.began, WHO, "playing", action=scenario.name, by=by, run=play.run, before=before)
        try:
            self._around.write(record)
        except OSError as error:
            self._play = earlier
            raise Refused("failed", f"The run cannot be recorded, so nothing was done: {error.strerror}.") from error
        self._world, self._cancelled = world, False
        self._task = asyncio.create_task(self._perform(scenario, world, play, before))
        self._refresh()
        return Begun(play.run)

    async def cancel(self, call: Call) -> Begun:
        asked = _read(call, Cancel)
        if not self.running or self._task is None or self._play is None:
            raise Refused("not-now", "No scenario is running.")
        if asked.name not in ("", self._play.name):
            raise Refused("not-now", f"It is the scenario '{self._play.title}' that is running.")
        if self._play.state == "running" and not self._cancelled:
            # Once: what it has just begun is waited for.
            self._cancelled = True
            self._task.cancel()
        return Begun(self._play.run)

    # ── a run ───────────────────────────────────────────────────────────────

    async def _perform(self, scenario: Scenario, world: World, play: Play, before: Standing) -> None:
        script = Script(world, play, self._keep)
        state, words = await self._played(scenario, script)
        script.end(state="putting-back")
        await self._finish(script, before, state, words)

    def _take_up(self, left: Record) -> None:
        """Put back what a run of another bridge changed."""
        scenario = self._scenarios.get(left.action)
        world = World(self._around, f"scenario {left.action}, for {left.by}", left.at)
        title = scenario.title if scenario is not None else left.action
        play = Play(left.run, left.action, title, "putting-back", left.by, left.at)
        logger.warning("the scenario %s was not finished by the bridge before: putting everything back", left.action)
        self._left, self._world, self._play = None, world, play
        words = "The bridge ended in the middle of it; the one that came after it put back what it had changed."
        script = Script(world, play, self._keep)
        self._task = asyncio.create_task(self._finish(script, left.before or Standing(), "failed", words))
        self._refresh()

    async def _finish(self, script: Script, before: Standing, state: PlayState, words: str) -> None:
        """Put everything back, and say how the run ended."""
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
        script.end(state=state, words=words, ended=script.world.now)
        done = script.play
        assert done.ended is not None and done.state in ("passed", "failed", "cancelled")
        self._past.appendleft(
            Ended(done.run, done.name, done.title, done.state, done.by, done.began, done.ended, done.words)
        )
        self._world = None
        try:
            self._around.write(Record(done.ended, WHO, "played", action=done.name, run=done.run))
        except OSError:
            logger.exception("the end of a scenario cannot be recorded; another bridge may put things back once more")
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

    async def _back(self, script: Script, before: Standing) -> list[str]:
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
        if not scenario.fits(standing.servers):
            return (
                f"It needs {scenario.needs}, and this lab has {count(standing.servers, 'server')}. "
                "It takes a lab of its own, started from a terminal."
            )
        if self.running:
            return ""
        if self._left is not None:
            return f"The scenario {self._left.action!r} was not finished, and what it changed is put back first."
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
