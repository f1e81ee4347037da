"""Scenarios over HTTP: permitted, written down, begun once; not while a work is running."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from dashboard.models import AuditRow, Job
from tests.web.support import HERE, FakeHub, Person, problem


async def rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


async def test_an_operator_runs_and_cancels(operator: Person, hub: FakeHub) -> None:
    hub.outcome = {"run": "abc"}
    for verb in ("run", "cancel"):
        answer = await operator.post(f"/api/scenarios/kill-leader/{verb}")
        assert (answer.status_code, answer.json()) == (202, {"result": "ok", "run": "abc"})
    called = [(method, params) for method, params, _ in hub.calls]
    assert called == [("scenario.run", {"name": "kill-leader"}), ("scenario.cancel", {"name": "kill-leader"})]
    assert [(row.method, row.target, row.result) for row in await rows()] == [
        ("scenario.run", "kill-leader", "ok"), ("scenario.cancel", "kill-leader", "ok"),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", ["run", "cancel"])
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
