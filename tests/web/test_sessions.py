"""Sessions over HTTP: who may end one, what is written down of it, and who may ask about watches."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from dashboard import verdicts
from dashboard.models import AuditRow
from tests.web.support import SCALE, Browser, FakeHub, Person, on_cluster, problem

ID = "0x100001757c70000"
EXPIRE = f"/api/sessions/{ID}/expire"


async def rows() -> list[AuditRow]:
    return [row async for row in AuditRow.objects.order_by("id")]


async def test_an_operator_ends_a_session(operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    on_cluster(monkeypatch, allow_changes=True, protected=("/kept",))
    hub.outcome = {"id": ID, "server": "zk1:2181", "took": 17.0, "owned": 2}
    response = await operator.post(EXPIRE, {"owned": 2})
    assert response.status_code == 200 and response.json() == {"result": "ok", **hub.outcome}
    assert hub.calls == [
        ("session.expire", {"id": ID, "owned": 2, "spared": ["/zookeeper", "/kept"]}, "operator")
    ]
    [row] = await rows()
    assert (row.method, row.target, row.result) == ("session.expire", ID, "ok")
    assert json.loads(row.parameters) == {"id": ID, "owned": 2}


async def test_what_was_seen_goes_with_it(operator: Person, hub: FakeHub) -> None:
    await operator.post(EXPIRE, {"owned": 2, "mark": "2a-0123456789ab"})
    (asked,) = hub.asked_for("session.expire")
    assert (asked["owned"], asked["mark"]) == (2, "2a-0123456789ab")


@pytest.mark.parametrize(
    "body", [{"owned": -1}, {"owned": "2"}, {"colour": "red"}, {"owned": 1.5}, {"mark": 1}, {"mark": "2a-xyz"}]
)
async def test_what_is_malformed_is_not_done(operator: Person, hub: FakeHub, body: dict[str, Any]) -> None:
    response = await operator.post(EXPIRE, body)
    assert (response.status_code, problem(response)) == (400, "bad-request") and hub.calls == []


@pytest.mark.parametrize("ident", ["7", "0x", "0xZZ", "0x" + "1" * 17, "0x1%0a"])
async def test_what_is_no_id(operator: Person, hub: FakeHub, ident: str) -> None:
    for response in (await operator.post(f"/api/sessions/{ident}/expire"),
                     await operator.browser.get(f"/api/sessions/{ident}"),
                     await operator.browser.get(f"/api/watches?session={ident}")):  # fmt: skip
        assert (response.status_code, problem(response)) == (400, "bad-request")
    assert hub.calls == [] and await rows() == []


async def test_viewers_and_strangers_end_nothing(viewer: Person, stranger: Browser, hub: FakeHub) -> None:
    assert problem(await viewer.post(EXPIRE)) == "not-permitted"
    assert problem(await stranger.post(EXPIRE, data=b"", content_type="")) == "not-joined"
    assert problem(await viewer.browser.get("/api/watches")) == "not-permitted"
    assert problem(await stranger.get("/api/watches")) == "not-joined"
    assert hub.calls == [] and await rows() == []


async def test_nobody_ends_one_on_a_cluster_that_is_not_changed(
    operator: Person, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_cluster(monkeypatch, allow_changes=False)
    response = await operator.post(EXPIRE)
    assert problem(response) == "not-permitted" and "--allow-changes" in response.json()["problem"]["text"]
    assert hub.calls == [] and await rows() == []
    assert (await operator.browser.get("/api/watches")).status_code == 200, "asking changes nothing"


async def test_a_request_from_elsewhere_is_refused(operator: Person, hub: FakeHub) -> None:
    assert problem(await operator.post(EXPIRE, headers={"X-CSRFToken": ""})) == "not-permitted" and hub.calls == []


async def test_what_is_unknown_is_looked_for(operator: Person, hub: FakeHub) -> None:
    hub.fails("unknown", "session.expire")
    hub.outcomes["session.verdict"] = {"verdict": "applied", "words": "The session is gone."}
    response = await operator.post(EXPIRE, {"owned": 2})
    assert response.status_code == 504 and response.json()["problem"]["code"] == "unknown"
    address = f"/api/actions/{response.json()['row']}"
    async with asyncio.timeout(10 * SCALE):
        await asyncio.gather(*verdicts._under_way)
    assert (await operator.browser.get(address)).json()["verdict"] == "applied"
    (asked,) = hub.asked_for("session.verdict")
    assert asked["id"] == ID and asked["at"] > 1e12 and asked["owned"] == 2
    assert len(hub.asked_for("session.expire")) == 1, "nothing is done a second time"


async def test_everybody_who_has_joined_sees_what_would_go(viewer: Person, hub: FakeHub) -> None:
    hub.outcome = {"id": ID, "exists": True}
    assert (await viewer.browser.get(f"/api/sessions/{ID}")).json() == hub.outcome
    assert [(method, params) for method, params, _ in hub.calls] == [("session.preview", {"id": ID})]


async def test_an_operator_asks_who_watches_what(operator: Person, hub: FakeHub) -> None:
    hub.outcome = {"at": 1.0}
    assert (await operator.browser.get("/api/watches?path=%2Fa%20b")).json() == {"at": 1.0}
    assert hub.calls == [("watches.read", {"path": "/a b", "session": ""}, "operator")]
    assert await rows() == []
    assert problem(await operator.browser.get("/api/watches?path=a")) == "bad-path"
    hub.fails("unknown")
    response = await operator.browser.get("/api/watches")
    assert (response.status_code, problem(response)) == (503, "bridge-gone")
