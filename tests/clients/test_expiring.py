"""The calls about sessions: who may not be ended, what is refused, and what became of one whose end is not known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from zkbridge.clients import expiring as room
from zkbridge.clients.expiring import Expiring, session_of
from zkbridge.clients.watching import EACH, MOST, WatchReading
from zkbridge.editing.refused import Refused
from zkbridge.facts import Member, hexadecimal
from zkbridge.protocol.base import Problem
from zkbridge.protocol.sessions import Loss, Parting, Session, Tells
from zkbridge.records import Record
from zkbridge.veil import Veil
from zkbridge.views.agreed import mark
from zkbridge.zookeeper.ending import Closed, Gone, NotEnded, Unsure
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.session import Refusal
from zkbridge.zookeeper.watchlists import Round, Told

LEADS = Loss("/election", "election", ["/election/c_1"], 2, led=True)

A, B, OWN = 0x100000000000001, 0x200000000000002, 0x300000000000003


class TheSession:
    def __init__(self, hosts: str = "a:1,b:2,c:3") -> None:
        self.hosts, self.server, self.id = parse(hosts), "b:2", OWN


class Asker:
    def __init__(self, hosts: str = "a:1,b:2,c:3") -> None:
        self.session = TheSession(hosts)
        self.now = 1_000_000.0
        self.live = True

    def clock(self) -> float:
        return self.now

    def need_live(self, *, reading: bool = False) -> None:
        if not self.live:
            raise Refused("no-quorum", "The ensemble takes no changes now.")


class Tree:
    def __init__(self) -> None:
        self.owners: dict[int, set[str]] = {A: {"/a/1", "/a/2"}, B: {"/secret/x"}}


class Scene:
    def __init__(self) -> None:
        self.there = {A, B, OWN}
        self.on = ""
        self.mark = mark([5], [])
        self.tells: Tells = "all"

    def parting(self, ident: str) -> Parting:
        session = session_of(ident)
        if session not in self.there:
            return Parting(ident, False)
        refusal = Problem("not-now", "This is Zooscope's own session.") if session == OWN else None
        return Parting(ident, True, Session(ident, server=self.on, timeout=4_000), refusal=refusal, mark=self.mark)

    def known_sessions(self, sessions: set[int]) -> dict[int, Session]:
        return {session: Session(hexadecimal(session), name=f"name {session & 0xFF}") for session in sessions & {A}}


class Desk:
    """What was ended where, as ``outcomes`` has it for each server in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: object, veil: Veil | None = None) -> None:
        self.tried: list[tuple[int, str, int]] = []
        self.notes: list[Record] = []
        self.asker, self.tree, self.scene = Asker(), Tree(), Scene()
        self.full = False
        self.came: Callable[[], None] = lambda: None
        """What the mirror had not seen yet."""
        left = list(outcomes)

        async def end(session: int, host: str, port: int, lasts: int, clock: Any, before: Any, *more: Any) -> Closed:
            self.tried.append((session, f"{host}:{port}", lasts))
            outcome = left.pop(0) if left else None
            if isinstance(outcome, NotEnded):
                raise outcome
            before()
            if isinstance(outcome, Exception):
                raise outcome
            return Closed(f"{host}:{port}", 12.0)

        async def caught_up() -> None:
            self.came()

        def members() -> tuple[Member, ...]:
            return tuple(Member(str(number), host, number) for number, host in enumerate("abc", 1))

        monkeypatch.setattr(room, "end", end)
        self.expiring = Expiring(self.asker, self.scene, self.tree, self.note, caught_up, members, veil=veil)  # type: ignore[arg-type]

    def note(self, record: Record) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.notes.append(record)

    async def expire(self, session: int, **more: Any) -> Any:
        return await self.expiring.expire({"id": hexadecimal(session), "by": "ann", **more})

    async def refused(self, session: int, **more: Any) -> Problem:
        with pytest.raises(Refused) as caught:
            await self.expire(session, **more)
        return caught.value.problem


