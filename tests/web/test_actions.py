"""Every action is permitted, written down, called once and answered; every refusal leaves the hub alone."""

from __future__ import annotations

import asyncio
import json
import logging
from uuid import uuid4

import pytest

from dashboard import audit
from dashboard.models import AuditRow, Immutable
from tests.web.support import SCALE, Browser, FakeHub, Person, problem
from zkbridge.protocol.calls import LINK_ACTIONS, METHODS, NODE_ACTIONS, PROBLEM_STATUS, SERVER_ACTIONS

ADDRESSES = {"node.add": "/api/nodes", "server.add": "/api/servers", "lab.heal": "/api/lab/heal"}
ADDRESSES |= {f"node.{action}": f"/api/nodes/node-3/{action}" for action in NODE_ACTIONS}
ADDRESSES |= {f"server.{action}": f"/api/servers/2/{action}" for action in SERVER_ACTIONS}
ADDRESSES |= {f"link.{action}": f"/api/links/{action}" for action in LINK_ACTIONS}
BODIES = {f"link.{action}": {"from": "node-3", "to": "ensemble"} for action in LINK_ACTIONS}


async def rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


def test_each_method_has_an_address() -> None:
    assert set(ADDRESSES) == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
async def test_an_operator_acts(operator: Person, hub: FakeHub, method: str) -> None:
    adds = method.endswith(".add")
    hub.outcome = {"id": "node-6"} if adds else {}
    response = await operator.post(ADDRESSES[method], BODIES.get(method))
    assert response.status_code == (201 if adds else 200)
    assert response.json() == {"result": "ok", **hub.outcome}
    [(called, parameters, by)] = hub.calls
    assert (called, by) == (method, "operator")
    [row] = await rows()
    assert (row.method, row.who, row.address, row.result, row.code) == (method, "operator", "127.0.0.1", "ok", "")
    about = "node-3 and ensemble" if method.startswith("link.") else ""
    assert json.loads(row.parameters) == parameters and row.target == parameters.get("id", about)
    assert row.ended and row.ended >= row.at


@pytest.mark.parametrize("method", METHODS)
async def test_a_viewer_may_not(viewer: Person, hub: FakeHub, method: str) -> None:
    response = await viewer.post(ADDRESSES[method], BODIES.get(method))
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert hub.calls == [] and await rows() == []


@pytest.mark.parametrize("method", METHODS)
async def test_a_stranger_may_not(stranger: Browser, hub: FakeHub, method: str) -> None:
    response = await stranger.post(ADDRESSES[method], data=b"", content_type="")
    assert (response.status_code, problem(response)) == (401, "not-joined")
    assert hub.calls == [] and await rows() == []


