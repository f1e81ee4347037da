"""Sessions on real servers: who they are, the end of one, and who watches what."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from kazoo.client import KazooClient

from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.person import Person
from tests.integration.stack import Page, Stack
from zkbridge.facts import Member, hexadecimal
from zkbridge.zookeeper.ending import Closed, Gone, NotEnded, end, password
from zkbridge.zookeeper.probes import Prober
from zkbridge.zookeeper.watchlists import Watchlists

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(90 * SCALE)]

WITHIN = 1_000
"""ms within which ephemerals are gone, and their owner knows."""


def clock() -> float:
    return time.time() * 1000


class Client:
    """kazoo's own client on one server, and what it hears of its session."""

    def __init__(self, ensemble: RunningEnsemble, server: str) -> None:
        self.heard: list[tuple[float, str]] = []
        self.kazoo = KazooClient(f"127.0.0.1:{ensemble.plan.ports[int(server) - 1].client}", timeout=6.0)
        self.kazoo.add_listener(lambda state: self.heard.append((clock(), str(state))))
        self.kazoo.start(20 * SCALE)

    @property
    def session(self) -> int:
        return int(self.kazoo.client_id[0])

    def states(self) -> list[str]:
        return [state for _, state in self.heard]

    def close(self) -> None:
        self.kazoo.stop()
        self.kazoo.close()


@contextlib.contextmanager
def clients(ensemble: RunningEnsemble, *servers: str) -> Iterator[list[Client]]:
    made: list[Client] = []
    try:
        for server in servers:
            made.append(Client(ensemble, server))
        yield made
    finally:
        for client in made:
            client.close()


async def ended(ensemble: RunningEnsemble, session: int, server: str) -> Closed:
    member = ensemble.plan.members[int(server) - 1]
    return await end(session, member.host, member.port, 6_000, clock, lambda: None)


def test_a_password_is_what_a_server_hands_out(ensemble: RunningEnsemble) -> None:
    with clients(ensemble, "1", "2", "3") as found:
        for client in found:
            assert password(client.session) == client.kazoo.client_id[1]
        assert len({client.session >> 56 for client in found}) == 3


async def test_a_session_ends_on_another_server_and_no_other_does(ensemble: RunningEnsemble) -> None:
    with clients(ensemble, "1", "1", "2") as (one, beside, other):
        for client, path in ((one, "/one"), (beside, "/beside"), (other, "/other")):
            client.kazoo.create(path, ephemeral=True)
        session, gone = one.session, threading.Event()
        moments: list[float] = []

        def watch(event: Any) -> None:
            moments.append(clock())
            gone.set()

        assert other.kazoo.exists("/one", watch=watch)
        asked = clock()
        closed = await ended(ensemble, session, "3")
        assert await asyncio.to_thread(gone.wait, 5 * SCALE)
        assert moments[0] - asked < WITHIN * SCALE and closed.took < WITHIN * SCALE
        wait_for("its owner has a new session", lambda: one.states()[-2:] == ["LOST", "CONNECTED"])
        assert one.states() == ["CONNECTED", "SUSPENDED", "LOST", "CONNECTED"]
        assert one.session != session
        assert "LOST" not in (*beside.states(), *other.states()), "no other session ends"
        assert beside.kazoo.exists("/beside") and other.kazoo.exists("/other")
        with pytest.raises(Gone, match="gone already"):
            await ended(ensemble, session, "2")


async def test_what_is_no_session_ends_nothing(ensemble: RunningEnsemble) -> None:
    with clients(ensemble, "1") as (one,):
        # Far from any id that the server gives next.
        for session in (one.session + (1 << 30), one.session ^ (1 << 60), 0, -1):
            with pytest.raises(Gone):
                await ended(ensemble, session, "2")
        assert one.kazoo.exists("/") and "LOST" not in one.states()


async def test_a_refusal_just_before_leaves_the_session_alone(ensemble: RunningEnsemble) -> None:
    member = ensemble.plan.members[1]

    def refuse() -> None:
        raise NotEnded("it cannot be written down")

    with clients(ensemble, "1") as (one,):
        one.kazoo.create("/one", ephemeral=True)
        with pytest.raises(NotEnded, match="written down"):
            await end(one.session, member.host, member.port, 6_000, clock, refuse)
        session = one.session
        wait_for("it goes on", lambda: one.kazoo.connected and one.kazoo.exists("/one"))
        assert one.session == session and "LOST" not in one.states()


async def test_watches_of_all_servers_once(ensemble: RunningEnsemble) -> None:
    lists = Watchlists(lambda: ensemble.plan.members, clock)
    with clients(ensemble, "1", "3") as (one, other):
        one.kazoo.create("/a")
        other.kazoo.get("/a", watch=print)
        one.kazoo.exists("/a", watch=print)
        one.kazoo.exists("/nope", watch=print)
        one.kazoo.get_children("/a", watch=print)
        while any(one.watchers is None for one in (await lists.ask()).told):
            # A fresh AdminServer is slow to answer for the first time.
            lists = Watchlists(lambda: ensemble.plan.members, clock)
        first, second = await asyncio.gather(lists.ask(), lists.ask())
        assert first is second and first is await lists.ask()
        told = {member.member.id: member.watchers for member in first.told}
        assert told["1"] == {"/a": [one.session], "/nope": [one.session]} and told["3"] == {"/a": [other.session]}
        assert {member.how for member in first.told} == {"AdminServer"}
    without = Watchlists(lambda: (Member("1", ensemble.plan.members[0].host, ensemble.plan.members[0].port),), clock)
    (refused,) = (await without.ask()).told
    assert refused.watchers is None and "'wchs' is not in its 4lw.commands.whitelist" in refused.problem


