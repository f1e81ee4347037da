"""Scenarios over HTTP: permitted, written down, begun once; not while a work is running."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from dashboard.auditlog import METHODS
from dashboard.models import AuditRow, Job
from tests.web.support import HERE, FakeHub, Person, problem


async def rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


async def test_an_operator_runs_and_cancels(operator: Person, hub: FakeHub) -> None:
    hub.outcome = {"run": "abc"}
    for verb in ("run", "putback", "cancel"):
        answer = await operator.post(f"/api/scenarios/kill-leader/{verb}")
        assert (answer.status_code, answer.json()) == (202, {"result": "ok", "run": "abc"})
    called = [(method, params) for method, params, _ in hub.calls]
    methods = ("scenario.run", "scenario.putback", "scenario.cancel")
    assert called == [(method, {"name": "kill-leader"}) for method in methods]
    assert [(row.method, row.target, row.result) for row in await rows()] == [
        (method, "kill-leader", "ok") for method in methods
    ]  # fmt: skip
    assert set(methods) <= {*METHODS}, "the audit log can be asked for each"


async def test_how_it_is_to_be_run_is_passed_on(operator: Person, hub: FakeHub) -> None:
    hub.outcome = {"run": "abc"}
    for body in ({"hold": True, "slow": True}, {"hold": False}):
        assert (await operator.post("/api/scenarios/kinds/run", body)).status_code == 202
    assert [params for _, params, _ in hub.calls] == [{"name": "kinds", "hold": True, "slow": True}, {"name": "kinds"}]
    for wrong in ({"hold": "yes"}, {"wait": True}):
        assert (await operator.post("/api/scenarios/kinds/run", wrong)).status_code == 400
    assert len(hub.calls) == 2


@pytest.mark.parametrize("verb", ["run", "cancel", "putback"])
async def test_a_viewer_may_not(viewer: Person, hub: FakeHub, verb: str) -> None:
    answer = await viewer.post(f"/api/scenarios/kill-leader/{verb}")
    assert (answer.status_code, problem(answer)) == (403, "not-permitted")
    assert hub.calls == [] and await rows() == []


@pytest.mark.parametrize("name", ["Kill", "a--b", "x" * 41, "1"])
async def test_a_name_that_none_can_have(operator: Person, hub: FakeHub, name: str) -> None:
    answer = await operator.post(f"/api/scenarios/{name}/run")
    assert (answer.status_code, problem(answer)) == (400, "bad-request")
    assert hub.calls == []


async def test_what_the_bridge_refuses_is_passed_on(operator: Person, hub: FakeHub) -> None:
    hub.fails("not-now")
    answer = await operator.post("/api/scenarios/kinds/run")
    assert (answer.status_code, problem(answer)) == (409, "not-now")
    assert [(row.result, row.code) for row in await rows()] == [("failed", "not-now")]


async def test_not_while_a_work_is_running(operator: Person, hub: FakeHub) -> None:
    make = sync_to_async(Job.objects.create)
    job = await make(kind="subtree.delete", who="ann", cluster=HERE, path="/a", parameters="{}", worker="w")
    answer = await operator.post("/api/scenarios/kinds/run")
    assert (answer.status_code, problem(answer)) == (409, "not-now")
    assert "A work on a subtree is running" in answer.json()["problem"]["text"] and hub.calls == []
    await sync_to_async(Job.objects.filter(pk=job.pk).update)(state=Job.State.DONE)
    hub.outcome = {"run": "abc"}
    assert (await operator.post("/api/scenarios/kinds/run")).status_code == 202