async def test_it_is_written_down_then_done_where_the_bridge_is(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    ended = await desk.expire(A, owned=2)
    assert (ended.id, ended.server, ended.owned) == (hexadecimal(A), "b:2", 2)
    assert desk.tried == [(A, "b:2", 4_000)]
    (note,) = desk.notes
    assert (note.kind, note.action, note.by, note.session) == ("asked", "session.expire", "ann", hexadecimal(A))


async def test_the_server_that_the_client_is_on_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, *(NotEnded("it cannot be reached") for _ in range(3)))
    await desk.refused(B)  # made by server 2, on which the bridge is
    assert [server for _, server, _ in desk.tried][-1] == "b:2"
    desk = Desk(monkeypatch, *(NotEnded("it cannot be reached") for _ in range(3)))
    desk.scene.on = "1"
    await desk.refused(B)
    assert [server for _, server, _ in desk.tried] == ["b:2", "c:3", "a:1"]


@pytest.mark.parametrize(
    ("session", "more", "code"),
    [
        (OWN, {}, "not-now"),
        (A, {"owned": 1}, "not-now"),
        (A, {"spared": ["/a"]}, "protected"),
        (A, {"spared": ["/a/1"]}, "protected"),
        (A, {"colour": "red"}, "bad-request"),
    ],
)
async def test_what_is_refused_reaches_no_server(
    monkeypatch: pytest.MonkeyPatch, session: int, more: dict[str, Any], code: str
) -> None:
    desk = Desk(monkeypatch)
    assert (await desk.refused(session, **more)).code == code
    assert desk.tried == [] and desk.notes == []


async def test_what_was_agreed_to_is_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many znodes as before may be others, or mean more."""
    desk = Desk(monkeypatch)
    seen = desk.scene.mark
    newer, leads = mark([4, 6], []), mark([5], [LEADS])
    for now, words in ((newer, "were not there when you looked"), (leads, "lead the same groups")):
        desk.scene.mark = now
        problem = await desk.refused(A, owned=2, mark=seen)
        assert problem.code == "wrong-version" and words in problem.text and "Nothing was done" in problem.text
    assert desk.tried == [] and desk.notes == []
    desk.scene.mark = mark([4], [])  # the newest has gone since: less goes than was agreed to
    assert (await desk.expire(A, owned=2, mark=seen)).owned == 2
    assert (await desk.refused(B, mark="nonsense")).code == "wrong-version"


async def test_what_it_has_just_made_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mirror may lag behind: it catches up before anything is decided."""
    desk = Desk(monkeypatch)
    desk.came = lambda: desk.tree.owners[A].add("/kept/x")
    assert (await desk.refused(A, spared=["/kept"])).code == "protected" and desk.tried == []

    def breaks() -> None:
        raise Refusal(-4)

    desk.came = breaks
    problem = await desk.refused(A)
    assert problem.code == "not-now" and "nothing was done" in problem.text and desk.tried == []


async def test_what_is_hidden_from_somebody_they_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, veil=Veil(["/secret"], []))
    problem = await desk.refused(B)
    assert problem.code == "not-permitted" and "secret" not in problem.text and desk.tried == []
    assert (await desk.expire(A)).owned == 2


@pytest.mark.parametrize("ident", ["", "7", "0x", "0xzz", "0x0", "0x" + "1" * 17, "-0x1", "0x-1"])
async def test_what_is_no_id(monkeypatch: pytest.MonkeyPatch, ident: str) -> None:
    desk = Desk(monkeypatch)
    with pytest.raises(Refused) as caught:
        await desk.expiring.expire({"id": ident})
    assert caught.value.problem.code == "bad-request"


async def test_a_server_that_closed_nothing_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, NotEnded("it cannot be reached"))
    assert (await desk.expire(A)).server == "c:3"
    desk = Desk(monkeypatch, *(NotEnded("it cannot be reached") for _ in range(3)))
    problem = await desk.refused(A)
    assert problem.code == "not-live" and problem.text.count("cannot be reached") == 3 and len(desk.tried) == 3


async def test_after_a_close_no_other_server_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, Unsure("the connection was lost"))
    assert (await desk.refused(A)).code == "unknown" and len(desk.tried) == 1
    desk = Desk(monkeypatch, Gone("that session is gone already"))
    assert (await desk.refused(A)).code == "no-such-session" and len(desk.tried) == 1


async def test_without_a_record_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.full = True
    problem = await desk.refused(A)
    assert problem.code == "failed" and "No space left" in problem.text
    desk.asker.live = False
    assert (await desk.refused(A)).code == "no-quorum"


