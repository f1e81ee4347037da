"""What a class must be able to see, played on real servers; and that a scenario fails where it is not so."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from kazoo.client import KazooClient

from tests.integration.commands import Command
from tests.integration.ensemble import SCALE, wait_for
from tests.integration.person import Person
from tests.integration.stack import Page
from zkbridge.lab import description, rundir
from zkbridge.lab.client import LabClient
from zkbridge.lab.playing import CannotPlay, Player
from zkbridge.protocol.scenarios import Play
from zkbridge.protocol.story import Story
from zkbridge.scenarios.catalog import SCENARIOS
from zkbridge.scenarios.script import PAUSE
from zkbridge.views.sentence import plain
from zkbridge.workload import ASSIGN, STATUS, TASKS, Ledger, in_order, next_number, number_of, read

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(120 * SCALE)]

NODES = 5
SERVERS = 3
HERE = [scenario.name for scenario in SCENARIOS if not scenario.sizes or SERVERS in scenario.sizes]
"""Those that can be played on the lab that the tests share."""

COURSE = (
    "single-point", "quorum", "two-leaders", "kinds", "watch-matrix", "chain", "kill-leader", "herd-chain", "middle",
    "zombie", "slow-link", "registry",
)  # fmt: skip
"""What a class must be able to see, in the order of the course."""


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A scenario that no lab of three servers fits. It mostly waits, so it goes on beside the tests on the other."""
    command = Command(tmp_path_factory.mktemp("single"), "scenario", "single-point", ZOOSCOPE_TIMEOUT_SCALE=str(SCALE))
    try:
        yield command
    finally:
        command.destroy()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, single: Command) -> Iterator[Command]:
    command = Command(
        tmp_path_factory.mktemp("demo"), "demo", SERVERS=str(SERVERS), NODES=str(NODES),
        ZOOSCOPE_TIMEOUT_SCALE=str(SCALE),
    )  # fmt: skip
    try:
        command.wait_until_ready()
        yield command
    finally:
        command.destroy()


@pytest.fixture(scope="module")
def person(demo: Command) -> Person:
    return Person(demo.link("Operator"))


@pytest.fixture
async def player(demo: Command) -> AsyncIterator[Player]:
    """On a lab in which nothing hinders anything."""
    async with Player(str(rundir.sockets(demo.path) / "bridge.sock")) as player:
        async with asyncio.timeout(60 * SCALE):
            await player.known(lambda value: "kinds" in value.known and not value.known["kinds"].hindered)
        yield player


@contextlib.contextmanager
def zookeeper(demo: Command) -> Iterator[KazooClient]:
    client = KazooClient(description.read(demo.path).hosts)
    client.start(20 * SCALE)
    try:
        yield client
    finally:
        client.stop()
        client.close()


def standing(demo: Command) -> tuple[set[str], int, set[str]]:
    """The servers that run, how many nodes do, and the znodes below the root."""
    running = demo.running()
    with zookeeper(demo) as client:
        top = set(client.get_children("/"))
    return {n for n in running if n.startswith("server-")}, sum(n.startswith("node-") for n in running), top


def at(words: str, do: Callable[[Play], object]) -> Callable[[Play], None]:
    """Calls ``do``, once, as soon as a step whose words begin so is running."""
    done: list[bool] = []

    def tell(play: Play) -> None:
        if not done and play.steps and play.steps[-1].words.startswith(words):
            done.append(True)
            do(play)

    return tell


def test_there_is_one_for_each_thing_that_a_class_must_see() -> None:
    assert tuple(scenario.name for scenario in SCENARIOS) == COURSE


REFUSED = r"The storage refused its write \(\d\): its fencing token, 0x\w+, is lower than node-\d+'s, 0x\w+\."
TOLD = {
    "zombie": rf"node-\d+ was paused .* as a zombie.*{REFUSED}",
    "herd-chain": r"In the herd at /election_herd node-\d+, which led, was killed \(1\)\. \d\.\d s later this woke "
                  r"all 4 that watched it \(2\): .* in a chain it wakes one\. node-\d+ now leads \(3\); the other 3 "
                  r"woke in vain\.",
}  # fmt: skip
"""What the story must say of a scenario, beside all else."""


