"""What the bridge tells of subtrees, and the steps that it carries out, on a real ensemble."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from kazoo.client import KazooClient
from kazoo.security import ACL, Id, Permissions, make_digest_acl

from tests.integration.ensemble import RunningEnsemble
from tests.integration.mirroring import Mirroring, clock, mirroring
from zkbridge.editing.applying import Applier
from zkbridge.editing.asking import Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.subtree import Subtrees
from zkbridge.protocol.editing import Ace, Applied, Counted, Entry, Op, Paged
from zkbridge.protocol.status import Status
from zkbridge.zookeeper.changing import Make
from zkbridge.zookeeper.multi import Multi
from zkbridge.zookeeper.requests import Sent, Sync
from zkbridge.zookeeper.wire import Done

pytestmark = pytest.mark.ensemble

READ_ONLY = [ACL(Permissions.READ, Id("world", "anyone")), make_digest_acl("bob", "secret", all=True)]


class Editing:
    """The calls, as a hub makes them."""

    def __init__(self, mirroring: Mirroring) -> None:
        self.state = "live"
        asker = Asker(mirroring.session, lambda: Status(self.state, 0, "tested", 1), clock)  # type: ignore[arg-type]
        self._calls = Subtrees(asker, mirroring.tree, mirroring.mirror.catch_up).calls | Applier(asker).calls
        self._mirroring = mirroring

    async def call(self, method: str, **params: Any) -> Any:
        return await self._calls[method](msgspec.to_builtins(params))

    async def count(self, path: str) -> Counted:
        found: Counted = await self.call("subtree.count", path=path)
        return found

    async def pages(self, path: str, **more: Any) -> list[Paged]:
        pages: list[Paged] = []
        after = ""
        while True:
            page: Paged = await self.call("subtree.page", path=path, after=after, **more)
            pages.append(page)
            after = page.next
            if not after:
                return pages

    async def apply(self, *ops: Op, atomic: bool = True) -> Applied:
        found: Applied = await self.call("subtree.apply", ops=list(ops), atomic=atomic)
        return found


def entries(pages: list[Paged]) -> list[Entry]:
    return [entry for page in pages for entry in page.entries]


async def shown(found: Mirroring, path: str) -> None:
    await found.until(f"{path} is in the tree", lambda: path in found.tree and found.mirror.settled)


async def test_a_subtree_is_counted_with_whose_ephemerals_it_has(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/app", b"1234")
        client.create("/application", b"not below it")
        client.create("/app/a/b/c", b"x" * 5_000, makepath=True)
        client.create("/app/e1", b"", ephemeral=True)
        client.create("/app/a/e2", b"", ephemeral=True)
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            editing = Editing(found)
            counted = await editing.count("/app")
            session = f"0x{client.client_id[0]:x}"
            assert (counted.znodes, counted.bytes, counted.ephemerals, counted.deepest) == (6, 5_004, 2, 3)
            assert counted.sessions == {session: 2} and counted.exists
            assert not (await editing.count("/nowhere")).exists
            assert (await editing.count("/")).znodes == len(found.tree)


async def test_pages_have_every_znode_once_in_order_with_all_that_it_is(ensemble: RunningEnsemble) -> None:
    with planted(ensemble) as client:
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            editing = Editing(found)
            whole = entries(await editing.pages("/app"))
            small = await editing.pages("/app", bytes=1_000)
            assert len(small) > 5 and entries(small) == whole
            assert entries(await editing.pages("/app", znodes=1)) == whole
            assert entries(await editing.pages("/app", up=True, znodes=3)) == whole[::-1]
            by_path = {entry.path: entry for entry in whole}
            assert list(by_path) == sorted(by_path, key=lambda path: path.split("/"))
            assert by_path["/app/large"].data == b"\x00\xff" * 50_000
            assert by_path["/app/e"].kind == "ephemeral" and by_path["/app/e"].owner == f"0x{client.client_id[0]:x}"
            # Servers hide digests from whoever may not change the ACL (CVE-2019-0201).
            assert by_path["/app/read-only"].acl == [Ace("world", "anyone", "r"), Ace("digest", "bob:x", "cdrwa")]
            locked = by_path["/app/locked"]
            assert locked.locked and locked.data is None and locked.acl is None
            plain = entries(await editing.pages("/app", data=False, acl=False))
            assert all(entry.data is None and entry.acl is None for entry in plain) and len(plain) == len(whole)


async def test_children_are_named_page_by_page(ensemble: RunningEnsemble) -> None:
    with planted(ensemble):
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            await shown(found, "/app/many/19/x")
            editing = Editing(found)
            first = await editing.call("subtree.names", path="/app/many", limit=15)
            rest = await editing.call("subtree.names", path="/app/many", after=first.next)
            assert first.names + rest.names == sorted(map(str, range(20)))
            assert first.next == first.names[-1] and not rest.next and first.exists
            assert not (await editing.call("subtree.names", path="/app/none")).exists
            assert (await editing.call("subtree.names", path="/app/e")).names == []
            for limit in (0, 10_001):
                with pytest.raises(Refused) as refused:
                    await editing.call("subtree.names", path="/app", limit=limit)
                assert refused.value.problem.code == "bad-request"


async def test_containers_and_ttl_znodes_look_persistent_to_every_client(ensemble: RunningEnsemble) -> None:
    """ZooKeeper itself hides what they are (DataNode.getClientEphemeralOwner): nobody can export it."""
    async with mirroring(ensemble.hosts) as found:
        await found.live()
        editing = Editing(found)
        ops = [Op("create", "/app", kind="container"), Op("create", "/app/ttl", kind="ttl", ttl=1)]
        assert (await editing.apply(*ops)).done == 2
        await shown(found, "/app/ttl")
        assert {entry.kind for entry in entries(await editing.pages("/app"))} == {"persistent"}
        assert await editing.apply(Op("create", "/app/t2", kind="ttl", ttl=1 << 40)) != Applied(1)


@contextlib.contextmanager
def planted(ensemble: RunningEnsemble) -> Iterator[KazooClient]:
    with ensemble.client() as client:
        client.create("/app", b"top")
        client.create("/app/large", b"\x00\xff" * 50_000)
        client.create("/app/read-only", b"r", acl=READ_ONLY)
        client.create("/app/locked", b"secret", acl=[make_digest_acl("bob", "secret", all=True)])
        client.create("/app/e", b"", ephemeral=True)
        for number in range(20):
            client.create(f"/app/many/{number}/x", b"x" * number, makepath=True)
        yield client
        client.delete("/app/locked")  # which may not be listed, and so stands in the way of the next test


async def test_data_that_changed_under_the_mirror_comes_as_it_is_now(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/app", b"old")
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            editing = Editing(found)
            found.mirror.event = lambda event: None  # type: ignore[method-assign]
            client.set("/app", b"new")
            await found.session.ask(Sync("/"))
            (entry,) = entries(await editing.pages("/app"))
            assert (entry.data, entry.version) == (b"new", 1)
            client.delete("/app")
            await found.session.ask(Sync("/"))
            assert entries(await editing.pages("/app")) == []


async def test_a_transaction_happens_as_a_whole_or_not_at_all(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/app", b"")
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            editing = Editing(found)
            ops = [Op("create", "/app/a", b"1"), Op("set", "/app/a", b"2", version=0), Op("delete", "/app/b")]
            applied = await editing.apply(*ops)
            assert applied.done == 0 and [(failed.at, failed.problem.code) for failed in applied.failed] == [
                (2, "no-znode")
            ]
            client.sync("/")
            assert client.exists("/app/a") is None
            applied = await editing.apply(*ops[:2], Op("check", "/app", version=0))
            client.sync("/")
            assert applied.done == 3 and int(applied.zxid, 16) == client.exists("/app/a").mzxid
            assert client.get("/app/a")[0] == b"2"
            applied = await editing.apply(Op("check", "/app", version=7), Op("delete", "/app/a"))
            assert [failed.problem.code for failed in applied.failed] == ["wrong-version"]


async def test_singly_each_ends_by_itself_and_says_why(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/app/full/x", b"", makepath=True)
        client.create("/app/locked", b"", acl=READ_ONLY)
        client.create("/app/e", b"", ephemeral=True)
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            applied = await Editing(found).apply(
                Op("create", "/app/new", b"n", acl=[Ace("world", "anyone", "cdra")]),
                Op("create", "/app/new"),
                Op("delete", "/app/full"),
                Op("set", "/app/locked", b"x"),
                Op("delete", "/app/nothing"),
                Op("create", "/app/e/below"),
                Op("acl", "/app/new", acl=[Ace("world", "anyone", "r")], version=0),
                Op("set", "/app/full", version=9),
                Op("acl", "/app/full", acl=[Ace("nonsense", "x", "r")]),
                Op("create", "/app/ttl", kind="ttl", ttl=5_000),
                atomic=False,
            )
            assert applied.done == 3 and applied.lost == 0
            assert {failed.at: failed.problem.code for failed in applied.failed} == {
                1: "exists", 2: "not-empty", 3: "acl-denied", 4: "no-znode", 5: "ephemeral-parent", 7: "wrong-version",
                8: "bad-acl",
            }  # fmt: skip
            client.sync("/")
            assert client.get_acls("/app/new")[0] == [ACL(Permissions.READ, Id("world", "anyone"))]


async def test_what_cannot_be_asked_is_refused_and_nothing_is_done(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/app")
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            editing = Editing(found)

            async def code(*ops: Op, atomic: bool = True) -> str:
                with pytest.raises(Refused) as refused:
                    await editing.apply(*ops, atomic=atomic)
                return refused.value.problem.code

            assert await code() == "bad-request"
            assert await code(*[Op("check", "/app")] * 1_001) == "bad-request"
            assert await code(Op("acl", "/app", acl=[Ace("world", "anyone", "r")])) == "bad-request"
            assert await code(Op("check", "/app"), atomic=False) == "bad-request"
            assert await code(Op("create", "/app/e", kind="ephemeral")) == "bad-request"
            assert await code(Op("delete", "/app/../x")) == "bad-path"
            assert await code(*[Op("create", f"/app/{n}", b"x" * 500_000) for n in range(2)]) == "too-large"
            assert await code(Op("create", "/app/x", b"x" * 1_048_576)) == "too-large"
            assert (await editing.apply(Op("create", "/app/x", b"x" * 1_048_000))).done == 1
            await shown(found, "/app/x")
            (page,) = await editing.pages("/app/x")
            assert page.entries[0].data == b"x" * 1_048_000
            with pytest.raises(Refused):
                await editing.call("subtree.page", path="/app", after="/application")
            editing.state = "stale"
            with pytest.raises(Refused) as refused:
                await editing.count("/app")
            assert refused.value.problem.code == "not-live"


@pytest.mark.parametrize("atomic", [True, False])
async def test_a_step_whose_connection_breaks_is_lost(ensemble: RunningEnsemble, atomic: bool) -> None:
    with ensemble.client() as client:
        client.create("/app")
        async with mirroring(ensemble.hosts) as found:
            await found.live()
            send, sent = found.session.send, []

            def send_and_break(request: Sent, done: Done) -> None:
                send(request, done)
                if isinstance(request, Multi | Make):
                    sent.append(request)
                if len(sent) == (1 if atomic else 100):
                    found.session.drop("a test says so")

            found.session.send = send_and_break  # type: ignore[method-assign]
            ops = [Op("create", f"/app/{number}") for number in range(100)]
            assert await Editing(found).apply(*ops, atomic=atomic) == Applied(0, lost=100)