@pytest.mark.parametrize(
    "headers",
    [{"X-CSRFToken": ""}, {"X-CSRFToken": "a" * 64}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
    ids=["none", "wrong", "other origin", "no origin"],
)
async def test_a_request_from_elsewhere_is_refused(operator: Person, hub: FakeHub, headers: dict[str, str]) -> None:
    response = await operator.post("/api/nodes", headers=headers)
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert hub.calls == [] and await rows() == []


async def test_own_origin_is_accepted(operator: Person) -> None:
    assert (await operator.post("/api/nodes", headers={"Origin": "http://testserver"})).status_code == 201


@pytest.mark.parametrize("code", [code for code in PROBLEM_STATUS if code not in ("not-joined", "not-permitted")])
async def test_problems_become_answers_and_rows(operator: Person, hub: FakeHub, code: str) -> None:
    hub.fails(code)
    response = await operator.post("/api/nodes/node-3/kill")
    assert (response.status_code, problem(response)) == (PROBLEM_STATUS[code], code)
    assert response.json()["problem"]["hint"] == "Try something else."
    [row] = await rows()
    assert (row.result, row.code) == ("unknown" if code == "unknown" else "failed", code)


async def test_without_a_hub_nothing_is_done(operator: Person, hub: FakeHub) -> None:
    operator.browser.hub = None
    response = await operator.post("/api/nodes")
    assert (response.status_code, problem(response)) == (503, "bridge-gone")
    assert [(row.result, row.code) for row in await rows()] == [("failed", "bridge-gone")]


async def test_what_nobody_foresaw_is_unknown(operator: Person, hub: FakeHub) -> None:
    hub.outcome = RuntimeError("the wires were cut")
    response = await operator.post("/api/nodes")
    assert (response.status_code, problem(response)) == (504, "unknown")
    assert b"wires" not in response.content
    assert [row.result for row in await rows()] == ["unknown"]


async def test_no_row_no_call(operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(AuditRow, "save", full)
    response = await operator.post("/api/nodes/node-3/kill")
    assert (response.status_code, problem(response)) == (500, "failed")
    assert hub.calls == []


async def test_the_row_is_there_before_the_call(operator: Person, hub: FakeHub) -> None:
    hub.gate.clear()
    asked = asyncio.create_task(operator.post("/api/nodes/node-3/kill"))
    await hub.asked()
    [row] = await rows()
    assert (row.result, row.ended) == ("", None)
    hub.gate.set()
    assert (await asked).status_code == 200
    assert [row.result for row in await rows()] == ["ok"]


async def test_a_person_who_goes_away_leaves_a_closed_row(operator: Person, hub: FakeHub) -> None:
    hub.gate.clear()
    asked = asyncio.create_task(operator.post("/api/nodes/node-3/kill"))
    await hub.asked()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    hub.gate.set()
    async with asyncio.timeout(5 * SCALE):
        while [row.result for row in await rows()] != ["ok"]:  # noqa: ASYNC110 - nothing tells of a row
            await asyncio.sleep(0.01)


BAD_IDS = [
    "<b>", "node-3'", "node-3%0a", "%00", "node-3%00", "..", "%2e%2e", "..%2fnode-3", "node-3%2f..", "node-",
    "NODE-3", "node-99999999", "0x", "0xG", "0x12345678901234567", "%e2%80%8bnode-3", "a" * 500, "%ff", "%20",
]  # fmt: skip


@pytest.mark.parametrize("id", BAD_IDS)
@pytest.mark.parametrize("address", ["/api/nodes/{}/kill", "/api/servers/{}/kill"])
async def test_ids_that_are_none(operator: Person, hub: FakeHub, address: str, id: str) -> None:
    response = await operator.post(address.format(id))
    assert response.status_code in (400, 404)
    problem(response)
    assert hub.calls == [] and await rows() == []
    assert b"<b>" not in response.content and b"aaaa" not in response.content


@pytest.mark.parametrize("id", ["node-3", "0x1000a2b3c4d50001"])
async def test_ids_that_are(operator: Person, hub: FakeHub, id: str) -> None:
    assert (await operator.post(f"/api/nodes/{id}/dismiss")).status_code == 200
    assert hub.calls[0][1] == {"id": id}


@pytest.mark.parametrize("address", ["/api/nodes/node-3/explode", "/api/servers/1/dismiss", "/api/nodes/node-3/add"])
async def test_actions_that_are_none(operator: Person, hub: FakeHub, address: str) -> None:
    response = await operator.post(address)
    assert (response.status_code, problem(response)) == (404, "no-such-method")
    assert hub.calls == []


@pytest.mark.parametrize("address", ["/api/nothing", "/api/nodes/node-3", "/api/nodes/a/b/c", "/api//nodes", "/api/"])
async def test_addresses_that_are_none(operator: Person, address: str) -> None:
    response = await operator.post(address)
    assert (response.status_code, problem(response)) == (404, "no-such-page")


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
async def test_other_verbs(operator: Person, hub: FakeHub, method: str) -> None:
    response = await getattr(operator.browser, method)("/api/nodes", headers={"X-CSRFToken": operator.csrf})
    assert (response.status_code, problem(response), response["Allow"]) == (405, "wrong-verb", "POST")
    assert hub.calls == []


@pytest.mark.parametrize("body", [{"command": "rm"}, {"id": "node-4"}, {"force": True}, [], [1], "x", 3, True])
async def test_unknown_fields(operator: Person, hub: FakeHub, body: object) -> None:
    for address in ("/api/nodes", "/api/nodes/node-3/kill"):
        response = await operator.post(address, json.dumps(body))
        assert (response.status_code, problem(response)) == (400, "bad-request"), body
        assert b"rm" not in response.content
    assert hub.calls == []


@pytest.mark.parametrize("body", ["{", "\0", '{"a":', "[" * 20_000, '{"force": 1e999}', "\ud800"])
async def test_bodies_that_are_not_json(operator: Person, hub: FakeHub, body: str) -> None:
    response = await operator.post("/api/nodes", body.encode("utf-8", "surrogatepass"))
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert hub.calls == []


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
async def test_other_kinds_of_body(operator: Person, hub: FakeHub, kind: str) -> None:
    response = await operator.browser.post(
        "/api/nodes", data=b"{}", content_type=kind, headers={"X-CSRFToken": operator.csrf}
    )
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert hub.calls == []


async def test_bodies_that_are_too_large(operator: Person, hub: FakeHub) -> None:
    response = await operator.post("/api/nodes", b" " * 65_537)
    assert (response.status_code, problem(response)) == (413, "too-large")
    response = await operator.post("/api/nodes", headers={"Transfer-Encoding": "chunked"})
    assert (response.status_code, problem(response)) == (411, "no-length")
    assert hub.calls == []


async def test_a_kill_can_be_forced(operator: Person, hub: FakeHub) -> None:
    assert (await operator.post("/api/servers/2/kill", {"force": True})).status_code == 200
    assert hub.calls == [("server.kill", {"id": "2", "force": True}, "operator")]
    assert json.loads((await rows())[0].parameters) == {"id": "2", "force": True}
    for address, body in (("/api/servers/2/start", {"force": True}), ("/api/servers/2/kill", {"force": "yes"})):
        assert problem(await operator.post(address, body)) == "bad-request"
    assert len(hub.calls) == 1


async def test_a_request_is_applied_once(operator: Person, hub: FakeHub) -> None:
    hub.outcome = {"id": "node-6"}
    key = {"X-Request-Id": str(uuid4())}
    hub.gate.clear()
    asked = [asyncio.create_task(operator.post("/api/nodes", headers=key)) for _ in range(4)]
    await hub.asked()
    hub.gate.set()
    answers = [*await asyncio.gather(*asked), await operator.post("/api/nodes", headers=key)]
    assert [(a.status_code, a.json()) for a in answers] == [(201, {"result": "ok", "id": "node-6"})] * 5
    assert len(hub.calls) == 1 and len(await rows()) == 1


async def test_a_problem_is_repeated_too(operator: Person, hub: FakeHub) -> None:
    key = {"X-Request-Id": str(uuid4())}
    hub.fails("not-now")
    first = await operator.post("/api/nodes/node-3/pause", headers=key)
    hub.outcome = {}
    second = await operator.post("/api/nodes/node-3/pause", headers=key)
    assert first.status_code == second.status_code == 409 and first.json() == second.json()
    assert len(hub.calls) == 1


async def test_a_key_is_of_one_request(operator: Person, hub: FakeHub) -> None:
    key = {"X-Request-Id": str(uuid4())}
    await operator.post("/api/nodes/node-3/pause", headers=key)
    for address in ("/api/nodes/node-4/pause", "/api/nodes/node-3/resume"):
        response = await operator.post(address, headers=key)
        assert (response.status_code, problem(response)) == (400, "bad-request")
    assert problem(await operator.post("/api/nodes", headers={"X-Request-Id": "1; drop"})) == "bad-request"
    assert len(hub.calls) == 1


async def test_without_a_key_each_request_counts(operator: Person, hub: FakeHub) -> None:
    await operator.post("/api/nodes")
    await operator.post("/api/nodes")
    assert len(hub.calls) == 2 and len(await rows()) == 2


async def test_a_permission_taken_away_counts_at_once(operator: Person, hub: FakeHub) -> None:
    from django.contrib.auth.models import Group, Permission

    kill = await Permission.objects.aget(codename="node.kill")
    await (await Group.objects.aget(name="operators")).permissions.aremove(kill)
    assert (await operator.post("/api/nodes/node-3/kill")).status_code == 403
    assert (await operator.post("/api/nodes/node-3/stop")).status_code == 200
    may = (await operator.browser.get("/api/me")).json()["permissions"]
    assert "node.kill" not in may and "node.stop" in may


async def test_rows_are_not_changed(operator: Person) -> None:
    await operator.post("/api/nodes")
    [row] = await rows()
    row.result = "failed"
    for attempt in (row.asave, row.adelete, AuditRow.objects.all().adelete):
        with pytest.raises(Immutable):
            await attempt()
    with pytest.raises(Immutable):
        await AuditRow.objects.aupdate(result="failed")
    with pytest.raises(Immutable):
        await audit.close(row, audit.Result.FAILED, {})
    assert [row.result for row in await rows()] == ["ok"]


async def test_the_log_holds_no_bodies(operator: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await operator.post("/api/nodes", {"password": "hunter2"})
    assert "hunter2" not in caplog.text and operator.csrf not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        {}, {"from": "node-3"}, {"from": "node-3", "to": "bridge"}, {"from": "node-3", "to": "ensemble", "seconds": 0},
        {"from": "node-3", "to": "ensemble", "seconds": 3_601}, {"from": "node-3", "to": "ensemble", "loss": 91},
        {"from": "node-3", "to": "ensemble", "whim": 1}, {"from": "node-3", "to": "ensemble", "latency": "NaN"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_link_that_cannot_be(operator: Person, hub: FakeHub, body: dict[str, object]) -> None:
    response = await operator.post("/api/links/slow", body)
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert hub.calls == [] and await rows() == []


async def test_links_have_no_such_action(operator: Person, hub: FakeHub) -> None:
    response = await operator.post("/api/links/explode", BODIES["link.cut"])
    assert (response.status_code, problem(response)) == (404, "no-such-method") and hub.calls == []