@pytest.mark.parametrize("name", HERE)
async def test_what_a_class_must_see_is_so(demo: Command, person: Person, player: Player, name: str) -> None:
    before = await asyncio.to_thread(standing, demo)
    told: list[Play] = []
    ended = await player.play(name, told.append)
    assert ended.state == "passed", f"{ended.words} {[fact for fact in ended.facts if not fact.holds]}"
    assert ended.facts and all(fact.holds for fact in ended.facts)
    assert all(step.state == "done" and step.ms is not None for step in ended.steps)
    assert len({play.steps[-1].words for play in told if play.steps}) > 1, "steps are told as they happen"
    assert await asyncio.to_thread(standing, demo) == before
    known = await player.known()
    assert (known.past[0].run, known.past[0].state) == (ended.run, "passed")
    if name in TOLD:
        async with Page(person, "story") as page:  # type: ignore[arg-type]
            await page.until("the story is there", lambda: page.values.get("story"))
            story = msgspec.convert(page.values["story"], Story)
        told = [plain(chapter.parts) for chapter in story.chapters.values()]
        assert any(re.search(TOLD[name], sentence) for sentence in told), "\n".join(told)


async def test_without_an_heir_it_fails_and_says_why(demo: Command, player: Player) -> None:
    """The heir is killed while the leader's session runs out: whoever leads then did not watch that leader."""
    lab = LabClient(description.read(demo.path).endpoint)
    killing: list[asyncio.Task[None]] = []

    def kill_the_heir(play: Play) -> None:
        heir = next(fact.expected for fact in play.facts if fact.words == "Who leads while the countdown runs")
        line = [record for record in play.steps if record.words.startswith("Kill")]
        assert heir in line[-1].words, "the leader's name stands in the step"
        killing.append(asyncio.create_task(_kill_next(lab, demo, heir)))

    before = await asyncio.to_thread(standing, demo)
    ended = await player.play("kill-leader", at("Wait for the end of its session", kill_the_heir))
    await asyncio.gather(*killing)
    assert ended.state == "failed", ended
    # Either session may end first; the one behind them is woken by the last.
    silent = r"node-\d+ leads, but its watch on /election/c_\d{10} did not fire: node-\d+ was next in line"
    another = r"Not as expected: Who leads after the kill: node-\d+ instead of node-\d+"
    assert re.match(f"{silent}|{another}", ended.words), ended.words
    assert await asyncio.to_thread(standing, demo) == before, "what failed is put back too"


async def _kill_next(lab: LabClient, demo: Command, leader: str) -> None:
    """Kill the node whose candidate comes after the leader's."""
    said = [line for line in (demo.path / "records.jsonl").read_text().splitlines() if '"joined"' in line]
    joined = {found[1]: found[2] for line in said if (found := re.search(r'"who":"([^"]+)".*"path":"([^"]+)"', line))}
    alive = [name for name in demo.running() if name.startswith("node-") and joined[name] > joined[leader]]
    await lab.signal(min(alive, key=joined.__getitem__), "KILL")


async def test_one_that_is_cancelled_puts_everything_back(demo: Command, player: Player) -> None:
    before = await asyncio.to_thread(standing, demo)
    cancelling: list[asyncio.Task[None]] = []
    tell = at("Wait until both groups", lambda _: cancelling.append(asyncio.create_task(player.cancel())))
    ended = await player.play("herd-chain", tell)
    assert (ended.state, ended.words) == ("cancelled", "It was cancelled.")
    assert [step.state for step in ended.steps[-2:]] == ["failed", "done"]
    assert await asyncio.to_thread(standing, demo) == before


async def test_what_a_killed_bridge_left_is_put_back_by_the_next(demo: Command, player: Player) -> None:
    """Where there is no quorum: the bridge that comes next cannot even connect until it has started the servers."""
    before = await asyncio.to_thread(standing, demo)
    with pytest.raises(CannotPlay, match="The one that comes after it puts everything back"):
        tell = at("Start 2 servers again", lambda _: os.kill(demo.running()["bridge"], signal.SIGKILL))
        ended = await player.play("quorum", tell)
        pytest.fail(f"it ended by itself: {ended.words}")
    async with asyncio.timeout(90 * SCALE):
        following = await reached(demo)
        try:
            known = await following.known(lambda value: bool(value.past))
        finally:
            await following.__aexit__()
    assert (known.past[0].name, known.past[0].state) == ("quorum", "failed")
    assert known.past[0].words == (
        "The bridge ended in the middle of it; the one that came after it put back what it had changed."
    )
    assert await asyncio.to_thread(standing, demo) == before


