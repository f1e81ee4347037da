"""The mirror on a real ensemble: it equals a fresh read, and its log tells what was done."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import make_digest_acl

from tests import claims
from tests.integration.ensemble import RunningEnsemble
from tests.integration.mirroring import mirroring
from zkbridge.znode import Znode
from zkbridge.zookeeper.requests import MultiRead

pytestmark = pytest.mark.ensemble


class Writer:
    """Random creates, writes, deletes and multis, with its own record of what was committed."""

    def __init__(self, client: KazooClient, seed: int) -> None:
        self.client, self.random = client, random.Random(seed)
        self.paths = ["/w"]
        self.done: list[tuple[str, str]] = []
        client.create("/w")
        self.done.append(("created", "/w"))

    def act(self) -> None:
        kind = self.random.choice(["create", "create", "ephemeral", "sequence", "set", "set", "set", "delete", "multi"])
        path = self.random.choice(self.paths)
        if kind in ("create", "ephemeral", "sequence"):
            name = f"{path}/{self.random.choice('abcdefgh')}"
            made = self.client.create(
                name, self.random.randbytes(self.random.choice([0, 5, 3000])),
                ephemeral=kind == "ephemeral", sequence=kind == "sequence",
            )  # fmt: skip
            self.done.append(("created", made))
            if kind != "ephemeral" and made.count("/") < 5:
                self.paths.append(made)
        elif kind == "set":
            self.client.set(path, self.random.randbytes(9))
            self.done.append(("data", path))
        elif kind == "delete" and path != "/w":
            self.client.delete(path)
            self.paths.remove(path)
            self.done.append(("deleted", path))
        else:
            multi = self.client.transaction()
            multi.create(f"{path}/m")
            multi.set_data(path, b"multi")
            multi.delete(f"{path}/m")
            if not any(isinstance(result, Exception) for result in multi.commit()):
                self.done += [("created", f"{path}/m"), ("data", path), ("deleted", f"{path}/m")]

    def run(self, count: int) -> None:
        for _ in range(count):
            try:
                self.act()
            except KazooException:
                continue


async def test_a_mirror_equals_a_fresh_read_and_its_log_the_record(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as first, ensemble.client() as second:
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            writer = Writer(first, seed=1)
            await asyncio.to_thread(writer.run, 800)
            await m.equal(second)
            assert m.mirror.patrol.mismatches == 0
            told: list[tuple[str, str]] = []
            for change in m.changes:
                assert change.kind in ("created", "data", "deleted")
                told += [(change.kind, change.path)] * change.writes
            by_path: dict[str, list[str]] = {}
            truth: dict[str, list[str]] = {}
            for into, record in ((by_path, told), (truth, writer.done)):
                for kind, path in record:
                    into.setdefault(path, []).append(kind)
            assert by_path == truth
            assert [c.id for c in m.changes] == list(range(1, len(m.changes) + 1))
            sure = [int(c.zxid, 16) for c in m.changes if c.sure]
            assert sure == sorted(sure)
            assert len(sure) > len(m.changes) / 2


async def test_the_first_read_is_whole(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        await asyncio.to_thread(Writer(client, seed=2).run, 300)
        for index in range(40):
            client.create(f"/wide/{index:03}", b"x" * (index * 500), makepath=True)
        async with mirroring(ensemble.hosts) as m:
            await m.equal(client)
            assert m.changes == []
            assert m.mirror.facts.state == "live"
            assert m.mirror.facts.problem is None
            assert [f.state for f in m.facts][0] == "connecting"


async def test_large_znodes_and_long_names_are_read_in_pieces(
    ensemble: RunningEnsemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replies of about a megabyte, whatever the znodes weigh; requests that ZooKeeper takes, whatever their names."""
    replies, requests = list[int](), list[int]()
    read, written = MultiRead.deserialize, MultiRead.serialize

    def deserialize(self: MultiRead, body: bytes, offset: int) -> Any:
        replies.append(len(body))
        return read(self, body, offset)

    def serialize(self: MultiRead) -> bytes:
        requests.append(len(body := written(self)))
        return body

    monkeypatch.setattr(MultiRead, "deserialize", deserialize)
    monkeypatch.setattr(MultiRead, "serialize", serialize)
    with ensemble.client() as client:
        for path, count, name, size in (("/heavy", 100, "", 100_000), ("/heaviest", 10, "", 1_000_000),
                                        ("/long", 1_000, "\u6a39" * 500, 0)):  # fmt: skip
            client.create(path)
            for made in [client.create_async(f"{path}/{n:04}{name}", b"x" * size) for n in range(count)]:
                made.get()
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            assert len(m.tree.names("/heavy")) == 100 and len(m.tree.names("/long")) == 1_000
            # The names of /long are one reply, as ZooKeeper gives a list whole.
            assert sorted(replies)[-2] <= 1.1e6 and max(requests) < 1_048_575
            assert len(replies) < 100
            for n in range(10):
                client.set(f"/heaviest/{n:04}", b"y" * 1_000_000)
            await m.until("all are read anew", lambda: all(
                (m.tree.get(f"/heaviest/{n:04}") or Znode()).version == 1 for n in range(10)
            ))  # fmt: skip
            assert sorted(replies)[-2] <= 1.1e6
            await m.equal(client)


