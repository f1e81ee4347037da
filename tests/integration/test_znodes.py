"""Changes of single znodes over the bridge's session, on real servers: each kind, each refusal, and lost results."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError
from kazoo.security import ACL, Id, Permissions, make_digest_acl

from tests.integration.ensemble import RunningEnsemble
from tests.integration.mirroring import Mirroring, clock, mirroring
from tests.integration.proxy import Proxy, proxied
from zkbridge.editing.asking import Asker
from zkbridge.editing.judging import IN_FLIGHT, Judging
from zkbridge.editing.refused import Refused
from zkbridge.editing.znodes import MOST_PARENTS, Znodes
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import Ace, Done, Mark, Verdict, Whole
from zkbridge.protocol.status import Status
from zkbridge.zookeeper.changing import BEFORE, MAX_REQUEST, WriteData

pytestmark = pytest.mark.ensemble

CHANGING = (2, 5, 7, 14, 15)
"""Types of requests."""

READ = [Ace("world", "anyone", "r")]


class Bridge:
    """The calls, as a hub makes them. ``now`` is added to the clock, ms."""

    def __init__(self, mirroring: Mirroring) -> None:
        self.mirroring, self.session, self.later = mirroring, mirroring.session, 0.0
        asker = Asker(self.session, self._standing, lambda: clock() + self.later)
        self._calls = Znodes(asker).calls | Judging(asker).calls

    def _standing(self) -> Status:
        facts = self.mirroring.mirror.facts
        return Status(facts.state, 0, "tested", facts.epoch, server=facts.server)

    async def call(self, method: str, path: str, **params: Any) -> Any:
        return await self._calls[method](msgspec.to_builtins({"path": path, **params}))

    async def create(self, path: str, data: bytes = b"", **more: Any) -> Done:
        done: Done = await self.call("znode.create", path, data=data, **more)
        return done

    async def refused(self, method: str, path: str, **params: Any) -> Problem:
        with pytest.raises(Refused) as refused:
            await self.call(method, path, **params)
        return refused.value.problem

    async def read(self, path: str) -> Whole:
        whole: Whole = await self.call("znode.read", path)
        return whole

    async def mark(self, path: str, **more: Any) -> Mark:
        mark: Mark = await self.call("znode.mark", path, **more)
        return mark

    async def verdict(self, mark: Mark, method: str, path: str, **params: Any) -> Verdict:
        question = {"method": method, "params": {"path": path, **params}, "mark": mark}
        verdict: Verdict = await self._calls["znode.verdict"](msgspec.to_builtins(question))
        return verdict


@pytest_asyncio.fixture
async def bridge(ensemble: RunningEnsemble) -> AsyncIterator[Bridge]:
    async with mirroring(ensemble.hosts) as found:
        await found.live()
        yield Bridge(found)


class Client:
    """kazoo's, of which every read is after a sync: it may be on another server than the bridge."""

    def __init__(self, client: KazooClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        if name in ("get", "exists", "get_acls"):
            self._client.sync("/")
        return getattr(self._client, name)


@pytest.fixture
def client(ensemble: RunningEnsemble) -> Iterator[Client]:
    with ensemble.client() as client:
        yield Client(client)


# ── what is done ────────────────────────────────────────────────────────────


async def test_every_kind_is_made(bridge: Bridge, client: Client) -> None:
    made = await bridge.create("/a", b"\0\xff", acl=READ)
    assert (made.path, made.zxid) == ("/a", f"0x{client.exists('/a').czxid:x}")
    assert made.stat is not None and made.stat.data_length == 2
    assert client.get("/a")[0] == b"\0\xff" and client.get_acls("/a")[0] == [ACL(1, Id("world", "anyone"))]
    await bridge.create("/p")
    held = await bridge.create("/p/e", kind="ephemeral")
    assert client.exists("/p/e").ephemeralOwner == bridge.session.id
    assert held.stat is not None and held.stat.owner == f"0x{bridge.session.id:x}"
    assert [(await bridge.create("/p/s-", b"1", sequential=True, kind=kind)).path for kind in
            ("persistent", "ephemeral")] == ["/p/s-0000000001", "/p/s-0000000002"]  # fmt: skip
    assert (await bridge.create("/p/", sequential=True)).path == "/p/0000000003"
    for path, more in {"/p/c": {"kind": "container"}, "/p/t": {"kind": "ttl", "ttl": 60_000}}.items():
        await bridge.create(path, b"x", **more)
        assert client.get(path)[0] == b"x"
    assert (await bridge.create("/p/t-", kind="ttl", ttl=1, sequential=True)).path == "/p/t-0000000006"


async def test_parents_are_made_in_the_same_transaction_or_not_at_all(bridge: Bridge, client: Client) -> None:
    made = await bridge.create("/a/b/c", b"x", parents=True, acl=[Ace("world", "anyone", "cdr")])
    assert made.made == ["/a", "/a/b"] and client.get("/a/b/c")[0] == b"x"
    assert client.exists("/a").czxid == client.exists("/a/b/c").czxid == int(made.zxid, 16)
    assert client.get_acls("/a/b")[0] == client.get_acls("/a/b/c")[0]
    for kind in ("ephemeral", "container"):
        assert (await bridge.create(f"/a/{kind}/x", kind=kind, parents=True)).made == [f"/a/{kind}"]
    numbered = await bridge.create("/n/m/s-", sequential=True, kind="ephemeral", parents=True)
    assert numbered.path == "/n/m/s-0000000000" and client.exists(numbered.path).ephemeralOwner
    assert (await bridge.create("/a/b/d", parents=True)).made == []
    problem = await bridge.refused("znode.create", "/x/y/z", parents=True, highest="/x/y")
    assert problem.code == "not-permitted" and client.exists("/x") is None
    problem = await bridge.refused("znode.create", "/x/y/z", parents=True, acl=READ)
    assert problem.code == "acl-denied" and "/x " in problem.text and client.exists("/x") is None
    problem = await bridge.refused("znode.create", "/x" * (MOST_PARENTS + 2), parents=True)
    assert problem.code == "bad-request" and client.exists("/x") is None
    assert (await bridge.create("/x" * (MOST_PARENTS + 1), parents=True)).made[-1] == "/x" * MOST_PARENTS


async def test_data_and_acls_are_replaced_and_znodes_deleted(bridge: Bridge, client: Client) -> None:
    client.create("/a", b"1")
    done = await bridge.call("znode.set", "/a", data=b"2", version=0)
    assert client.get("/a")[0] == b"2" and done.stat.version == 1
    assert int(done.zxid, 16) == client.exists("/a").mzxid
    assert (await bridge.call("znode.set", "/a", data=b"3", version=-1)).stat.version == 2
    acl = [Ace("digest", "bob:" + "A" * 27 + "=", "cdrwa"), Ace("world", "anyone", "r"), Ace("ip", "127.0.0.1", "dra")]
    assert (await bridge.call("znode.acl", "/a", acl=acl, aversion=0)).stat.aversion == 1
    whole = await bridge.read("/a")
    assert whole.acl == acl and whole.data == b"3" and whole.stat and whole.stat.version == 2
    await bridge.call("znode.delete", "/a", version=2)
    assert client.exists("/a") is None and not (await bridge.read("/a")).exists


async def test_a_chroot_is_kept_to(ensemble: RunningEnsemble, client: Client) -> None:
    client.create("/app")
    async with mirroring(f"{ensemble.hosts}/app") as found:
        await found.live()
        bridge = Bridge(found)
        assert (await bridge.create("/a/b-", sequential=True, parents=True)).path == "/a/b-0000000000"
        assert client.exists("/app/a/b-0000000000")
        assert (await bridge.create("/a/b-", sequential=True)).path == "/a/b-0000000001"
        mark = await bridge.mark("/a/b/c")
        assert mark.above == "/a" and (await bridge.read("/")).exists
        assert (await bridge.verdict(mark, "znode.create", "/a/b/c")).verdict == "not-applied"
        problem = await bridge.refused("znode.set", "/zookeeper", data=b"", version=-1)
        assert problem.code == "no-znode" and "/app" not in problem.text


# ── what is refused ─────────────────────────────────────────────────────────


async def test_refusals_say_what_where_and_what_to_do(bridge: Bridge, client: Client) -> None:
    client.create("/a", b"1")
    client.set("/a", b"2")
    client.create("/a/b")
    client.create("/a/c")
    client.create("/e", ephemeral=True)
    new = {"scheme": "foo", "id": "x", "perms": "r"}
    expected: list[tuple[str, str, dict[str, Any], str, str]] = [
        ("znode.set", "/a", {"data": b"", "version": 0}, "wrong-version", "has version 1 now"),
        ("znode.delete", "/a/b", {"version": 3}, "wrong-version", "not at version 3: it has version 0."),
        ("znode.acl", "/a", {"acl": READ, "aversion": 2}, "wrong-version", "is not at version 2: it has version 0."),
        ("znode.create", "/a", {}, "exists", "/a exists"),
        ("znode.create", "/no/a", {}, "no-znode", "/no, in which"),
        ("znode.set", "/no", {"data": b"", "version": -1}, "no-znode", "/no does not exist"),
        ("znode.delete", "/no", {"version": -1}, "no-znode", "/no does not exist"),
        ("znode.acl", "/no", {"acl": READ, "aversion": -1}, "no-znode", "/no does not exist"),
        ("znode.delete", "/a", {"version": -1}, "not-empty", "2 children"),
        ("znode.create", "/e/x", {}, "ephemeral-parent", f"of session 0x{client.client_id[0]:x}"),
        ("znode.create", "/x", {"acl": [new]}, "bad-acl", "/x"),
        ("znode.acl", "/a", {"acl": [new], "aversion": 0}, "bad-acl", "/a"),
        ("znode.acl", "/a", {"acl": [{**new, "perms": "rx"}], "aversion": 0}, "bad-acl", "'rx'"),
        ("znode.acl", "/a", {"acl": [], "aversion": 0}, "bad-acl", "everybody"),
        ("znode.delete", "/", {"version": -1}, "bad-path", "root"),
        ("znode.create", "/a//b", {}, "bad-path", "empty segment"),
        ("znode.create", "/c", {"kind": "container", "sequential": True}, "unsupported", "no sequential"),
        ("znode.create", "/t", {"kind": "ttl"}, "bad-request", "TTL"),
        ("znode.create", "/t", {"ttl": 5}, "bad-request", "ttl"),
        ("znode.set", "/a", {"data": b""}, "bad-request", "version"),
    ]  # fmt: skip
    before = bridge.session.traffic.requests
    for method, path, params, code, words in expected:
        problem = await bridge.refused(method, path, **params)
        assert problem.code == code and words in problem.text, (method, path, params, problem)
        assert problem.hint or code == "bad-request"
    assert client.get("/a")[0] == b"2" and bridge.session.traffic.requests > before


async def test_what_an_acl_denies(bridge: Bridge, client: Client) -> None:
    client.create("/a", acl=[ACL(Permissions.READ, Id("world", "anyone")), make_digest_acl("bob", "x", all=True)])
    client.add_auth("digest", "bob:x")
    client.create("/a/b")
    client.create("/secret", b"x", acl=[make_digest_acl("bob", "x", all=True)])
    for method, path, params, missing, holder in [
        ("znode.set", "/a", {"data": b"", "version": -1}, "write", "/a"),
        ("znode.create", "/a/c", {}, "create", "/a"),
        ("znode.delete", "/a/b", {"version": -1}, "delete", "/a"),
        ("znode.acl", "/a", {"acl": READ, "aversion": -1}, "admin", "/a"),
    ]:
        problem = await bridge.refused(method, path, **params)
        assert problem.code == "acl-denied", problem
        assert f"ACL of {holder} does not give the bridge the permission '{missing}'" in problem.text
        assert "ip:127.0.0.1" in problem.text
    locked = await bridge.read("/secret")
    assert locked.exists and locked.locked and locked.data == b"" and locked.acl is None
    assert locked.stat is not None and locked.stat.data_length == 1
    for path in ("/a", "/secret"):
        client.delete(path, recursive=True)  # which only this client may


async def test_what_is_too_large_is_not_sent_and_costs_no_connection(bridge: Bridge, client: Client) -> None:
    client.create("/a")
    most = MAX_REQUEST - BEFORE - len(WriteData("/a", b"", 0).serialize())
    problem = await bridge.refused("znode.set", "/a", data=bytes(most + 1), version=0)
    assert problem.code == "too-large" and "jute.maxbuffer" in problem.text and "1,048,576 bytes" in problem.text
    await bridge.call("znode.set", "/a", data=b"\xff" * most, version=0)
    assert client.get("/a")[0] == b"\xff" * most
    assert len((await bridge.read("/a")).data) == most and bridge.session.epoch == 1


async def test_ttl_znodes_need_a_setting_which_is_named(tmp_path: Path) -> None:
    running = RunningEnsemble(tmp_path, 1)
    try:
        running.plan.write()
        file = running.plan.home(1) / "zoo.cfg"
        file.write_text(file.read_text().replace("extendedTypesEnabled=true\n", ""))
        running.launch("1")
        await asyncio.to_thread(running.wait_until_serving)
        async with mirroring(running.hosts) as found:
            await found.live()
            problem = await Bridge(found).refused("znode.create", "/t", kind="ttl", ttl=1_000)
            assert problem.code == "unsupported" and "zookeeper.extendedTypesEnabled" in problem.text
            assert (await Bridge(found).create("/c", kind="container")).path == "/c"
    finally:
        running.stop()


@pytest.mark.parametrize("state", ["connecting", "stale", "read-only", "no-quorum"])
async def test_nothing_is_sent_unless_all_is_well(bridge: Bridge, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    status = Status(state, 0, "tested", 1, server="127.0.0.1:1")  # type: ignore[arg-type]
    asker = Asker(bridge.session, lambda: status, clock)
    requests = bridge.session.traffic.requests
    for method, params in {
        "znode.create": {}, "znode.set": {"data": "", "version": -1}, "znode.delete": {"version": -1},
        "znode.acl": {"acl": msgspec.to_builtins(READ), "aversion": -1}, "znode.mark": {},
    }.items():  # fmt: skip
        with pytest.raises(Refused) as refused:
            await Znodes(asker).calls[method]({"path": "/a", **params})
        assert refused.value.problem.code == (state if state in ("read-only", "no-quorum") else "not-live")
        assert "nothing was done" in refused.value.problem.text
    assert bridge.session.traffic.requests == requests


# ── what is lost ────────────────────────────────────────────────────────────

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("znode.create", "/new", {"data": b"x"}),
    ("znode.create", "/p/s-", {"data": b"x", "sequential": True}),
    ("znode.create", "/no/way/new", {"data": b"x", "parents": True}),
    ("znode.create", "/p/e", {"kind": "ephemeral"}),
    ("znode.set", "/a", {"data": b"x", "version": 0}),
    ("znode.delete", "/a", {"version": 0}),
    ("znode.acl", "/a", {"acl": READ, "aversion": 0}),
]


@pytest_asyncio.fixture
async def far(ensemble: RunningEnsemble, client: Client) -> AsyncIterator[tuple[Bridge, Proxy]]:
    """A bridge that reaches its server through a proxy."""
    client.create("/a", b"1")
    client.create("/p")
    async with proxied(ensemble.plan.ports[0].client) as proxy, mirroring(f"127.0.0.1:{proxy.port}") as found:
        await found.live()
        yield Bridge(found), proxy


def count(client: Client) -> Callable[[], int]:
    """How many transactions a znode of the test has seen: what changes when one takes effect."""

    def counted() -> int:
        total = 0
        for path in ("/", "/a", "/p"):
            try:
                stat = client.get(path)[1]
            except NoNodeError:
                continue
            total += stat.version + stat.cversion + stat.aversion
        return total

    return counted


@pytest.mark.parametrize(("method", "path", "params"), CASES)
async def test_a_change_whose_answer_is_lost_is_unknown_then_found_applied(
    far: tuple[Bridge, Proxy], client: Client, monkeypatch: pytest.MonkeyPatch, method: str, path: str,
    params: dict[str, Any],
) -> None:  # fmt: skip
    bridge, proxy = far
    before = count(client)()
    mark = await bridge.mark(path, sequential=params.get("sequential", False))
    send = bridge.session.send

    def hold(request: Any, done: Any) -> None:
        if request.type in CHANGING:  # what is read before a change is answered
            proxy.replies.clear()
        send(request, done)

    monkeypatch.setattr(bridge.session, "send", hold)
    asked = asyncio.create_task(bridge.refused(method, path, **params))
    await bridge.mirroring.until("it took effect", lambda: count(client)() != before)
    proxy.reset()
    problem = await asked
    assert problem.code == "unknown" and "may or may not have happened" in problem.text
    proxy.replies.set()
    await bridge.mirroring.live(2)
    verdict = await bridge.verdict(mark, method, path, **params)
    assert verdict.verdict == "applied", verdict


@pytest.mark.parametrize(("method", "path", "params"), [case for case in CASES if "parents" not in case[2]])
async def test_a_change_that_never_arrived_is_unknown_then_found_not_applied(
    far: tuple[Bridge, Proxy], client: Client, method: str, path: str, params: dict[str, Any]
) -> None:
    bridge, proxy = far
    before = count(client)()
    mark = await bridge.mark(path, sequential=params.get("sequential", False))
    proxy.requests.clear()
    asked = asyncio.create_task(bridge.refused(method, path, **params))
    await asyncio.sleep(0)
    assert bridge.session.connected and not asked.done()
    proxy.reset()
    assert (await asked).code == "unknown"
    assert (await bridge.refused("znode.set", "/a", data=b"", version=-1)).code == "not-live"
    proxy.requests.set()
    await bridge.mirroring.live(2)
    verdict = await bridge.verdict(mark, method, path, **params)
    assert verdict.verdict == "not-applied" and count(client)() == before, verdict


async def test_a_verdict_waits_for_the_end_of_another_session(bridge: Bridge, client: Client) -> None:
    """A bridge that was started anew cannot know what still lies in a server, until the old session has ended."""
    client.create("/a", b"1")
    mark = msgspec.structs.replace(await bridge.mark("/a"), session="0x1234")
    question: tuple[Any, ...] = (mark, "znode.set", "/a")
    with pytest.raises(Refused) as refused:
        await bridge.verdict(*question, data=b"x", version=0)
    assert refused.value.problem.code == "not-now" and "Ask again in" in refused.value.problem.hint
    bridge.later = IN_FLIGHT + 2 * mark.timeout
    assert (await bridge.verdict(*question, data=b"x", version=0)).verdict == "not-applied"
    bridge.later = 0.0
    client.set("/a", b"x")
    assert (await bridge.verdict(*question, data=b"x", version=0)).verdict == "applied"


async def test_a_server_that_does_not_answer_makes_the_result_unknown_and_the_session_tells(
    far: tuple[Bridge, Proxy], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection was lost: what is asked over the same one comes after the change."""
    monkeypatch.setattr("zkbridge.editing.asking.CHANGE", 0.2)
    bridge, proxy = far
    mark = await bridge.mark("/a")
    proxy.replies.clear()
    problem = await bridge.refused("znode.set", "/a", data=b"x", version=0)
    assert problem.code == "unknown" and "0.2 s" in problem.text
    proxy.replies.set()
    assert (await bridge.verdict(mark, "znode.set", "/a", data=b"x", version=0)).verdict == "applied"
    assert bridge.session.epoch == 1