async def test_what_became_of_one_whose_end_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    lost = {"id": hexadecimal(A), "at": desk.asker.now}
    with pytest.raises(Refused) as caught:
        await desk.expiring.verdict(lost)
    assert caught.value.problem.code == "not-now", "it may end yet"
    desk.asker.now += 11_000
    assert (await desk.expiring.verdict(lost)).verdict == "not-applied"
    desk.scene.there.discard(A)
    with_ephemerals = await desk.expiring.verdict(lost)
    assert with_ephemerals.verdict == "not-applied"
    del desk.tree.owners[A]
    assert (await desk.expiring.verdict(lost)).verdict == "applied"


@pytest.mark.parametrize(
    ("tells", "owned", "at_once", "in_the_end"),
    [("all", 0, "applied", "applied"), ("connected", 0, "", "applied"), ("", 0, "", "cannot-tell"),
     ("", 2, "applied", "applied")],
)  # fmt: skip
async def test_a_session_that_nobody_tells_of_is_not_said_to_be_gone(
    monkeypatch: pytest.MonkeyPatch, tells: Tells, owned: int, at_once: str, in_the_end: str
) -> None:
    desk = Desk(monkeypatch)
    desk.scene.tells = tells
    desk.scene.there.discard(A)
    del desk.tree.owners[A]
    lost = {"id": hexadecimal(A), "at": desk.asker.now, "owned": owned}
    if at_once:
        assert (await desk.expiring.verdict(lost)).verdict == at_once
    else:
        with pytest.raises(Refused) as caught:
            await desk.expiring.verdict(lost)
        assert caught.value.problem.code == "not-now"
    desk.asker.now += 11_000
    assert (await desk.expiring.verdict(lost)).verdict == in_the_end


# ---- watches ----


def reading(watchers: dict[str, list[int]], hosts: str = "a:1", veil: Veil | None = None) -> WatchReading:
    class Lists:
        async def ask(self) -> Round:
            silent = Told(Member("2", "b", 2), problem="It needs …")
            return Round(5.0, 1.0, (Told(Member("1", "a", 1), watchers, "AdminServer"), silent))

    return WatchReading(Asker(hosts), Lists(), Scene(), veil)  # type: ignore[arg-type]


async def test_watches_by_znode_and_by_session() -> None:
    found = await reading({"/b": [A], "/a": [B, A, A]}).read({})
    assert list(found.paths) == ["/a", "/b"] and found.paths["/a"].sessions == [hexadecimal(A), hexadecimal(B)]
    assert list(found.sessions) == [hexadecimal(A), hexadecimal(B)], "those with a name first"
    assert found.sessions[hexadecimal(A)].name == "name 1"
    assert (found.znodes, found.watchers, found.watches) == (2, 2, 3)
    assert [server.problem for server in found.servers] == ["", "It needs …"]


async def test_watches_on_one_znode_or_of_one_session() -> None:
    room = reading({"/b": [A], "/a": [B, A]})
    assert list((await room.read({"path": "/b"})).sessions) == [hexadecimal(A)]
    assert list((await room.read({"session": hexadecimal(B)})).paths) == ["/a"]
    for wrong in ({"path": "b"}, {"session": "7"}, {"other": 1}):
        with pytest.raises(Refused):
            await room.read(wrong)


async def test_watches_on_what_is_hidden_or_outside_the_chroot_are_not_told() -> None:
    found = await reading({"/app/secret/x": [A], "/app/open": [B], "/elsewhere": [A]}, "a:1/app",
                          Veil(["/secret"], [])).read({})  # fmt: skip
    assert list(found.paths) == ["/open"] and list(found.sessions) == [hexadecimal(B)]
    assert found.servers[0].watches == 1 and "secret" not in str(found)


async def test_an_answer_is_bounded_and_holds_up_nobody() -> None:
    many = {f"/{'x' * 500}/{number:05d}": list(range(1, 251)) for number in range(1_200)}
    waits: list[float] = []

    async def beside() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            waits.append(time.thread_time() - before)

    other = asyncio.create_task(beside())
    found = await reading(many).read({})
    other.cancel()
    assert found.znodes == 1_200 and found.watches == 300_000 and len(found.paths) <= MOST
    assert all(len(watchers.sessions) == EACH < watchers.count for watchers in found.paths.values())
    (last,) = {watching.count for watching in found.sessions.values()}
    assert last == 1_200 and all(len(watching.paths) <= EACH for watching in found.sessions.values())
    assert len(msgspec.json.encode(found)) < 1_500_000
    assert max(waits) < 0.2, "all else that the bridge does waits as long"
