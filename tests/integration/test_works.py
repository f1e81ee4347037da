"""Long works through a real web process and bridge, on a real ensemble, while others interfere."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from kazoo.client import KazooClient
from kazoo.security import ACL, Id, Permissions

from tests.benchmarks.forest import plant
from tests.integration.caller import Caller
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.stack import Stack

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

READ_ONLY = [ACL(Permissions.READ, Id("world", "anyone"))]
SHUT = [ACL(Permissions.READ | Permissions.DELETE, Id("world", "anyone"))]
OPEN = [ACL(Permissions.ALL, Id("world", "anyone"))]


@pytest.fixture(scope="module")
def stack(shared_ensemble: RunningEnsemble) -> Iterator[Stack]:
    stack = Stack(shared_ensemble.hosts)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Caller:
    return Caller(stack)


@pytest.fixture
def client(ensemble: RunningEnsemble) -> Iterator[KazooClient]:
    with ensemble.client() as client:
        yield client


def contents(client: KazooClient, top: str) -> dict[str, tuple[bytes, list[ACL], bool]]:
    """Data, ACL and whether it is ephemeral, by path below ``top``."""
    client.sync(top)
    found: dict[str, tuple[bytes, list[ACL], bool]] = {}
    level = [top]
    while level:
        wants = (client.get_async, client.get_acls_async, client.get_children_async)
        asked = [(path, [want(path) for want in wants]) for path in level]
        level = []
        for path, answers in asked:
            (data, stat), (acl, _), children = (answer.get(20) for answer in answers)
            found[path[len(top) :]] = (data, acl, stat.ephemeralOwner != 0)
            level += [f"{path}/{name}" for name in children]
    return found


def grow(client: KazooClient, top: str, count: int) -> None:
    paths = [top, *(f"{top}/d{number:02}" for number in range(10))]
    paths += [f"{top}/d{number % 10:02}/n{number:05}" for number in range(count - len(paths))]
    plant(client, ((path, path.encode()) for path in paths))


def count(client: KazooClient, top: str) -> int:
    """The znodes at and below ``top`` that `grow` made, and that are left."""
    client.sync(top)
    if client.exists(top) is None:
        return 0
    directories = client.get_children(top)
    return 1 + len(directories) + sum(len(client.get_children(f"{top}/{name}")) for name in directories)


def shown(caller: Caller, path: str, count: int) -> None:
    """Until the bridge has seen them."""
    wait_for(f"{count} znodes at {path}", lambda: caller.get("/api/subtree", path=path).get("znodes") == count)


def deletion(caller: Caller, path: str, znodes: int, **more: Any) -> Any:
    return caller.post("/api/jobs/delete", {"path": path, "confirm": path, "znodes": znodes, **more})


def test_what_was_exported_is_imported_the_same(caller: Caller, client: KazooClient, tmp_path: Path) -> None:
    # Whoever made an ACL like these could go on to work below it; nobody may create there, or set the ACL again.
    client.create("/app", b"\x00\xff\xfe", acl=[*SHUT, ACL(Permissions.CREATE, Id("ip", "127.0.0.1"))])
    client.create("/app/text", "ünï\r\n\t✓".encode())
    client.create("/app/large", bytes(range(256)) * 4_000)
    client.create("/app/empty")
    client.create("/app/seq-", b"1", sequence=True)
    client.create("/app/shut", b"", acl=OPEN)
    client.create("/app/shut/below", b"x" * 2_000)
    client.set_acls("/app/shut", SHUT)
    client.create("/app/live", b"mine", ephemeral=True)
    client.create("/app/\u200f<b>&\"'\u202e", b"hostile")
    before = contents(client, "/app")
    shown(caller, "/app", len(before))
    file = tmp_path / "export"
    caller.save("/app", file)
    dry = caller.work(caller.send("/api/jobs/import", file, path="/app", dry_run="true"))
    assert dry["report"]["counts"]["same"] == len(before) - 1 and contents(client, "/app") == before, dry
    assert caller.work(deletion(caller, "/app", len(before)))["state"] == "done"
    dry = caller.work(caller.send("/api/jobs/import", file, path="/app", dry_run="true"))
    assert dry["report"]["counts"]["create"] == len(before) - 1 and client.exists("/app") is None
    job = caller.work(caller.send("/api/jobs/import", file, path="/app"))
    assert job["state"] == "done", job
    assert contents(client, "/app") == {path: found for path, found in before.items() if not found[2]}
    assert caller.work(caller.send("/api/jobs/compare-file", file, path="/app"))["report"]["differences"] == [
        {"path": "live", "what": "only-right"}
    ]


def test_what_was_acknowledged_is_read_at_once(caller: Caller, client: KazooClient, tmp_path: Path) -> None:
    client.create("/app")
    for number in range(20):
        client.create(f"/app/{number:02}", b"theirs")
        file = tmp_path / "export"
        caller.save("/app", file)
        assert len(file.read_bytes().splitlines()) == number + 4, f"znode {number} of another client is missing"
    for number in range(20, 40):
        made = caller.post("/api/znodes", {"path": f"/app/{number}", "data": {"encoding": "text", "value": "mine"}})
        assert made.get("result") == "ok", made
        assert caller.get("/api/subtree", path="/app")["znodes"] == number + 2


def test_the_longest_path_that_is_made_is_read_and_removed(caller: Caller, client: KazooClient) -> None:
    path = "/" + "a" * 15_997
    assert caller.post("/api/znodes", {"path": path}).get("result") == "ok"
    assert caller.get("/api/znodes", path=path)["exists"]
    assert caller.work(deletion(caller, path, 1))["state"] == "done" and client.exists(path) is None
    assert caller.post("/api/znodes", {"path": f"{path}a"})["problem"]["code"] == "bad-path"


def test_deleting_while_others_create(caller: Caller, client: KazooClient) -> None:
    grow(client, "/app", 2_000)
    shown(caller, "/app", 2_000)
    stop = threading.Event()
    made: list[str] = []

    def create() -> None:
        while not stop.is_set() and len(made) < 300:
            try:
                made.append(client.create(f"/app/d{len(made) % 10:02}/new{len(made)}"))
            except Exception:
                return  # what was above it is gone

    thread = threading.Thread(target=create)
    thread.start()
    job = caller.work(deletion(caller, "/app", 2_000, cap=5_000))
    stop.set()
    thread.join()
    client.sync("/")
    assert job["state"] == "done" and client.exists("/app") is None, job
    assert job["done"] == 2_000 + len(made), "each znode that was there is counted, and none twice"


def test_a_cap_and_a_cancelled_deletion_say_what_was_removed(caller: Caller, client: KazooClient) -> None:
    grow(client, "/app", 8_000)
    shown(caller, "/app", 8_000)
    refused = caller.work(deletion(caller, "/app", 7_999))
    assert (refused["state"], refused["problem"]["code"], refused["done"]) == ("failed", "too-many", 0)
    begun = deletion(caller, "/app", 8_000)
    caller.post(f"/api/jobs/{begun['job']['id']}/cancel")
    job = caller.work(begun)
    left = count(client, "/app")
    assert job["state"] == "cancelled" and job["done"] == 8_000 - left > 0 or left == 8_000, (job, left)
    assert job["words"] == f"Removed {8_000 - left:,} of 8,000 znodes; then it was cancelled."
    shown(caller, "/app", left)
    assert caller.work(deletion(caller, "/app", left))["words"] == f"Removed {left:,} znodes: all there were."


def test_copy_move_and_rename(caller: Caller, client: KazooClient) -> None:
    grow(client, "/app", 1_500)
    shown(caller, "/app", 1_500)
    before = contents(client, "/app")
    copied = caller.work(caller.post("/api/jobs/copy", {"path": "/app", "to": "/copy"}))
    assert copied["words"] == "Copied 1,500 of 1,500 znodes to /copy." and contents(client, "/copy") == before, copied
    shown(caller, "/copy", 1_500)
    move = {"path": "/copy", "to": "/moved", "confirm": "/copy"}
    moved = caller.work(caller.post("/api/jobs/move", move))
    assert moved["words"] == "Moved 1,500 znodes to /moved." and contents(client, "/moved") == before, moved
    assert client.exists("/copy") is None
    shown(caller, "/moved/d00", 150)
    move = {"path": "/moved/d00", "to": "/moved/renamed", "confirm": "/moved/d00"}
    renamed = caller.work(caller.post("/api/jobs/move", move))
    assert renamed["words"] == "Moved 150 znodes to /moved/renamed, in one transaction.", renamed
    transactions = {client.exists(f"/moved/renamed/{name}").czxid for name in client.get_children("/moved/renamed")}
    assert len(transactions) == 1


def test_a_move_leaves_what_is_kept_at_the_new_place(caller: Caller, client: KazooClient) -> None:
    for path, data in {"/app/db/host": b"db1", "/app/db/port": b"1", "/app/x": b"", "/there/db/host": b"other"}.items():
        client.create(path, data, makepath=True)
    client.create("/app/live", ephemeral=True)
    shown(caller, "/app", 6)
    move = {"path": "/app", "to": "/there", "confirm": "/app", "existing": "skip"}
    job = caller.work(caller.post("/api/jobs/move", move))
    assert job["state"] == "done" and job["words"] == (
        "Moved 2 znodes to /there. 4 znodes stay at /app: 1 is there otherwise, 1 is ephemeral, "
        "2 are above what stays."
    ), job
    assert job["report"]["counts"] == {"moved": 2, "skip": 4}
    assert sorted(contents(client, "/app")) == ["", "/db", "/db/host", "/live"]
    assert client.get("/app/db/host")[0] == b"db1" and client.get("/there/db/host")[0] == b"other"
    assert client.get("/there/db/port")[0] == b"1" and client.exists("/there/live") is None


def test_an_import_goes_on_where_it_was_cancelled(caller: Caller, client: KazooClient, tmp_path: Path) -> None:
    grow(client, "/app", 3_000)
    shown(caller, "/app", 3_000)
    file = tmp_path / "export"
    caller.save("/app", file)
    begun = caller.send("/api/jobs/import", file, path="/again")
    for job in caller.follow(begun["job"]["id"]):
        if job["done"]:
            caller.post(f"/api/jobs/{job['id']}/cancel")
    made = count(client, "/again")
    assert job["state"] in ("cancelled", "done"), job
    assert job["words"].startswith(f"Imported {made:,} of 3,000 znodes to /again"), job
    shown(caller, "/again", made)
    again = caller.work(caller.send("/api/jobs/import", file, path="/again"))
    assert again["state"] == "done" and again["report"]["counts"] == {
        "create": 3_000 - made, "overwrite": 0, "same": made, "skip": 0, "conflict": 0,
    }  # fmt: skip
    assert contents(client, "/again") == contents(client, "/app")


def test_a_cut_file_changes_nothing(caller: Caller, client: KazooClient, tmp_path: Path) -> None:
    grow(client, "/app", 100)
    shown(caller, "/app", 100)
    file = tmp_path / "export"
    caller.save("/app", file)
    file.write_bytes(file.read_bytes()[:-200])
    job = caller.work(caller.send("/api/jobs/import", file, path="/new"))
    assert (job["state"], job["problem"]["code"]) == ("failed", "bad-request") and "Line 1" in job["problem"]["text"]
    client.sync("/")
    assert client.exists("/new") is None


def test_acls_of_a_whole_subtree(caller: Caller, client: KazooClient) -> None:
    grow(client, "/app", 300)
    client.create("/app/fixed", acl=READ_ONLY)
    shown(caller, "/app", 301)
    entry = {"scheme": "digest", "user": "bob", "password": "secret", "perms": "rw"}
    job = caller.work(caller.post("/api/jobs/acl", {"path": "/app", "confirm": "/app", "acl": [entry], "mode": "add"}))
    assert job["state"] == "failed" and job["problem"]["code"] == "acl-denied"
    assert job["words"] == "Changed the ACL of 300 of 301 znodes; 1 could not be."
    assert job["report"]["differences"] == [{"path": "/app/fixed", "what": "refused", "differs": ["acl-denied"]}]
    with_bob = [acl.id.scheme for acl in client.get_acls("/app/d00/n00000")[0]]
    assert with_bob == ["world", "digest"] and "secret" not in json.dumps(job)


def test_a_bridge_that_is_killed_in_the_middle(stack: Stack, caller: Caller, client: KazooClient) -> None:
    grow(client, "/app", 10_000)
    shown(caller, "/app", 10_000)
    first = stack.process("bridge")
    begun = deletion(caller, "/app", 10_000)
    for job in caller.follow(begun["job"]["id"]):
        if job["done"] and stack.process("bridge") is first:
            first.kill()
            first.wait()
            stack.launch_bridge()
    left = count(client, "/app")
    assert job["state"] == "unknown" and job["problem"]["code"] == "unknown", job
    assert job["words"].endswith(f"{left:,} znodes are at and below /app now."), (job, left)
    gone = 10_000 - left
    assert job["done"] <= gone <= job["done"] + 500, "what is counted has happened, and at most one step beside it"
    again = caller.work(deletion(caller, "/app", left))
    assert again["state"] == "done" and again["done"] == left


def test_a_slow_reader_of_an_export_costs_no_memory(stack: Stack, caller: Caller, client: KazooClient) -> None:
    client.create("/app")
    for number in range(60):
        client.create(f"/app/{number:02}", b"\xff" * 1_000_000)
    shown(caller, "/app", 61)
    process = psutil.Process(stack.process("web").pid)
    before = process.memory_info().rss
    cookie = "; ".join(f"{each.name}={each.value}" for each in caller._jar)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        reader.connect(("127.0.0.1", stack.port))
        host = f"Host: 127.0.0.1:{stack.port}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        reader.sendall(f"GET /api/export?path=%2Fapp HTTP/1.1\r\n{host}".encode())
        assert reader.recv(1_000).startswith(b"HTTP/1.1 200")
        time.sleep(2)  # in which all of it would have been sent to whoever takes it
        grown = process.memory_info().rss - before
        assert grown < 30_000_000, f"{grown:,} bytes for an answer of 80,000,000"
        received = bytearray()
        while piece := reader.recv(1 << 16):
            received += piece
    assert b'"end":true,"znodes":61' in received[-200:] and len(received) > 80_000_000