async def test_connections_by_word_where_there_is_no_adminserver(ensemble: RunningEnsemble) -> None:
    bare = tuple(Member(member.id, member.host, member.port) for member in ensemble.plan.members)
    prober = Prober(lambda: bare, clock)
    try:
        with clients(ensemble, "2") as (one,):
            probes = {probe.member.id: probe for probe in await prober.round()}
            (seen,) = [seen for seen in probes["2"].sessions or () if seen.session == one.session]
            assert seen.timeout == 6_000 and seen.client.startswith("127.0.0.1:")
            assert seen.heard is not None and abs(clock() - seen.heard) < 10_000
            assert all("countdowns are missing" in probe.missing for probe in probes.values())
    finally:
        await prober.close()


@pytest.fixture(scope="module")
def stack(shared_ensemble: RunningEnsemble) -> Iterator[Stack]:
    made = Stack(shared_ensemble.hosts)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
async def page(stack: Stack, ensemble: RunningEnsemble) -> AsyncIterator[Page]:
    async with Page(stack, "sessions", "status", "story") as page:
        await page.until("the list", lambda: page.values.get("sessions", {}).get("connections", True)
                         and page.values.get("sessions", {}).get("total"))  # fmt: skip
        yield page


async def test_somebody_ends_a_session_with_a_name_and_everybody_is_told(
    stack: Stack, ensemble: RunningEnsemble, page: Page
) -> None:
    person = Person(stack.links["operator"])
    name = (await asyncio.to_thread(person.get, "/api/me"))["user"]
    with clients(ensemble, "1", "2", "3") as found:
        for number, client in enumerate(found):
            client.kazoo.create("/election/c_", f"node {number}".encode(), ephemeral=True, sequence=True, makepath=True)
        first = found[0]
        ident = hexadecimal(first.session)
        await page.until("it is listed", lambda: page.values["sessions"]["sessions"].get(ident, {}).get("server"))
        listed = page.values["sessions"]["sessions"][ident]
        assert listed["name"] == "node 0" and listed["server"] == "1" and listed["timeout"] == 6_000
        assert listed["connected"] and listed["expiry"] == "estimated" and listed["owned"] == 1
        own = page.values["status"]["session"]
        assert page.values["sessions"]["sessions"][own]["own"]

        # The bridge may not have seen the others' znodes yet.
        await page.until("all are members", lambda: page.values["sessions"].get("ephemerals") == 3)
        preview = await asyncio.to_thread(person.get, f"/api/sessions/{ident}")
        assert preview["losses"][0]["led"] and preview["losses"][0]["heir_name"] == "node 1"
        _, refused = await asyncio.to_thread(person.post, f"/api/sessions/{own}/expire", {})
        assert refused["problem"]["code"] == "not-now" and "Zooscope's own" in refused["problem"]["text"]
        _, grown = await asyncio.to_thread(person.post, f"/api/sessions/{ident}/expire", {"owned": 0})
        assert grown["problem"]["code"] == "not-now" and "LOST" not in first.states()

        _, done = await asyncio.to_thread(person.post, f"/api/sessions/{ident}/expire", {"owned": 1})
        assert done["result"] == "ok" and done["owned"] == 1 and done["took"] < WITHIN * SCALE
        await page.until("it is told", lambda: page.values["sessions"].get("gone", {}).get(ident))
        assert page.values["sessions"]["gone"][ident]["cause"] == "ended"
        assert page.values["sessions"]["gone"][ident]["by"] == name
        wait_for("its owner comes back", lambda: "LOST" in first.states() and first.kazoo.connected)
        _, again = await asyncio.to_thread(person.post, f"/api/sessions/{ident}/expire", {})
        assert again["problem"]["code"] == "no-such-session"
        await page.until("the story tells it", lambda: f"was ended by {name}" in str(page.values.get("story")))
        for client in found[1:]:
            assert "LOST" not in client.states(), client.states()


async def test_a_viewer_ends_nothing_and_asks_for_no_watches(stack: Stack, ensemble: RunningEnsemble) -> None:
    viewer = Person(stack.links["viewer"])
    with clients(ensemble, "1") as (one,):
        ident = hexadecimal(one.session)
        _, refused = await asyncio.to_thread(viewer.post, f"/api/sessions/{ident}/expire", {})
        assert refused["problem"]["code"] == "not-permitted" and "LOST" not in one.states()
        _, refused = await asyncio.to_thread(viewer.send, "GET", "/api/watches")
        assert refused["problem"]["code"] == "not-permitted"
