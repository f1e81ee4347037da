"""Who belongs to a real ensemble is changed over the bridge's session: what is refused, what is done, what is told.

The tests follow each other on one ensemble; each leaves three servers that vote.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import make_acl, make_digest_acl

from tests import claims
from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.mirroring import Mirroring, clock, mirroring
from zkbridge.editing.asking import Asker
from zkbridge.editing.reconfiguring import IN_FLIGHT, Reconfiguring
from zkbridge.editing.refused import Refused
from zkbridge.lab.ports import free_ports
from zkbridge.protocol.base import Problem
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.ensemble import Server
from zkbridge.protocol.reconfiguring import Preview, Reconfigured, Seat
from zkbridge.protocol.status import Status
from zkbridge.views.ensemble import Room
from zkbridge.views.seats import read
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.probes import Prober

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(120 * SCALE)]


class Bridge:
    """The calls, as a hub makes them, with rounds of probes beside them."""

    def __init__(self, mirroring: Mirroring) -> None:
        self.mirroring, self.room, self.later = mirroring, Room(0), 0.0
        self.asker = Asker(mirroring.session, self._standing, lambda: clock() + self.later)
        self._reconfiguring = Reconfiguring(self.asker, lambda: self.room.value(clock()))
        self._calls = self._reconfiguring.calls
        self._prober = Prober(lambda: mirroring.mirror.members, clock, hurry=lambda: True)

    async def run(self) -> None:
        await self._prober.run(lambda probes: self.room.take(probes, clock()))

    def _standing(self) -> Status:
        facts = self.mirroring.mirror.facts
        return Status(facts.state, 0, "tested", facts.epoch, server=facts.server)

    async def ready(self, *ids: str, observers: str = "") -> None:
        """Wait until these are the members, and all of them serve as they are to."""

        def serves(ident: str, server: Server) -> bool:
            if ident in observers:
                return not server.voter and server.role == "observing"
            return server.voter and server.role in ("leading", "following")

        def serve() -> bool:
            servers = self.room.value(clock()).servers
            return set(servers) == set(ids) and all(serves(*item) for item in servers.items())

        await self.mirroring.until(f"{ids} serve", lambda: self.mirroring.mirror.live and serve())

    async def version(self) -> str:
        return (await self._reconfiguring.configuration()).hex

    async def preview(self, **wanted: Any) -> Preview:
        """As soon as the connection lives: it may have been to a server that was killed."""
        deadline = time.monotonic() + 20 * SCALE
        while True:
            try:
                found: Preview = await self._calls["ensemble.preview"](msgspec.to_builtins(wanted))
                return found
            except Refused as refused:
                assert refused.problem.code == "not-live" and time.monotonic() < deadline, refused.problem
            await asyncio.sleep(0.1)

    async def reconfig(self, **wanted: Any) -> Reconfigured:
        done: Reconfigured = await self._calls["ensemble.reconfig"](msgspec.to_builtins(wanted))
        return done

    async def once_live(self, **wanted: Any) -> Reconfigured:
        """The same, where the connection may be lost just before: then nothing was asked, and is so again."""
        deadline = time.monotonic() + 20 * SCALE
        while True:
            try:
                return await self.reconfig(**wanted)
            except Refused as refused:
                assert refused.problem.code in ("not-live", "no-quorum"), refused.problem
                assert time.monotonic() < deadline, refused.problem
            await asyncio.sleep(0.1)

    async def refused(self, method: str, **wanted: Any) -> Problem:
        with pytest.raises(Refused) as refused:
            await self._calls[method](msgspec.to_builtins(wanted))
        return refused.value.problem

    async def verdict(self, wanted: dict[str, Any], at: float) -> Any:
        return await self._calls["ensemble.verdict"](msgspec.to_builtins({"wanted": wanted, "at": at}))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEnsemble]:
    running = RunningEnsemble(tmp_path_factory.mktemp("ensemble"), 3)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest_asyncio.fixture
async def bridge(three: RunningEnsemble) -> AsyncIterator[Bridge]:
    async with bridged(three) as bridge:
        yield bridge


@contextlib.asynccontextmanager
async def bridged(ensemble: RunningEnsemble, hosts: str = "", **coming: Any) -> AsyncIterator[Bridge]:
    async with mirroring(hosts or ensemble.hosts, **coming) as found:
        bridge = Bridge(found)
        probing = asyncio.create_task(bridge.run())
        await found.live()
        await found.until("somebody leads", lambda: bridge.room.leader)
        try:
            yield bridge
        finally:
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)


async def grow(ensemble: RunningEnsemble, role: str = "participant") -> Seat:
    line = await asyncio.to_thread(ensemble.grow, role)
    (seat,) = read(line).seats.values()
    return seat


async def test_without_the_right_the_words_say_how_to_get_it(bridge: Bridge, three: RunningEnsemble) -> None:
    await bridge.ready("1", "2", "3")
    assert int(await bridge.version(), 16), "where the switch is on there is a version, so that nobody need ask"
    told = (await bridge.preview(roles={"1": "observer"})).refused
    for problem in (told, await bridge.refused("ensemble.reconfig", roles={"1": "observer"})):
        assert problem is not None and problem.code == "acl-denied" and "does not let the bridge write" in problem.text
        assert "setAcl /zookeeper/config" in problem.hint and "docs/reconfiguration.md" in problem.hint
    await asyncio.to_thread(grant, three, "zooscope", "s3cret")
    found = await bridge.preview(roles={"1": "observer"})
    assert found.quorum_after.size == 2
    assert (await bridge.refused("ensemble.reconfig", roles={"1": "observer"})).code == "acl-denied"
    identity = Identity(Cluster("a", digest_env="DIGEST"), {"DIGEST": "zooscope:s3cret"})
    async with bridged(three, identity=identity) as named:
        await named.ready("1", "2", "3")
        follower = next(i for i, s in named.room.value(clock()).servers.items() if s.role == "following")
        assert (await named.preview(roles={follower: "observer"})).refused is None
        await named.reconfig(roles={follower: "observer"})
        await named.ready("1", "2", "3", observers=follower)
        await named.reconfig(roles={follower: "participant"})
        await named.ready("1", "2", "3")
    await asyncio.to_thread(three.permit)


def grant(ensemble: RunningEnsemble, user: str, password: str) -> None:
    """What docs/reconfiguration.md has an administrator do."""
    client = KazooClient(ensemble.hosts, auth_data=[("digest", f"super:{ensemble.super_user.password}")])
    client.start(20 * SCALE)
    acl = [make_acl("world", "anyone", read=True), make_digest_acl(user, password, read=True, write=True)]
    client.set_acls("/zookeeper/config", acl)
    client.stop()
    client.close()


async def test_a_switch_that_is_off_is_named(make_ensemble: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = make_ensemble(1, reconfigEnabled="false")
    await asyncio.to_thread(alone.permit)
    ports = free_ports(3)
    seat = Seat("2", "127.0.0.1", *ports, role="observer")
    async with bridged(alone) as bridge:
        await bridge.ready("1")
        asked: list[Any] = []
        whole = bridge.asker.change

        async def counted(request: Any) -> Any:
            asked.append(request)
            return await whole(request)

        monkeypatch.setattr(bridge.asker, "change", counted)
        for wanted in ({}, {"add": [seat], "force": True}):
            told = (await bridge.preview(**wanted)).refused
            assert told is not None and told.code == "unsupported" and "reconfigEnabled" in told.text, told
        assert len(asked) == 1, "it is asked once"
        problem = await bridge.refused("ensemble.reconfig", add=[seat], force=True)
        assert problem.code == "unsupported" and "reconfigEnabled" in problem.text, problem
        assert "every server" in problem.hint
        problem = await bridge.refused("ensemble.reconfig", remove=["1"])
        assert problem.code == "would-lose-quorum" and "the last server" in problem.text


async def test_growing_and_shrinking_loses_no_write(bridge: Bridge, three: RunningEnsemble) -> None:
    with writing(three.hosts) as written:
        for ids, words in (("1234", "4 servers, a quorum needs 3: can lose 1, as 3 could"),
                           ("12345", "5 servers, a quorum needs 3: can lose 2; 4 could lose 1")):  # fmt: skip
            seat = await grow(three)
            await change(bridge, ids, words, add=[seat])
        assert (await bridge.refused("ensemble.reconfig", add=[seat])).code == "exists"
        await change(bridge, "1234", "4 servers, a quorum needs 3: can lose 1; 5 could lose 2", remove=["5"])
        await change(bridge, "123", "3 servers, a quorum needs 2: can lose 1, as 4 could", remove=["4"])
        for gone in "54":
            three.kill(gone)
        await asyncio.sleep(0.2)
    assert len(written) > 50
    with three.client() as client:
        client.sync("/")
        assert set(written) <= set(client.get_children("/written"))


async def change(bridge: Bridge, ids: str, words: str, **wanted: Any) -> None:
    version = (await bridge.preview(**wanted)).version
    began = time.monotonic()
    done = await bridge.reconfig(version=version, **wanted)
    assert done.words == words and [seat.id for seat in done.members] == list(ids)
    assert int(done.version, 16) > int(version, 16)
    await bridge.ready(*ids)
    claims.hold("A reconfiguration, until its members are probed", time.monotonic() - began, 2.0)


async def test_two_at_once_do_not_collide(three: RunningEnsemble) -> None:
    """Over a connection to the leader, which neither change breaks."""
    leader = await asyncio.to_thread(three.leader)
    one, other = sorted({"1", "2", "3"} - {leader})
    async with bridged(three, f"127.0.0.1:{three.plan.ports[int(leader) - 1].client}") as bridge:
        await bridge.ready("1", "2", "3")
        version = await bridge.version()
        both = await asyncio.gather(
            *(bridge.reconfig(version=version, roles={ident: "observer"}) for ident in (one, other)),
            return_exceptions=True,
        )
        (done,) = [one for one in both if isinstance(one, Reconfigured)]
        (refused,) = [one.problem.code for one in both if isinstance(one, Refused)]
        assert refused in ("wrong-version", "not-now"), both
        (observer,) = [seat.id for seat in done.members if seat.role == "observer"]
        problem = await bridge.refused("ensemble.reconfig", version=version, roles={observer: "participant"})
        assert problem.code == "wrong-version" and version in problem.text
        await bridge.ready("1", "2", "3", observers=observer)
        done = await bridge.reconfig(version=done.version, roles={observer: "participant"})
        assert done.words == "3 servers, a quorum needs 2: can lose 1; 2 could lose none"
        await bridge.ready("1", "2", "3")


async def test_the_leader_is_removed_and_the_answer_found(bridge: Bridge, three: RunningEnsemble) -> None:
    await bridge.ready("1", "2", "3")
    old = bridge.room.leader
    found = await bridge.preview(remove=[old])
    assert any("another is elected" in note for note in found.notes)
    assert any("does not stop its process" in note for note in found.notes)
    assert found.quorum_after.words == "needs 2 of 2, can lose none"
    back = next(seat for seat in found.before if seat.id == old)
    began = time.monotonic()
    done = await bridge.reconfig(version=found.version, remove=[old])
    assert old not in {seat.id for seat in done.members}
    rest = sorted({"1", "2", "3"} - {old})
    await bridge.ready(*rest)
    claims.hold("The leader's removal, until its heirs are probed", time.monotonic() - began, 10.0)
    assert bridge.room.leader in rest and three.processes[old].poll() is None, "its process goes on"
    # As one that is no member it follows, and drops its clients first, of which the bridge may be one.
    await asyncio.to_thread(wait_for, "it follows", lambda: three.mode(old) == "follower")
    await bridge.once_live(add=[back])
    await bridge.ready("1", "2", "3")
    problem = await bridge.refused("ensemble.reconfig", remove=["1", "2", "3"])
    assert problem.code == "would-lose-quorum"


async def test_what_would_lose_the_quorum_is_refused(bridge: Bridge, three: RunningEnsemble) -> None:
    await bridge.ready("1", "2", "3")
    version = await bridge.version()
    one, other = (i for i, s in bridge.room.value(clock()).servers.items() if s.role == "following")
    three.kill(one)
    await bridge.mirroring.until("it is down", lambda: bridge.room.role(one) == "down")
    found = await bridge.preview(remove=[other])
    assert found.refused is not None and found.refused.code == "would-lose-quorum"
    assert f"server {one} is down" in found.refused.text
    assert (await bridge.refused("ensemble.reconfig", remove=[other], force=True)).code == "would-lose-quorum"
    three.launch(one)
    await bridge.ready("1", "2", "3")
    assert await bridge.version() == version, "nothing was changed"


async def test_wrong_ports_are_refused(bridge: Bridge, three: RunningEnsemble) -> None:
    await bridge.ready("1", "2", "3")
    version = await bridge.version()
    seat = await grow(three, "observer")
    seat = msgspec.structs.replace(seat, role="participant")
    (unused,) = free_ports(1)
    taken = three.plan.ports[0]
    for wrong, code, words in (
        ({"client": unused}, "not-now", f"connection refused at its client port {unused}"),
        ({"election": unused}, "not-now", f"connection refused at its election port {unused}"),
        ({"quorum": taken.quorum}, "exists", "is an address of server 1 already"),
        ({"client": taken.client}, "exists", "is an address of server 1 already"),
        ({"client": seat.quorum}, "bad-request", "one port for two things"),
        ({"host": "a b"}, "bad-request", "is not a host"),
    ):  # fmt: skip
        problem = await bridge.refused("ensemble.reconfig", add=[msgspec.structs.replace(seat, **wrong)])
        assert problem.code == code and words in problem.text, problem
    assert await bridge.version() == version
    three.kill(seat.id)


async def test_a_restarted_server_knows_the_present_members(bridge: Bridge, three: RunningEnsemble) -> None:
    await bridge.ready("1", "2", "3")
    follower = next(i for i, s in bridge.room.value(clock()).servers.items() if s.role == "following")
    seat = await grow(three)
    three.kill(follower)
    await bridge.mirroring.until("it is down", lambda: bridge.room.role(follower) == "down")
    await bridge.reconfig(add=[seat])
    three.launch(follower)
    await bridge.ready("1", "2", "3", seat.id)
    await bridge.reconfig(remove=[seat.id])
    await bridge.ready("1", "2", "3")
    three.kill(seat.id)
    three.kill(follower)
    three.launch(follower)
    await bridge.ready("1", "2", "3")
    port = three.plan.ports[int(follower) - 1].client
    client = KazooClient(f"127.0.0.1:{port}")
    client.start(20 * SCALE)
    try:
        assert set(read(client.get("/zookeeper/config")[0].decode()).seats) == {"1", "2", "3"}
    finally:
        client.stop()
        client.close()


async def test_what_became_of_a_change_whose_answer_was_lost(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    await bridge.ready("1", "2", "3")
    version = await bridge.version()
    follower = next(i for i, s in bridge.room.value(clock()).servers.items() if s.role == "following")
    whole = bridge.asker.change

    async def lost(request: Any) -> Any:
        await whole(request)
        raise Refused("unknown", "The connection was lost.")

    async def unsent(request: Any) -> Any:
        raise Refused("unknown", "The connection was lost.")

    monkeypatch.setattr(bridge.asker, "change", lost)
    done = await bridge.reconfig(version=version, roles={follower: "observer"})
    assert done.reconciled and next(s.role for s in done.members if s.id == follower) == "observer"
    wanted = {"version": version, "roles": {follower: "observer"}}
    assert (await bridge.verdict(wanted, clock())).verdict == "applied"
    monkeypatch.setattr(bridge.asker, "change", unsent)
    await bridge.ready("1", "2", "3", observers=follower)
    back = {"version": done.version, "roles": {follower: "participant"}}
    assert (await bridge.refused("ensemble.reconfig", **back)).code == "failed", "the same session says so at once"
    with pytest.raises(Refused) as refused:
        await bridge.verdict(back, clock())
    assert refused.value.problem.code == "not-now"
    began, bridge.later = clock(), IN_FLIGHT + 60_000
    assert (await bridge.verdict(back, began)).verdict == "not-applied"
    bridge.later = 0
    monkeypatch.setattr(bridge.asker, "change", whole)
    await bridge.reconfig(**back)
    assert (await bridge.verdict(wanted, began)).verdict == "cannot-tell"
    await bridge.ready("1", "2", "3")


@contextlib.contextmanager
def writing(hosts: str) -> Iterator[list[str]]:
    """Somebody who creates one znode after another; the names of those that were acknowledged."""
    written: list[str] = []
    ended = threading.Event()

    def write() -> None:
        client = KazooClient(hosts, timeout=6.0)
        client.start(20 * SCALE)
        client.ensure_path("/written")
        number = 0
        while not ended.is_set():
            number += 1
            with contextlib.suppress(KazooException):
                client.create(f"/written/{number:06d}")
                written.append(f"{number:06d}")
            ended.wait(0.005)
        client.stop()
        client.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        ended.set()
        thread.join()
