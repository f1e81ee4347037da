"""Changes of single znodes over HTTP: checked, permitted by path, written down, marked, called once, answered."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings

from dashboard import clusters, permissions, verdicts
from dashboard.errors import Refused
from dashboard.errors import problem as problem_of
from dashboard.models import AuditRow
from tests.web.support import SCALE, FakeHub, Person, problem
from zkbridge.protocol.editing import LARGEST

A = "/api/znodes?path=%2Fa"
STAT = {"czxid": "0x1", "mzxid": "0x2", "pzxid": "0x1", "ctime": 1, "mtime": 2, "version": 3, "cversion": 0,
        "aversion": 1, "owner": "0x0", "data_length": 2, "children": 0}  # fmt: skip
WORLD = {"scheme": "world", "id": "anyone", "perms": "cdrwa"}
BOB = "bob:" + base64.b64encode(hashlib.sha1(b"bob:hunter2").digest()).decode()
WHOLE = {"path": "/a", "exists": True, "data": "aGk=", "stat": STAT, "zxid": "0x9",
         "acl": [WORLD, {"scheme": "digest", "id": BOB, "perms": "r"}]}  # fmt: skip

REQUESTS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "znode.create": ("post", "/api/znodes", {"path": "/a", "data": {"encoding": "text", "value": "hi"}}),
    "znode.set": ("put", A, {"data": {"encoding": "hex", "value": "68 69"}, "version": 3}),
    "znode.delete": ("delete", A + "&version=3", None),
    "znode.acl": ("put", "/api/acl?path=%2Fa", {"acl": [WORLD], "aversion": 1}),
}


async def rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "PAUSES", (0.01,))


async def judged() -> AuditRow:
    """The only row, once it has its verdict."""
    async with asyncio.timeout(5 * SCALE):
        while not (found := await rows()) or not found[0].verdict:  # noqa: ASYNC110 - nothing tells of a row
            await asyncio.sleep(0.01)
    return found[0]


@pytest.mark.parametrize("method", REQUESTS)
async def test_a_change_is_marked_called_once_and_written_down(operator: Person, hub: FakeHub, method: str) -> None:
    verb, address, body = REQUESTS[method]
    hub.outcomes = {"znode.mark": {"zxid": "0x5"}, method: {"path": "/a", "zxid": "0x6"}}
    response = await operator.send(verb, address, body)
    assert response.status_code == (201 if verb == "post" else 200), response.content
    assert response.json() == {"result": "ok", "path": "/a", "zxid": "0x6"}
    assert [called for called, _, _ in hub.calls] == ["znode.mark", method]
    [row] = await rows()
    assert (row.method, row.target, row.who, row.result, row.cluster) == (method, "/a", "operator", "ok", "zookeeper")
    if method in ("znode.create", "znode.set"):
        assert hub.calls[1][1]["data"] == "aGk="
        told = json.loads(row.parameters)["data"]
        assert told == {"length": 2, "sha256": hashlib.sha256(b"hi").hexdigest()}


@pytest.mark.parametrize("method", REQUESTS)
async def test_who_may_not_does_not(viewer: Person, hub: FakeHub, method: str) -> None:
    verb, address, body = REQUESTS[method]
    response = await viewer.send(verb, address, body)
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert hub.calls == [] and await rows() == []


@pytest.mark.parametrize("method", REQUESTS)
async def test_without_the_pages_token_nothing_is_done(operator: Person, hub: FakeHub, method: str) -> None:
    verb, address, body = REQUESTS[method]
    response = await operator.send(verb, address, body, headers={"X-CSRFToken": "a" * 64})
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert hub.calls == []


@pytest.mark.parametrize("path", ["/zookeeper", "/zookeeper/quota/a"])
async def test_zookeepers_own_is_protected(operator: Person, hub: FakeHub, path: str) -> None:
    response = await operator.send("delete", f"/api/znodes?path={path}&version=-1")
    assert (response.status_code, problem(response)) == (403, "protected")
    response = await operator.post("/api/znodes", {"path": path})
    assert problem(response) == "protected" and hub.calls == []


@pytest.mark.parametrize("path", ["", "a", "//", "/a/", "/a//b", "/a/../zookeeper", "/./a", "/a\0", "/\ud800", "/😀"])
async def test_what_is_no_path_is_refused(operator: Person, hub: FakeHub, path: str) -> None:
    response = await operator.post("/api/znodes", {"path": path})
    assert response.status_code == 400 and problem(response) in ("bad-path", "bad-request")
    assert hub.calls == [] and await rows() == []


async def test_the_root_is_not_deleted(operator: Person, hub: FakeHub) -> None:
    assert problem(await operator.send("delete", "/api/znodes?path=%2F&version=-1")) == "bad-path"
    assert hub.calls == []


async def test_the_name_of_a_sequential_znode_is_permitted_as_it_will_be(
    operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def check(user: object, name: str, path: str, *, below: bool = False) -> None:
        asked.append(path)

    monkeypatch.setattr(permissions, "check", check)
    await operator.post("/api/znodes", {"path": "/a/", "sequential": True})
    assert asked == ["/a/0000000000"] and hub.calls[1][1]["path"] == "/a/"


async def test_no_parent_is_made_that_one_may_not_make(
    operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(user: object, name: str, path: str, *, below: bool = False) -> None:
        if not f"{path}/".startswith("/mine/"):
            raise Refused(problem_of("not-permitted"))

    monkeypatch.setattr(permissions, "check", check)
    await operator.post("/api/znodes", {"path": "/mine/a/b", "parents": True})
    assert hub.asked_for("znode.create")[0]["highest"] == "/mine"
    await operator.post("/api/znodes", {"path": "/mine", "parents": True})
    assert hub.asked_for("znode.create")[1]["highest"] == "/mine"


@pytest.mark.parametrize(
    ("encoding", "value", "data"),
    [("text", "héllo\0\n", "héllo\0\n".encode()), ("json", {"a": [1, "é", None]}, '{"a":[1,"é",null]}'.encode()),
     ("json", None, b"null"), ("hex", "00ff", b"\0\xff"), ("hex", "", b""), ("base64", "AP8=", b"\0\xff")],
)  # fmt: skip
async def test_encodings(operator: Person, hub: FakeHub, encoding: str, value: Any, data: bytes) -> None:
    await operator.post("/api/znodes", {"path": "/a", "data": {"encoding": encoding, "value": value}})
    assert base64.b64decode(hub.asked_for("znode.create")[0]["data"]) == data


@pytest.mark.parametrize(
    ("encoding", "value"),
    [("hex", "0"), ("hex", "zz"), ("base64", "A"), ("base64", "A&=="), ("text", 3), ("text", "\ud800"), ("rot13", "a"),
     ("json", "\ud800"), ("hex", None), ("text", ["a"])],
)  # fmt: skip
async def test_data_that_cannot_be_read(operator: Person, hub: FakeHub, encoding: str, value: Any) -> None:
    body = json.dumps({"path": "/a", "data": {"encoding": encoding, "value": value}})
    response = await operator.post("/api/znodes", body)
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert hub.calls == [] and await rows() == []


async def test_numbers_that_json_has_not(operator: Person, hub: FakeHub) -> None:
    response = await operator.post("/api/znodes", '{"path": "/a", "data": {"encoding": "json", "value": 1e999}}')
    assert problem(response) == "bad-request" and hub.calls == []


async def test_as_much_as_a_znode_can_have_and_no_more(operator: Person, hub: FakeHub) -> None:
    for size, status in ((LARGEST, 201), (LARGEST + 1, 413)):
        data = {"encoding": "hex", "value": "00" * size}
        response = await operator.post("/api/znodes", {"path": "/a", "data": data})
        assert response.status_code == status
    assert len(hub.asked_for("znode.create")) == 1
    response = await operator.send("put", A, b" " * 2_500_001)
    assert (response.status_code, problem(response)) == (413, "too-large")


@pytest.mark.parametrize("version", ["x", "1.5", "-2", "2147483648", ""])
async def test_versions_that_are_none(operator: Person, hub: FakeHub, version: str) -> None:
    response = await operator.send("delete", f"{A}&version={version}")
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert (await operator.send("delete", A)).status_code == 400 and hub.calls == []


async def test_another_znode_of_the_same_name_is_not_deleted(operator: Person, hub: FakeHub) -> None:
    """It may have the version of the one that was seen."""
    hub.outcomes = {"znode.mark": {"stat": {"czxid": "0x1a"}}, "znode.delete": {"path": "/a", "zxid": "0x6"}}
    response = await operator.send("delete", f"{A}&version=0&czxid=0x19")
    assert (response.status_code, problem(response)) == (409, "wrong-version")
    assert "another one was created" in response.json()["problem"]["text"] and not hub.asked_for("znode.delete")
    for seen in ("0x1a", "0x001a", ""):
        assert (await operator.send("delete", f"{A}&version=0&czxid={seen}")).status_code == 200
    assert hub.asked_for("znode.delete") == [{"path": "/a", "version": 0}] * 3
    first, second, *_ = await rows()
    assert (first.result, first.code) == ("failed", "wrong-version")
    assert json.loads(second.parameters)["czxid"] == "0x1a"
    hub.outcomes["znode.mark"] = {"stat": None}  # there is none, or none for who asks: the bridge says so
    assert (await operator.send("delete", f"{A}&version=0&czxid=0x19")).status_code == 200
    for wrong in ("19", "0x", "0x1g", "0x" + "1" * 17):
        assert problem(await operator.send("delete", f"{A}&version=0&czxid={wrong}")) == "bad-request"


async def test_a_conflict_tells_what_is_there_now_and_the_row_does_not(operator: Person, hub: FakeHub) -> None:
    hub.fails("wrong-version", "znode.set")
    hub.outcomes["znode.read"] = WHOLE
    key = {"X-Request-Id": str(uuid4())}
    answers = [await operator.send(*REQUESTS["znode.set"], headers=key) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 409 and problem_code(answer) == "wrong-version"
        assert answer.json()["now"] == {"version": 3, "mzxid": "0x2", "length": 2, "data": "aGk="}
    [row] = await rows()
    assert "aGk=" not in row.answer and (row.result, row.code) == ("failed", "wrong-version")
    assert len(hub.asked_for("znode.set")) == 1


def problem_code(response: Any) -> str:
    return str(response.json()["problem"]["code"])


@pytest.mark.parametrize("method", REQUESTS)
async def test_a_double_submit_is_applied_once(operator: Person, hub: FakeHub, method: str) -> None:
    hub.outcomes = {method: {"path": "/a", "zxid": "0x6"}}
    key = {"X-Request-Id": str(uuid4())}
    answers = await asyncio.gather(*(operator.send(*REQUESTS[method], headers=key) for _ in range(3)))
    answers.append(await operator.send(*REQUESTS[method], headers=key))
    assert len({answer.status_code for answer in answers}) == 1
    assert [answer.json() for answer in answers] == [answers[0].json()] * 4
    assert len(hub.asked_for(method)) == 1 and len(await rows()) == 1


async def test_a_key_is_of_one_change_of_one_cluster(
    operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"X-Request-Id": str(uuid4())}
    verb, address, body = REQUESTS["znode.set"]
    await operator.send(verb, address, body, headers=key)
    other = {"data": {"encoding": "text", "value": "no"}, "version": 3}
    assert problem(await operator.send(verb, address, other, headers=key)) == "bad-request"
    assert problem(await operator.send(verb, "/api/znodes?path=%2Fb", body, headers=key)) == "bad-request"
    elsewhere = msgspec.structs.replace(settings.CLUSTERS[0], name="elsewhere")
    monkeypatch.setattr(clusters, "of", lambda request: elsewhere)
    assert problem(await operator.send(verb, address, body, headers=key)) == "bad-request"
    assert len(hub.asked_for("znode.set")) == 1


@pytest.mark.parametrize("code", ["not-live", "no-quorum", "bridge-gone", "unknown"])
async def test_where_nothing_could_be_marked_nothing_was_done(operator: Person, hub: FakeHub, code: str) -> None:
    hub.fails(code, "znode.mark")
    response = await operator.send(*REQUESTS["znode.set"])
    expected = "bridge-gone" if code == "unknown" else code
    assert (response.status_code, problem(response)) == (503, expected)
    assert hub.asked_for("znode.set") == []
    assert [(row.result, row.code) for row in await rows()] == [("failed", expected)]


async def test_what_is_unknown_is_found_out(operator: Person, hub: FakeHub) -> None:
    hub.fails("unknown", "znode.set")
    hub.fails("not-live", "znode.verdict")
    hub.outcomes["znode.mark"] = {"zxid": "0x5"}
    response = await operator.send(*REQUESTS["znode.set"])
    assert response.status_code == 504 and problem_code(response) == "unknown"
    address = f"/api/actions/{response.json()['row']}"
    assert (await operator.browser.get(address)).json() == {"result": "unknown", "verdict": "", "found": ""}
    hub.outcomes["znode.verdict"] = {"verdict": "applied", "words": "It has version 4."}
    await judged()
    asked = hub.asked_for("znode.verdict")[-1]
    assert asked == {"method": "znode.set", "params": hub.asked_for("znode.set")[0], "mark": {"zxid": "0x5"}}
    answer = (await operator.browser.get(address)).json()
    assert answer == {"result": "unknown", "verdict": "applied", "found": "It has version 4."}
    assert len(hub.asked_for("znode.set")) == 1


async def test_who_asks_is_given_up_in_the_end(operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "LONGEST", 0.05)
    hub.fails("unknown", "znode.delete")
    hub.fails("not-live", "znode.verdict")
    await operator.send(*REQUESTS["znode.delete"])
    assert (await judged()).verdict == "cannot-tell"


async def test_an_action_is_told_to_who_made_it(operator: Person, viewer: Person) -> None:
    assert (await operator.send(*REQUESTS["znode.set"])).status_code == 200
    [row] = await rows()
    assert (await operator.browser.get(f"/api/actions/{row.pk}")).json()["result"] == "ok"
    for person, number in ((viewer, row.pk), (operator, row.pk + 1), (operator, 1 << 70)):
        response = await person.browser.get(f"/api/actions/{number}")
        assert (response.status_code, problem(response)) == (404, "no-such-action")


# ── reading ─────────────────────────────────────────────────────────────────


async def test_a_znode_is_read_without_anybodys_digest(viewer: Person, hub: FakeHub) -> None:
    hub.outcomes["znode.read"] = WHOLE
    answer = await viewer.browser.get(A)
    assert BOB.encode() not in answer.content
    read = answer.json()
    assert (read["data"], read["length"], read["stat"], read["zxid"]) == ("aGk=", 2, STAT, "0x9")
    assert [entry["id"] for entry in read["acl"]] == ["anyone", "bob:•••"]
    acl = (await viewer.browser.get("/api/acl?path=%2Fa")).json()
    assert acl["aversion"] == 1 and acl["acl"] == read["acl"]
    assert acl["acl"][1]["words"] == "User bob, by password, may read."


async def test_what_is_not_there(viewer: Person, hub: FakeHub) -> None:
    hub.outcomes["znode.read"] = {"path": "/a", "exists": False, "zxid": "0x9"}
    assert (await viewer.browser.get(A)).json() == {"path": "/a", "exists": False, "zxid": "0x9"}
    for address in ("/api/acl?path=%2Fa", "/api/data?path=%2Fa"):
        response = await viewer.browser.get(address)
        assert (response.status_code, problem(response)) == (404, "no-znode")


async def test_what_the_bridge_may_not_read(viewer: Person, hub: FakeHub) -> None:
    hub.outcomes["znode.read"] = {"path": "/a", "exists": True, "locked": True, "stat": STAT, "zxid": "0x9"}
    read = (await viewer.browser.get(A)).json()
    assert read["locked"] and "data" not in read and "acl" not in read and read["length"] == 2
    for address in ("/api/acl?path=%2Fa", "/api/data?path=%2Fa"):
        response = await viewer.browser.get(address)
        assert (response.status_code, problem(response)) == (403, "acl-denied")


async def test_data_are_a_file_and_nothing_else(viewer: Person, hub: FakeHub) -> None:
    page = b"<script>alert(1)</script>"
    hub.outcomes["znode.read"] = WHOLE | {"path": "/a.html", "data": base64.b64encode(page).decode()}
    response = await viewer.browser.get("/api/data?path=%2Fa.html")
    assert response.content == page and response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="znode-0x2.bin"'
    assert response["X-Content-Type-Options"] == "nosniff" and response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("code", ["unknown", "bridge-gone", "not-live"])
async def test_a_read_without_an_answer_changes_nothing_and_says_so(viewer: Person, hub: FakeHub, code: str) -> None:
    hub.fails(code, "znode.read")
    response = await viewer.browser.get(A)
    assert (response.status_code, problem(response)) == (503, "bridge-gone" if code == "unknown" else code)


# ── ACLs ────────────────────────────────────────────────────────────────────


async def set_acl(person: Person, *entries: dict[str, Any]) -> Any:
    return await person.send("put", "/api/acl?path=%2Fa", {"acl": list(entries), "aversion": 1})


async def test_passwords_become_digests_and_are_kept_nowhere(
    operator: Person, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    entry = {"scheme": "digest", "user": "bob", "password": "hunter2", "perms": "rc"}
    response = await set_acl(operator, entry)
    assert hub.asked_for("znode.acl")[0]["acl"] == [{"scheme": "digest", "id": BOB, "perms": "cr"}]
    await operator.post("/api/znodes", {"path": "/a", "acl": [entry]})
    assert hub.asked_for("znode.create")[0]["acl"] == [{"scheme": "digest", "id": BOB, "perms": "cr"}]
    for row in await rows():
        for secret in ("hunter2", BOB):
            assert secret not in row.parameters and secret not in row.answer and secret not in caplog.text
            assert secret.encode() not in response.content
        assert json.loads(row.parameters)["acl"][0]["id"] == "bob:•••"


async def test_a_masked_digest_stays_as_it_is(operator: Person, hub: FakeHub) -> None:
    hub.outcomes["znode.read"] = WHOLE
    await set_acl(operator, {"scheme": "digest", "id": "bob:•••", "perms": "rw"})
    assert hub.asked_for("znode.acl")[0]["acl"] == [{"scheme": "digest", "id": BOB, "perms": "rw"}]


@pytest.mark.parametrize(
    "entry",
    [{"scheme": "digest", "id": "ann:•••", "perms": "r"}, {"scheme": "", "id": "x", "perms": "r"},
     {"scheme": "world", "id": "anyone", "perms": "x"}, {"scheme": "world", "id": "anyone", "perms": ""},
     {"scheme": "digest", "user": "bob", "perms": "r"}, {"scheme": "ip", "user": "b", "password": "c", "perms": "r"},
     {"scheme": "digest", "user": "b:c", "password": "d", "perms": "r"}],
)  # fmt: skip
async def test_acls_that_cannot_be(operator: Person, hub: FakeHub, entry: dict[str, Any]) -> None:
    hub.outcomes["znode.read"] = WHOLE
    response = await set_acl(operator, entry)
    assert (response.status_code, problem(response)) == (400, "bad-acl")
    assert hub.asked_for("znode.acl") == [] and await rows() == []


async def test_a_new_znode_has_nothing_to_keep(operator: Person, hub: FakeHub) -> None:
    entry = {"scheme": "digest", "id": "bob:•••", "perms": "r"}
    assert problem(await operator.post("/api/znodes", {"path": "/a", "acl": [entry]})) == "bad-acl"
    assert (await set_acl(operator)).status_code == 400 and hub.calls == []


async def test_a_new_znode_with_an_empty_acl_is_not_made_open(operator: Person, hub: FakeHub) -> None:
    response = await operator.post("/api/znodes", {"path": "/a", "acl": []})
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert "acl" in response.json()["problem"]["text"] and hub.calls == [] and await rows() == []


async def test_a_path_that_no_address_could_carry_is_not_made(operator: Person, hub: FakeHub) -> None:
    hub.outcomes["znode.mark"] = {}
    for path in ("/" + "a" * 900_000, "/" + "ü" * 2_667, "/" + "a" * 15_998):
        response = await operator.post("/api/znodes", {"path": path})
        assert (response.status_code, problem(response)) == (400, "bad-path"), path[:9]
        assert "16,000" in response.json()["problem"]["text"] and len(response.content) < 1_000
    assert hub.calls == [] and await rows() == []
    sequential = {"path": "/" + "a" * 15_988, "sequential": True}
    assert problem(await operator.post("/api/znodes", sequential)) == "bad-path"