async def test_ephemerals_vanish_with_their_session(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as watcher:
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            with ensemble.client() as owner:
                for name in "abc":
                    owner.create(f"/{name}", ephemeral=True)
                session = owner.client_id[0]
                await m.until("three owned", lambda: len(m.tree.owners.get(session, ())) == 3)
            await m.equal(watcher)
            deleted = [c for c in m.changes if c.kind == "deleted"]
            assert [c.owner for c in deleted] == [f"0x{session:x}"] * 3
            assert session not in m.tree.owners


async def test_what_is_created_deleted_and_created_again_is_seen(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/again", b"one")
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            for _ in range(20):
                multi = client.transaction()
                multi.delete("/again")
                multi.create("/again", b"one")
                multi.commit()
            await m.equal(client)
            kinds = [c.kind for c in m.changes if c.path == "/again"]
            assert kinds == ["deleted", "created"] * 20


async def test_locked_znodes_are_shown_as_locked_and_their_end_is_noticed(ensemble: RunningEnsemble) -> None:
    secret = [make_digest_acl("me", "secret", all=True)]
    with ensemble.client() as client:
        client.add_auth("digest", "me:secret")
        client.create("/closed", b"x", acl=secret)
        client.create("/open", b"x")
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            closed = m.tree.get("/closed")
            assert closed is not None and closed.locked and closed.data == b"" and closed.data_length == 1
            client.set_acls("/open", secret)
            await m.until("the change of ACL is noticed", lambda: (m.tree.get("/open") or Znode()).locked)
            assert [c.kind for c in m.changes] == ["acl"]
            client.delete("/open")
            client.delete("/closed")
            await m.until("both are gone", lambda: not {"open", "closed"} & set(m.tree.names("/")))
            await m.equal(client)


async def test_a_chroot_is_the_root_and_may_come_later(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        async with mirroring(ensemble.hosts + "/app/one") as m:
            await m.live()
            problem = m.mirror.facts.problem
            assert problem is not None and problem.code == "no-chroot"
            assert len(m.tree) == 0
            client.create("/app/one/x", b"1", makepath=True)
            client.create("/app/two", b"2")
            await m.until("it shows", lambda: m.tree.get("/x") is not None)
            await m.until("no problem", lambda: m.mirror.facts.problem is None)
            assert sorted(path for path, _ in m.tree.walk()) == ["/", "/x"]
            assert len(m.mirror.members) == 3, "the configuration is read outside the chroot"
            found = await m.mirror.read("/x")
            assert found is not None and found[1] == b"1"


async def test_so_much_of_data_is_kept_as_was_said_and_all_of_it_read_on_demand(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/big", b"y" * 500_000)
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            found = await m.mirror.read("/big")
            assert found is not None and found[1] == b"y" * 500_000
            kept = m.tree.get("/big")
            assert kept is not None and kept.data == b"y" * 1024 and kept.data_length == 500_000
            assert await m.mirror.read("/nope") is None
            client.set("/big", b"z" * 500_000)
        async with mirroring(ensemble.hosts, preview=100) as m:
            await m.live()
            assert (m.tree.get("/big") or Znode()).data == b"z" * 100
            client.set("/big", b"a" * 99 + b"b" * 9)
            await m.until("it is read anew", lambda: (m.tree.get("/big") or Znode()).data == b"a" * 99 + b"b")
            found = await m.mirror.read("/big")
            assert found is not None and found[1] == b"a" * 99 + b"b" * 9


async def test_the_members_come_from_the_configuration(ensemble: RunningEnsemble) -> None:
    async with mirroring(ensemble.hosts.split(",")[0]) as m:
        await m.live()
        assert [(x.id, x.port, x.voter) for x in m.mirror.members] == [
            (x.id, x.port, True) for x in ensemble.plan.members
        ]


async def test_a_change_is_in_the_tree_at_once(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/t")
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            took = []
            for index in range(30):
                await asyncio.sleep(0.03)
                data = b"%d" % index
                await asyncio.to_thread(client.set, "/t", data)
                begun = time.perf_counter()
                await m.until("it is there", lambda data=data: (m.tree.get("/t") or Znode()).data == data)
                took.append(time.perf_counter() - begun)
            claims.hold("commit, until the tree has it, median", sorted(took)[len(took) // 2], 0.05)