async def test_a_workload_goes_on_after_the_bridge_was_killed(demo: Command, person: Person, player: Player) -> None:
    """The nodes finish what there is; the next bridge makes the rest, and not one task more or less."""
    status, started = await asyncio.to_thread(person.post, "/api/workload", {"rate": 100, "seconds": 3, "work": 5})
    assert (status, started["tasks"]) == (201, 300), started
    with zookeeper(demo) as client:
        await asyncio.to_thread(wait_for, "tasks are made", lambda: made(client, started["first"]) >= 100, 30)
        os.kill(demo.running()["bridge"], signal.SIGKILL)
        await (await asyncio.wait_for(reached(demo), 30 * SCALE)).__aexit__()
        between = made(client, started["first"])
        assert between < 300, "the rest is for the next bridge"
        await asyncio.to_thread(wait_for, "all is done", lambda: done(client) >= 300, 30)
        ledger, kept = read(client.get(STATUS)[0], Ledger), in_order(client.get_children(STATUS))
        assert made(client, started["first"]) == 300 and ledger.twice == 0
        assert ledger.done + len(kept) == 300 and not any(ledger.has(number_of(name) or 0) for name in kept)
        assert all(client.exists(f"{STATUS}/{name}").version == 0 for name in kept), "each result was written once"
        assert client.get_children(TASKS) == [] == [
            task for worker in client.get_children(ASSIGN) for task in client.get_children(f"{ASSIGN}/{worker}")
        ]  # fmt: skip
    status, cleared = await asyncio.to_thread(person.post, "/api/workload/clear")
    assert status == 200, cleared


def made(client: KazooClient, first: int) -> int:
    stat = client.exists(TASKS)
    return next_number(stat.cversion, stat.numChildren) - first


def done(client: KazooClient) -> int:
    data, stat = client.get(STATUS)
    return read(data, Ledger).done + stat.numChildren


async def reached(demo: Command) -> Player:
    """The bridge that the supervisor starts in the place of one that was killed."""
    while True:
        with contextlib.suppress(CannotPlay):
            return await Player(str(rundir.sockets(demo.path) / "bridge.sock")).__aenter__()
        await asyncio.sleep(0.1)


async def test_only_one_runs_and_none_while_something_is_broken(demo: Command, player: Player) -> None:
    async with Player(str(rundir.sockets(demo.path) / "bridge.sock")) as other:
        refusals: list[CannotPlay] = []

        async def meanwhile() -> None:
            with pytest.raises(CannotPlay) as refused:
                await other.play("kinds", lambda play: None)
            refusals.append(refused.value)

            await player.cancel()

        running: list[asyncio.Task[None]] = []
        tell = at("Start a node", lambda _: running.append(asyncio.create_task(meanwhile())))
        assert (await player.play("chain", tell)).state == "cancelled"
        await asyncio.gather(*running)
        assert [refusal.problem.code for refusal in refusals] == ["not-now"]
        assert "The scenario 'Build the chain' is running." in str(refusals[0])
    lab = LabClient(description.read(demo.path).endpoint)
    node = next(name for name in demo.running() if name.startswith("node-"))
    await lab.signal(node, "STOP")
    try:
        async with asyncio.timeout(10 * SCALE):
            await player.known(lambda value: bool(value.known["kinds"].hindered))
        with pytest.raises(CannotPlay, match=f"node.pause of {node}"):
            await player.play("kinds", lambda play: None)
    finally:
        await lab.signal(node, "CONT")
    with pytest.raises(CannotPlay, match="There is no scenario 'nothing'"):
        await player.play("nothing", lambda play: None)


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS if scenario.quick])
async def test_what_is_slow_enough_to_follow_passes_as_well(demo: Command, player: Player, name: str) -> None:
    ended = await player.play(name, lambda play: None, slow=True)
    assert ended.state == "passed", ended.words
    ends = [step.at + (step.ms or 0.0) for step in ended.steps]
    assert all(step.at - end >= PAUSE * 1000 - 50 for step, end in zip(ended.steps[1:], ends, strict=False))


