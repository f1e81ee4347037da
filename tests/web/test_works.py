"""Long works over HTTP: permitted, confirmed, written down, shown as they go on, cancelled, and never lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.jobs import deletion, rows, runner
from dashboard.models import AuditRow, Job
from tests.jobs.forest import Forest
from tests.web.support import HERE, SCALE, Browser, Person, problem
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.editing import Ace, Op

SMALL = ("/a/b/c", "/a/b/d", "/a/e", "/a/f/g/h", "/other")
DELETE = {"path": "/a", "confirm": "/a", "znodes": 8}
COPY = {"path": "/a", "to": "/copy"}
MOVE = {**COPY, "confirm": "/a"}
ACL = {"path": "/a", "confirm": "/a", "acl": [{"scheme": "world", "id": "anyone", "perms": "r"}], "mode": "add"}
WORKS = {"subtree.delete": ("/api/jobs/delete", DELETE), "subtree.copy": ("/api/jobs/copy", COPY),
         "subtree.move": ("/api/jobs/move", MOVE), "subtree.acl": ("/api/jobs/acl", ACL)}  # fmt: skip


@pytest.fixture
def hub() -> Forest:  # in the place of a hub that only does as it is told
    return Forest(*SMALL, page=100)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runner, "PACE", 0.01)
    monkeypatch.setattr(deletion, "STEP", 2)
    yield


async def ended(person: Person, ident: str) -> dict[str, Any]:
    async with asyncio.timeout(10 * SCALE):
        while True:
            job = (await person.browser.get(f"/api/jobs/{ident}")).json()["job"]
            if job["state"] != "running":
                return dict(job)
            await asyncio.sleep(0.01)


async def work(person: Person, address: str, body: Any, **options: Any) -> dict[str, Any]:
    response = await person.post(address, body, **options)
    assert response.status_code == 202, response.content
    return await ended(person, response.json()["job"]["id"])


async def audit_rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


async def exported(person: Person, path: str) -> bytes:
    response = await person.browser.get("/api/export", {"path": path})
    assert response.status_code == 200, response.content
    return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]


async def upload(person: Person, address: str, text: bytes, **headers: str) -> Any:
    return await person.browser.post(
        address, data=text, content_type="application/x-ndjson", headers={"X-CSRFToken": person.csrf, **headers}
    )


async def test_an_operator_deletes_a_subtree(operator: Person, hub: Forest) -> None:
    job = await work(operator, "/api/jobs/delete", DELETE)
    assert (job["state"], job["words"]) == ("done", "Removed 8 znodes: all there were.")
    assert (job["done"], job["total"], job["kind"], job["who"]) == (8, 8, "subtree.delete", "operator")
    assert job["ended"] >= job["begun"] and hub.below("/a") == []
    [row] = await audit_rows()
    assert (row.method, row.target, row.result, row.code) == ("subtree.delete", "/a", "ok", "")
    assert json.loads(row.answer) == {"job": job["id"], "words": job["words"]}
    assert json.loads(row.parameters) == {"path": "/a", "znodes": 8, "cap": 8}


@pytest.mark.parametrize("kind", WORKS)
async def test_each_work_is_done_and_written_down(operator: Person, hub: Forest, kind: str) -> None:
    job = await work(operator, *WORKS[kind])
    assert job["state"] == "done" and job["kind"] == kind, job
    [row] = await audit_rows()
    assert (row.method, row.result) == (kind, "ok")


@pytest.mark.parametrize("kind", WORKS)
async def test_a_viewer_and_a_stranger_may_not(viewer: Person, stranger: Browser, hub: Forest, kind: str) -> None:
    address, body = WORKS[kind]
    response = await viewer.post(address, body)
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    response = await stranger.post(address, body, content_type="application/json")
    assert (response.status_code, problem(response)) == (401, "not-joined")
    response = await viewer.browser.get("/api/export", {"path": "/a"})
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    response = await upload(viewer, "/api/jobs/import?path=/a", b"")
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert hub.steps == [] and await audit_rows() == [] and not await Job.objects.aexists()


@pytest.mark.parametrize(
    ("address", "body", "code"),
    [
        ("delete", {**DELETE, "confirm": "/A"}, "bad-request"),
        ("delete", {**DELETE, "path": "/", "confirm": "/"}, "bad-path"),
        ("delete", {**DELETE, "path": "/a/", "confirm": "/a/"}, "bad-path"),
        ("delete", {**DELETE, "znodes": 0}, "bad-request"),
        ("delete", {**DELETE, "force": True}, "bad-request"),
        ("delete", {**DELETE, "path": "/zookeeper/config", "confirm": "/zookeeper/config"}, "protected"),
        ("copy", {**COPY, "to": "/a/b"}, "bad-path"),
        ("copy", {**COPY, "to": "/a"}, "bad-path"),
        ("copy", {**COPY, "path": "/a/b", "to": "/a"}, "bad-path"),
        ("copy", {**COPY, "to": "/"}, "bad-path"),
        ("copy", {**COPY, "to": "/zookeeper/x"}, "protected"),
        ("copy", {**COPY, "existing": "maybe"}, "bad-request"),
        ("move", {**MOVE, "path": "/", "confirm": "/"}, "bad-path"),
        ("move", {**MOVE, "confirm": ""}, "bad-request"),
        ("move", {**MOVE, "path": "/zookeeper", "confirm": "/zookeeper"}, "protected"),
        ("acl", {**ACL, "confirm": "a"}, "bad-request"),
        ("acl", {**ACL, "acl": []}, "bad-request"),
        ("acl", {**ACL, "path": "/", "confirm": "/"}, "protected"),
        ("compare", {"left": "/a", "right": "b"}, "bad-path"),
    ],
)
async def test_what_cannot_be_is_refused_at_once(
    operator: Person, hub: Forest, address: str, body: dict[str, Any], code: str
) -> None:
    response = await operator.post(f"/api/jobs/{address}", body)
    assert problem(response) == code, response.content
    assert hub.steps == [] and await audit_rows() == [] and not await Job.objects.aexists()


async def test_a_second_request_with_the_same_key_is_the_same_work(operator: Person, hub: Forest) -> None:
    headers = {"X-Request-Id": str(uuid4())}
    one = await operator.post("/api/jobs/copy", COPY, headers=headers)
    other = await operator.post("/api/jobs/copy", COPY, headers=headers)
    assert one.json()["job"]["id"] == other.json()["job"]["id"]
    response = await operator.post("/api/jobs/copy", {**COPY, "to": "/other"}, headers=headers)
    assert problem(response) == "bad-request"
    assert await Job.objects.acount() == 1
    await ended(operator, one.json()["job"]["id"])


async def test_a_work_is_cancelled_between_steps(operator: Person, hub: Forest) -> None:
    gate, reached = asyncio.Event(), asyncio.Event()
    call = hub.call

    async def slow(method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        if method == "subtree.apply" and hub.steps:
            reached.set()
            await gate.wait()
        return await call(method, params, by)

    hub.call = slow  # type: ignore[method-assign]
    ident = (await operator.post("/api/jobs/delete", DELETE)).json()["job"]["id"]
    await reached.wait()
    response = await operator.post(f"/api/jobs/{ident}/cancel")
    assert response.json()["job"]["cancelling"] is True
    await asyncio.sleep(0.1 * SCALE)  # its worker looks every 0.01 s
    gate.set()
    job = await ended(operator, ident)
    assert (job["state"], job["words"]) == ("cancelled", "Removed 4 of 8 znodes; then it was cancelled.")
    assert (job["done"], len(hub.below("/a"))) == (4, 4)
    [row] = await audit_rows()
    assert (row.result, row.code) == ("failed", "cancelled")


async def test_a_lost_step_is_unknown_and_looked_after(operator: Person, hub: Forest) -> None:
    hub.losing = lambda ops: len(hub.steps) == 2
    job = await work(operator, "/api/jobs/delete", DELETE)
    assert job["state"] == "unknown" and job["problem"]["code"] == "unknown"
    assert job["words"] == (
        "Removed 2 of 8 znodes; what became of 2 more is not known. 4 znodes are at and below /a now."
    )
    [row] = await audit_rows()
    assert (row.result, row.code) == ("unknown", "unknown")


async def test_a_refusal_ends_it_with_what_was_done(operator: Person, hub: Forest) -> None:
    hub.denied = lambda op: op.path == "/a/b/d"
    job = await work(operator, "/api/jobs/delete", DELETE)
    assert (job["state"], job["problem"]["code"], job["words"]) == ("failed", "acl-denied", "Removed 5 of 8 znodes.")


async def test_what_nobody_foresaw_is_unknown(operator: Person, hub: Forest) -> None:
    def explode(ops: list[Op]) -> None:
        raise RuntimeError("the wires were cut")

    hub.before = explode
    job = await work(operator, "/api/jobs/delete", DELETE)
    assert job["state"] == "unknown" and "wires" not in json.dumps(job)


async def test_the_work_of_a_process_that_ended_is_found_out(operator: Person, hub: Forest) -> None:
    row = await AuditRow.objects.acreate(who="operator", address="", method="subtree.delete", parameters="{}")
    job = await Job.objects.acreate(
        kind="subtree.delete", who="operator", path="/a", parameters="{}", row=row, done=3, worker="gone", cluster=HERE,
        words="Removed 3 of 8 znodes", seen=timezone.now() - rows.LOST_AFTER - timedelta(seconds=1),
    )  # fmt: skip
    alive = await Job.objects.acreate(kind="subtree.copy", who="ann", path="/a", parameters="{}", worker="other",
                                    cluster=HERE)  # fmt: skip
    found = {each["id"]: each for each in (await operator.browser.get("/api/jobs")).json()["jobs"]}
    assert found[str(job.pk)]["state"] == "unknown" and found[str(job.pk)]["words"] == "Removed 3 of 8 znodes"
    assert found[str(job.pk)]["problem"]["code"] == "unknown" and found[str(alive.pk)]["state"] == "running"
    [row] = await audit_rows()
    assert (row.result, row.code) == ("unknown", "unknown")
    await rows.find_abandoned()


async def test_as_many_as_may_be(operator: Person, hub: Forest) -> None:
    for _ in range(rows.MOST_OF_ONE):
        await Job.objects.acreate(kind="subtree.copy", who="operator", path="/a", parameters="{}", cluster=HERE)
    response = await operator.post("/api/jobs/delete", DELETE)
    assert (response.status_code, problem(response)) == (409, "too-many") and hub.steps == []
    [row] = await audit_rows()
    assert (row.result, row.code) == ("failed", "too-many")


async def test_only_ones_own_works_are_seen(operator: Person, viewer: Person, hub: Forest) -> None:
    job = await work(operator, "/api/jobs/copy", COPY)
    assert (await viewer.browser.get("/api/jobs")).json() == {"jobs": []}
    response = await viewer.browser.get(f"/api/jobs/{job['id']}")
    assert (response.status_code, problem(response)) == (404, "no-such-job")
    assert problem(await viewer.post(f"/api/jobs/{job['id']}/cancel")) == "no-such-job"
    compared = await work(viewer, "/api/jobs/compare", {"left": "/a", "right": "/copy"})
    assert compared["words"] == "Both are the same: 8 znodes."
    assert [row.method for row in await audit_rows()] == ["subtree.copy"]
    assert len((await operator.browser.get("/api/jobs")).json()["jobs"]) == 2, "who reads the audit log sees all"
    for unknown in (uuid4(), "x", "1", "%00", "a" * 36):
        response = await operator.browser.get(f"/api/jobs/{unknown}")
        assert (response.status_code, problem(response)) == (404, "no-such-job"), unknown
        assert problem(await operator.post(f"/api/jobs/{unknown}/cancel")) == "no-such-job"


async def test_works_are_of_the_cluster_that_is_asked_about(operator: Person, hub: Forest) -> None:
    here = await work(operator, "/api/jobs/copy", COPY)
    there = await Job.objects.acreate(
        kind="subtree.copy", who="operator", path="/a", parameters="{}", cluster="elsewhere"
    )
    for cluster, mine, other in ((None, here["id"], there.pk), (Cluster("elsewhere"), there.pk, here["id"])):
        operator.browser.cluster = cluster
        assert [job["id"] for job in (await operator.browser.get("/api/jobs")).json()["jobs"]] == [str(mine)]
        assert (await operator.browser.get(f"/api/jobs/{mine}")).status_code == 200
        assert problem(await operator.browser.get(f"/api/jobs/{other}")) == "no-such-job"
        assert problem(await operator.post(f"/api/jobs/{other}/cancel")) == "no-such-job"
    assert not (await Job.objects.aget(pk=there.pk)).cancelling


async def test_an_export_is_imported_again(operator: Person, hub: Forest) -> None:
    hub.set("/a/e", b"\x00\xff")
    hub.nodes["/a/f"].acl = [Ace("world", "anyone", "cr")]
    text, before = await exported(operator, "/a"), hub.contents("/a")
    await work(operator, "/api/jobs/delete", DELETE)
    dry = await upload(operator, "/api/jobs/import?path=/a&dry_run=true", text)
    job = await ended(operator, dry.json()["job"]["id"])
    assert job["words"].startswith("8 znodes would be created") and "/a" not in hub.nodes
    job = await ended(operator, (await upload(operator, "/api/jobs/import?path=/a", text)).json()["job"]["id"])
    assert job["state"] == "done" and hub.contents("/a") == before
    assert job["report"]["counts"] == {"create": 8, "overwrite": 0, "same": 0, "skip": 0, "conflict": 0}
    compared = await ended(
        operator, (await upload(operator, "/api/jobs/compare-file?path=/a", text)).json()["job"]["id"]
    )
    assert compared["words"] == "Both are the same: 8 znodes."
    methods = [(row.method, row.result) for row in await audit_rows()]
    assert methods == [("subtree.export", "ok"), ("subtree.delete", "ok"), *[("subtree.import", "ok")] * 2]
    imported = json.loads((await audit_rows())[-1].parameters)
    assert imported["length"] == len(text) and len(imported["sha256"]) == 64


async def test_an_export_is_a_file_to_save(operator: Person, hub: Forest) -> None:
    response = await operator.browser.get("/api/export", {"path": "/a", "acl": "false"})
    assert response["Content-Disposition"].startswith('attachment; filename="export-')
    assert response["Content-Type"] == "application/x-ndjson" and "sandbox" in response["Content-Security-Policy"]
    lines = [json.loads(line) for line in b"".join([p async for p in response.streaming_content]).splitlines()]  # type: ignore[attr-defined]
    assert lines[0]["zooscope"] == "export" and lines[0]["acl"] is False and lines[-1]["znodes"] == 8
    assert all("acl" not in line for line in lines[1:-1])
    response = await operator.browser.get("/api/export", {"path": "/nowhere"})
    assert (response.status_code, problem(response)) == (404, "no-znode")


async def test_an_export_that_is_broken_off_says_so_in_its_row(operator: Person, hub: Forest) -> None:
    hub.page = 2
    reached, call = asyncio.Event(), hub.call

    async def slow(method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        if params.get("after"):
            reached.set()
            await asyncio.Event().wait()
        return await call(method, params, by)

    hub.call = slow  # type: ignore[method-assign]
    saving = asyncio.create_task(exported(operator, "/a"))
    await reached.wait()
    saving.cancel()
    async with asyncio.timeout(10 * SCALE):
        while True:
            [row] = await audit_rows()
            if row.result:
                break
            await asyncio.sleep(0.01)
    assert (row.result, row.code) == ("failed", "broken-off")
    assert json.loads(row.answer) == {"words": "Exported 2 znodes."}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
async def test_only_an_export_is_taken_for_one(operator: Person, hub: Forest, kind: str) -> None:
    response = await operator.browser.post(
        "/api/jobs/import?path=/a", data=b"{}", content_type=kind, headers={"X-CSRFToken": operator.csrf}
    )
    assert problem(response) == "bad-request" and await audit_rows() == []


async def test_a_file_that_is_no_export_ends_the_work_by_its_line(operator: Person, hub: Forest) -> None:
    response = await upload(operator, "/api/jobs/import?path=/a", b'{"zooscope":"export"}\n')
    job = await ended(operator, response.json()["job"]["id"])
    assert job["state"] == "failed" and job["problem"]["code"] == "bad-request"
    assert "Line 1: " in job["problem"]["text"] and hub.steps == []


async def test_a_file_that_is_too_large_is_refused(operator: Person, hub: Forest, settings: Any) -> None:
    settings.MAX_UPLOAD = 1_000
    response = await upload(operator, "/api/jobs/import?path=/a", b"x" * 1_001)
    assert (response.status_code, problem(response)) == (413, "too-large")


async def test_a_disk_that_is_full_is_told(operator: Person, hub: Forest, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    response = await upload(operator, "/api/jobs/import?path=/a", b"{}\n")
    assert (response.status_code, problem(response)) == (500, "failed")
    assert "No space left" in response.json()["problem"]["text"] and await audit_rows() == []


async def test_a_subtree_is_counted(viewer: Person, hub: Forest) -> None:
    hub.plant("/a/live", b"123", kind="ephemeral", owner="0x1f")
    found = (await viewer.browser.get("/api/subtree", {"path": "/a"})).json()
    assert (found["znodes"], found["bytes"], found["ephemerals"], found["sessions"]) == (9, 3, 1, {"0x1f": 1})
    assert (await viewer.browser.get("/api/subtree", {"path": "/nowhere"})).json()["exists"] is False
    assert problem(await viewer.browser.get("/api/subtree", {"path": "a"})) == "bad-path"


async def test_a_masked_digest_is_the_one_of_the_top(operator: Person, hub: Forest) -> None:
    digest = "bob:fyVmFCwVbTJYrznoSu1koqYEYF0="
    hub.nodes["/a"].acl = [Ace("digest", digest, "r")]
    call = hub.call

    async def read(method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        if method == "znode.read":
            acl = [{"scheme": "digest", "id": digest, "perms": "r"}]
            return {"path": "/a", "exists": True, "acl": acl, "zxid": "0x1", "stat": STAT}
        return await call(method, params, by)

    hub.call = read  # type: ignore[method-assign]
    entry = {"scheme": "digest", "id": "bob:•••", "perms": "rw"}
    job = await work(operator, "/api/jobs/acl", {**ACL, "acl": [entry], "mode": "replace"})
    assert job["state"] == "done" and hub.nodes["/a/b/c"].acl == [Ace("digest", digest, "rw")]
    [row] = await audit_rows()
    assert digest not in row.parameters and "bob" in row.parameters
    await sync_to_async(row.refresh_from_db)()


STAT = dict.fromkeys(("czxid", "mzxid", "pzxid", "owner"), "0x1") | dict.fromkeys(
    ("ctime", "mtime", "version", "cversion", "aversion", "data_length", "children"), 0
)
