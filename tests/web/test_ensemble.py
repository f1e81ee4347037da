"""Who may reconfigure an ensemble, what the bridge is asked, and what is written down of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User

from dashboard import verdicts
from dashboard.models import AuditRow
from tests.web.support import FakeHub, Person, on_cluster, problem

PREVIEW, RECONFIG = "/api/ensemble/preview", "/api/ensemble/reconfig"
SEAT = {"id": "4", "host": "zk4", "quorum": 2888, "election": 3888, "client": 2181}
WANTED = {"version": "0x100000000", "remove": ["3"]}
WHOLE = {"version": "0x100000000", "add": [], "remove": ["3"], "roles": {}, "force": False}


@pytest.fixture
async def admin(operator: Person) -> Person:
    await sync_to_async(_promote)()
    return operator


def _promote() -> None:
    User.objects.get(username="operator").groups.add(Group.objects.get(name="admins"))


async def rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


@pytest.mark.parametrize("address", [PREVIEW, RECONFIG])
async def test_operators_may_not(operator: Person, hub: FakeHub, address: str) -> None:
    response = await operator.post(address, WANTED)
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert hub.calls == [] and await rows() == []


@pytest.mark.parametrize("address", [PREVIEW, RECONFIG])
async def test_nobody_may_where_nothing_is_changed(
    admin: Person, hub: FakeHub, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_cluster(monkeypatch, allow_changes=False)
    response = await admin.post(address, WANTED)
    assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert "--allow-changes" in response.json()["problem"]["text"] and hub.calls == []


async def test_a_preview_is_told_and_not_written_down(admin: Person, hub: FakeHub) -> None:
    hub.outcome = {"words": "2 servers", "notes": []}
    response = await admin.post(PREVIEW, {"add": [SEAT], "roles": {"2": "observer"}})
    assert (response.status_code, response.json()) == (200, hub.outcome)
    [(method, parameters, _)] = hub.calls
    assert method == "ensemble.preview" and parameters["add"] == [SEAT | {"role": "participant", "client_host": ""}]
    assert parameters["roles"] == {"2": "observer"} and await rows() == []


async def test_a_change_is_written_down_and_called_once(admin: Person, hub: FakeHub) -> None:
    hub.outcome = {"version": "0x6", "members": [], "words": "2 servers"}
    key = {"X-Request-Id": "7c0b4f0a-8e8b-4b52-9c33-0b1d6f4f2a11"}
    for _ in range(2):
        response = await admin.post(RECONFIG, WANTED, headers=key)
        assert response.json() == {"result": "ok", **hub.outcome}
    assert hub.asked_for("ensemble.reconfig") == [WHOLE]
    [row] = await rows()
    assert (row.method, row.target, row.result, json.loads(row.parameters)) == ("ensemble.reconfig", "3", "ok", WHOLE)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"remove": ["3"]}, "bad-request"),
        (WANTED | {"version": "7"}, "bad-request"),
        (WANTED | {"remove": ["x"]}, "bad-request"),
        (WANTED | {"add": [SEAT | {"client": 0}]}, "bad-request"),
        (WANTED | {"add": [SEAT | {"more": 1}]}, "bad-request"),
        (WANTED | {"roles": {"2": "king"}}, "bad-request"),
        (WANTED | {"remove": ["1"] * 51}, "bad-request"),
    ],
)
async def test_what_cannot_be_is_refused_before(admin: Person, hub: FakeHub, body: Any, code: str) -> None:
    response = await admin.post(RECONFIG, body)
    assert (response.status_code, problem(response)) == (400, code)
    assert hub.calls == [] and await rows() == []


async def test_what_is_unknown_is_found_out(
    admin: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.fails("unknown", "ensemble.reconfig")
    hub.outcomes["ensemble.verdict"] = {"verdict": "applied", "words": "The configuration is as wanted."}
    response = await admin.post(RECONFIG, WANTED)
    assert response.status_code == 504 and response.json()["problem"]["code"] == "unknown"
    for task in list(verdicts._under_way):
        await task
    [asked] = hub.asked_for("ensemble.verdict")
    assert asked["wanted"] == WHOLE and asked["at"] > 1e12
    [row] = await rows()
    assert (row.pk, row.result, row.verdict) == (response.json()["row"], "unknown", "applied")
    assert len(hub.asked_for("ensemble.reconfig")) == 1