async def test_an_end_that_is_left_standing_is_as_it_was_until_it_is_put_back(demo: Command, player: Player) -> None:
    """The arrow that was linked anew stays the last that happened: no node is started in the dead one's place yet."""
    before = await asyncio.to_thread(standing, demo)
    held: list[tuple[set[str], int, set[str]]] = []
    looking: list[asyncio.Task[None]] = []

    async def look() -> None:
        held.append(await asyncio.to_thread(standing, demo))
        await player.put_back()

    def tell(play: Play) -> None:
        if play.state == "holding" and not looking:
            assert play.words.endswith("all as expected.") and play.until is not None
            looking.append(asyncio.create_task(look()))

    ended = await player.play("middle", tell, hold=True)
    assert (ended.state, held[0][1]) == ("passed", before[1] - 1)
    assert await asyncio.to_thread(standing, demo) == before


async def test_what_is_left_standing_by_a_killed_bridge_is_put_back_by_the_next(demo: Command, player: Player) -> None:
    before = await asyncio.to_thread(standing, demo)

    def tell(play: Play) -> None:
        if play.state == "holding":
            os.kill(demo.running()["bridge"], signal.SIGKILL)

    with pytest.raises(CannotPlay, match="The one that comes after it puts everything back"):
        await player.play("kinds", tell, hold=True)
    async with asyncio.timeout(90 * SCALE):
        following = await reached(demo)
        try:
            known = await following.known(lambda value: bool(value.past))
        finally:
            await following.__aexit__()
    assert (known.past[0].name, known.past[0].state) == ("kinds", "failed")
    assert await asyncio.to_thread(standing, demo) == before


def test_the_command_holds_until_enter(demo: Command, player: Player) -> None:
    command = Command(demo.home, "scenario", "kinds", "--hold", terminal=True, ZOOSCOPE_TIMEOUT_SCALE=str(SCALE))
    command.wait_for_words("Press Enter to put everything back")
    assert "/scenario" in {f"/{name}" for name in standing(demo)[2]} and "PASSED" not in command.said
    command.type("\n")
    assert command.process.wait(60 * SCALE) == 0
    command._reader.join()
    assert "PASSED" in command.said and "scenario" not in standing(demo)[2]


def test_the_command_plays_on_the_demo_that_runs(demo: Command, player: Player) -> None:
    command = Command(demo.home, "scenario", "kinds", ZOOSCOPE_TIMEOUT_SCALE=str(SCALE))
    assert command.process.wait(60 * SCALE) == 0
    command._reader.join()
    assert "a lab of its own" not in command.said, command.said
    assert "1. Make /scenario" in command.said and "✓ Owner of a persistent znode: 0x0" in command.said
    assert "PASSED" in command.said


def test_control_c_cancels_the_command(demo: Command, player: Player) -> None:
    before = standing(demo)
    command = Command(demo.home, "scenario", "chain", ZOOSCOPE_TIMEOUT_SCALE=str(SCALE))
    command.wait_for_words("1. Start a node")
    assert command.finish(signal.SIGINT, 40) == 1
    assert "Cancelled; putting everything back" in command.said and "CANCELLED" in command.said, command.said
    assert standing(demo) == before


def test_the_command_starts_a_lab_that_fits_and_leaves_nothing(single: Command) -> None:
    wait_for("it has ended", lambda: single.process.poll() is not None, 60)
    single._reader.join()
    assert single.process.returncode == 0, single.said
    assert "starting a lab of its own, 1 server, 5 nodes" in single.said and "PASSED" in single.said
    assert list(single.home.glob("scenario-*")) == []


def test_the_command_says_what_it_cannot_do(tmp_path: Path) -> None:
    asked = ((["nothing"], "There is no scenario 'nothing'"), ([], "Name one scenario"))
    commands = [(Command(tmp_path, "scenario", *arguments), words) for arguments, words in asked]
    for command, words in commands:
        assert command.process.wait(60 * SCALE) == 1
        command._reader.join()
        assert words in command.said
