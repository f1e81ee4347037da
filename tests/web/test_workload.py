"""The workload over HTTP: one permission for three calls, each with its own row."""

from __future__ import annotations

import json

import pytest

from dashboard.models import AuditRow
from tests.web.support import Browser, FakeHub, Person, problem
from zkbridge.protocol.calls import WORKLOAD

ADDRESSES = {"workload.start": "/api/workload", "workload.stop": "/api/workload/stop",
             "workload.clear": "/api/workload/clear"}  # fmt: skip


def body_of(method: str) -> dict[str, int] | None:
    return {"tasks": 1_000, "work": 5} if method == "workload.start" else None


async def post(person: Person, method: str):  # type: ignore[no-untyped-def]
    return await person.post(ADDRESSES[method], body_of(method))


def test_each_call_has_an_address() -> None:
    assert set(ADDRESSES) == set(WORKLOAD)


@pytest.mark.parametrize("method", WORKLOAD)
async def test_an_operator_orders(operator: Person, hub: FakeHub, method: str) -> None:
    hub.outcome = {"tasks": 1_000, "first": 20}
    response = await post(operator, method)
    assert response.status_code == (201 if method == "workload.start" else 200)
    assert response.json() == {"result": "ok", "tasks": 1_000, "first": 20}
    [(called, parameters, by)] = hub.calls
    assert (called, by) == (method, "operator")
    assert parameters == ({"tasks": 1_000, "rate": 0, "seconds": 60, "work": 5} if body_of(method) else {})
    row = await AuditRow.objects.aget()
    assert (row.method, row.result, json.loads(row.parameters)) == (method, "ok", parameters)


@pytest.mark.parametrize("method", WORKLOAD)
async def test_others_may_not(viewer: Person, stranger: Browser, hub: FakeHub, method: str) -> None:
    response = await post(viewer, method)
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert "workload.run" in response.json()["problem"]["text"]
    response = await stranger.post(ADDRESSES[method], data=b"", content_type="")
    assert (response.status_code, problem(response)) == (401, "not-joined")
    assert hub.calls == [] and not await AuditRow.objects.aexists()


@pytest.mark.parametrize("wrong", ['{"tasks": "many"}', '{"tasks": 1, "speed": 2}', '{"tasks": 1.5}', "[]", ""])
async def test_bodies_that_are_none(operator: Person, hub: FakeHub, wrong: str) -> None:
    response = await operator.post("/api/workload", wrong)
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert hub.calls == []
