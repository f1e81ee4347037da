"""People change znodes over HTTP, through a real web process and a real bridge, while things go well and while not."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.person import Person
from tests.integration.proxy import Proxy, proxied
from tests.integration.stack import Stack

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(120 * SCALE)]

HOSTILE = [
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "\"'><svg onload=alert(1)>", "{{7*7}}", "${7*7}",
    "%2F..%2Fzookeeper", "a b", "&amp;", "?path=/zookeeper", "#", "\u202egnp.exe", "\u200b", "é", "e\u0301", "smile 😀",
    "'; DROP TABLE dashboard_auditrow; --", "..\\..\\x", "a" * 500, "-0000000000", "\u00a0", "javascript:alert(1)",
]  # fmt: skip
"""Data, and names of znodes: with another stroke in place of '/', and without what ZooKeeper takes in none."""


def started(hosts: str) -> Iterator[tuple[Stack, Person]]:
    stack = Stack(hosts)
    try:
        stack.start()
        person = Person(stack.links["operator"])
        wait_for("the bridge is live", lambda: person.send("GET", "/api/znodes?path=/")[0] == 200)
        yield stack, person
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def shared(shared_ensemble: RunningEnsemble) -> Iterator[tuple[Stack, Person]]:
    """For tests that break nothing."""
    yield from started(shared_ensemble.hosts)


@pytest.fixture
def person(shared: tuple[Stack, Person], ensemble: RunningEnsemble) -> Person:
    return shared[1]


def at(path: str, address: str = "/api/znodes", **more: Any) -> str:
    return f"{address}?path={quote(path, safe='')}" + "".join(f"&{key}={value}" for key, value in more.items())


def text(value: str) -> dict[str, str]:
    return {"encoding": "text", "value": value}


def test_a_znode_from_its_creation_to_its_end(person: Person, ensemble: RunningEnsemble) -> None:
    status, made = person.send("POST", "/api/znodes", {"path": "/a/b", "data": text("1"), "parents": True})
    assert (status, made["path"], made["made"]) == (201, "/a/b", ["/a"])
    status, read = person.send("GET", at("/a/b"))
    assert (
        status == 200
        and base64.b64decode(read["data"]) == b"1"
        and read["acl"][0]["words"] == ("Anyone may do everything.")
    )
    status, edited = person.send("PUT", at("/a/b"), {"data": {"encoding": "hex", "value": "00 ff"}, "version": 0})
    assert status == 200 and edited["stat"]["version"] == 1
    secret = {"scheme": "digest", "user": "bob", "password": "hunter2", "perms": "cdrwa"}
    world = {"scheme": "world", "id": "anyone", "perms": "ra"}
    assert person.send("PUT", at("/a/b", "/api/acl"), {"acl": [secret, world], "aversion": 0})[0] == 200
    status, acl = person.send("GET", at("/a/b", "/api/acl"))
    assert acl["aversion"] == 1 and acl["acl"][0]["id"] == "bob:•••"
    kept = [{key: entry[key] for key in ("scheme", "id", "perms")} for entry in acl["acl"]]
    status, again = person.send("PUT", at("/a/b", "/api/acl"), {"acl": kept, "aversion": 1})
    assert status == 200, again
    with ensemble.client() as client:
        client.sync("/")
        assert client.get_acls("/a/b")[0][1].id.id == "anyone"
        client.add_auth("digest", "bob:hunter2")
        client.set("/a/b", b"2")  # the digest that was kept is the password's
    assert person.send("PUT", at("/a/b"), {"data": text(""), "version": 2})[1]["problem"]["code"] == "acl-denied"
    assert person.send("DELETE", at("/a", version=0))[1]["problem"]["code"] == "not-empty"
    assert person.send("DELETE", at("/a/b", version=2))[0] == 200
    assert person.send("GET", at("/a/b"))[1]["exists"] is False


def test_a_conflict_shows_what_is_there_now(person: Person, ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/a", b"1")
        client.set("/a", b"theirs")
    status, answer = person.send("PUT", at("/a"), {"data": text("mine"), "version": 0})
    assert (status, answer["problem"]["code"]) == (409, "wrong-version")
    assert base64.b64decode(answer["now"]["data"]) == b"theirs" and answer["now"]["version"] == 1


def test_names_and_data_of_strangers_come_back_as_they_are(person: Person, ensemble: RunningEnsemble) -> None:
    names = {word.replace("/", "⁄").replace("😀", ""): word for word in HOSTILE}
    person.send("POST", "/api/znodes", {"path": "/x"})
    for name, word in names.items():
        path = f"/x/{name}"
        status, made = person.send("POST", "/api/znodes", {"path": path, "data": text(word)})
        assert (status, made.get("path")) == (201, path), made
        assert person.send("GET", at(path))[1]["path"] == path
        assert person.raw(at(path, "/api/data")) == word.encode()
    with ensemble.client() as client:
        client.sync("/")
        assert set(client.get_children("/x")) == set(names)
        assert {name: client.get(f"/x/{name}")[0].decode() for name in names} == names
        for name in names:
            assert person.send("DELETE", at(f"/x/{name}", version=0))[0] == 200
        client.sync("/")
        assert client.get_children("/x") == []


def test_every_byte_comes_back_up_to_a_megabyte(person: Person) -> None:
    data = bytes(range(256)) * 4_095
    body = {"path": "/a", "data": {"encoding": "base64", "value": base64.b64encode(data).decode()}}
    assert person.send("POST", "/api/znodes", body)[0] == 201
    assert person.raw(at("/a", "/api/data")) == data
    body["data"] = {"encoding": "hex", "value": "00" * 1_048_575}
    status, answer = person.send("PUT", at("/a"), {"data": body["data"], "version": 0})
    assert (status, answer["problem"]["code"]) == (413, "too-large")
    assert person.send("GET", at("/a"))[1]["stat"]["version"] == 0


async def test_a_double_submit_is_applied_once(person: Person, ensemble: RunningEnsemble) -> None:
    key = {"X-Request-Id": str(uuid4())}
    body = {"path": "/n-", "sequential": True}
    answers = await asyncio.gather(
        *(asyncio.to_thread(person.send, "POST", "/api/znodes", body, headers=key) for _ in range(5))
    )
    assert answers == [answers[0]] * 5 and answers[0][0] == 201
    with ensemble.client() as client:
        await asyncio.to_thread(client.sync, "/")
        assert [name for name in client.get_children("/") if name.startswith("n-")] == [answers[0][1]["path"][1:]]


def test_who_may_only_look_changes_nothing(shared: tuple[Stack, Person], person: Person) -> None:
    viewer = Person(shared[0].links["viewer"])
    assert viewer.send("GET", at("/"))[0] == 200
    status, answer = viewer.send("POST", "/api/znodes", {"path": "/a"})
    assert (status, answer["problem"]["code"]) == (403, "not-permitted")
    assert person.send("GET", at("/a"))[1]["exists"] is False
    assert person.send("DELETE", at("/zookeeper/quota", version=-1))[1]["problem"]["code"] == "protected"


# ── while not ───────────────────────────────────────────────────────────────


@pytest_asyncio.fixture
async def far(ensemble: RunningEnsemble) -> AsyncIterator[tuple[Stack, Person, Proxy]]:
    """A bridge that reaches its server through a proxy."""
    async with proxied(ensemble.plan.ports[0].client) as proxy:
        making = started(f"127.0.0.1:{proxy.port}")
        stack, person = await asyncio.to_thread(next, making)
        try:
            yield stack, person, proxy
        finally:
            await asyncio.to_thread(lambda: next(making, None))


async def verdict(person: Person, answer: tuple[int, dict[str, Any]]) -> str:
    """Of a change whose result is unknown: what it turned out to be."""
    status, problem = answer
    assert (status, problem["problem"]["code"]) == (504, "unknown"), answer
    for _ in range(int(600 * SCALE)):
        status, found = await asyncio.to_thread(person.send, "GET", f"/api/actions/{problem['row']}")
        assert status == 200 and found["result"] == "unknown"
        if found["verdict"]:
            assert found["found"]
            return str(found["verdict"])
        await asyncio.sleep(0.05)
    raise AssertionError("no verdict came")


def setting(person: Person, value: str, version: int) -> asyncio.Task[tuple[int, dict[str, Any]]]:
    """A change of /a that is under way."""
    return asyncio.create_task(
        asyncio.to_thread(person.send, "PUT", at("/a"), {"data": text(value), "version": version})
    )


async def until(what: str, question: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_for, what, question)


async def test_what_is_lost_is_unknown_then_told(far: tuple[Stack, Person, Proxy], ensemble: RunningEnsemble) -> None:
    stack, person, proxy = far
    with ensemble.client() as client:
        client.create("/a", b"0")

        def holds(data: bytes) -> bool:
            client.sync("/a")
            return bool(client.get("/a")[0] == data)

        proxy.mute_at = b"one"
        changing = setting(person, "one", 0)
        await until("it took effect", lambda: holds(b"one"))
        proxy.reset()
        proxy.mute_at = b""
        proxy.replies.set()
        assert await verdict(person, await changing) == "applied"

        proxy.hold_at = b"two"
        changing = setting(person, "two", 1)
        await until("it is held up", lambda: not proxy.requests.is_set())
        proxy.reset()
        proxy.hold_at = b""
        proxy.requests.set()
        assert await verdict(person, await changing) == "not-applied" and holds(b"one")

        # The bridge is killed while it waits; the one after it is asked what became of it.
        proxy.mute_at = b"three"
        changing = setting(person, "three", 1)
        await until("it took effect", lambda: holds(b"three"))
        stack.process("bridge").kill()
        answer = await changing
        proxy.mute_at = b""
        proxy.replies.set()
        assert (await setting(person, "four", 2))[1]["problem"]["code"] == "bridge-gone"
        stack.process("bridge").wait()
        stack.launch_bridge()
        assert await verdict(person, answer) == "applied" and holds(b"three")

        # It is stopped before it is asked anything.
        await until("it is live", lambda: person.send("GET", at("/a"))[0] == 200)
        stack.process("bridge").send_signal(signal.SIGSTOP)
        status, refusal = await setting(person, "four", 2)
        assert (status, refusal["problem"]["code"]) == (503, "bridge-gone") and "nothing was done" in (
            refusal["problem"]["text"]
        )
        stack.process("bridge").send_signal(signal.SIGCONT)
        assert holds(b"three")


async def test_without_a_quorum_nothing_is_changed_unsaid(make_ensemble: Factory) -> None:
    ensemble = await asyncio.to_thread(make_ensemble, 2)
    leader = ensemble.leader()
    other = "2" if leader == "1" else "1"
    making = started(f"127.0.0.1:{ensemble.plan.ports[int(leader) - 1].client}")
    _, person = await asyncio.to_thread(next, making)

    def state() -> str:
        status, answer = person.send("GET", at("/a"))
        return "live" if status == 200 else str(answer["problem"]["code"])

    try:
        await asyncio.to_thread(person.send, "POST", "/api/znodes", {"path": "/a", "data": text("0")})
        # While the other one stands still nothing is agreed upon: no answer comes in time, or the connection is lost.
        ensemble.signal(other, signal.SIGSTOP)
        answer = await setting(person, "1", 0)
        ensemble.signal(other, signal.SIGCONT)
        found = await verdict(person, answer)
        await until("it is live", lambda: state() == "live")
        status, read = await asyncio.to_thread(person.send, "GET", at("/a"))
        assert (found, base64.b64decode(read["data"])) in (("applied", b"1"), ("not-applied", b"0"))

        await asyncio.to_thread(ensemble.kill, other)
        await until("there is no quorum", lambda: state() == "no-quorum")
        status, refusal = await setting(person, "2", -1)
        assert (status, refusal["problem"]["code"]) == (503, "no-quorum")
        assert "nothing was done" in refusal["problem"]["text"]
        ensemble.launch(other)
        await until("it is live", lambda: state() == "live")
        version = read["stat"]["version"]
        assert (await setting(person, "2", version))[0] == 200
    finally:
        ensemble.signal(other, signal.SIGCONT)
        await asyncio.to_thread(lambda: next(making, None))
