"""The names of a znode's children over HTTP."""

from __future__ import annotations

import pytest

from tests.web.support import FakeHub, Person, problem


async def test_children_are_named(viewer: Person, hub: FakeHub) -> None:
    hub.outcome = {"path": "/a", "exists": True, "names": ["b", "\u202ec"], "next": "\u202ec", "zxid": "0x9"}
    response = await viewer.browser.get("/api/children?path=%2Fa&after=aa&limit=2")
    assert response.status_code == 200
    assert response.json() == {"path": "/a", "children": ["b", "\u202ec"], "next": "\u202ec", "zxid": "0x9"}
    assert hub.asked_for("subtree.names") == [{"path": "/a", "after": "aa", "limit": 2}]


async def test_there_are_none_of_what_is_not_there(viewer: Person, hub: FakeHub) -> None:
    hub.outcome = {"path": "/a", "exists": False, "zxid": "0x9"}
    response = await viewer.browser.get("/api/children?path=%2Fa")
    assert response.status_code == 404 and problem(response) == "no-znode"


@pytest.mark.parametrize("query", ["path=a", "path=%2Fa%2F", "path=%2Fa&limit=0", "path=%2Fa&limit=10001", ""])
async def test_what_cannot_be_meant_asks_nobody(viewer: Person, hub: FakeHub, query: str) -> None:
    response = await viewer.browser.get(f"/api/children?{query}")
    assert response.status_code == 400 and not hub.calls


async def test_a_bridge_that_does_not_answer(viewer: Person, hub: FakeHub) -> None:
    hub.fails("unknown")
    response = await viewer.browser.get("/api/children?path=%2Fa")
    assert response.status_code == 503 and problem(response) == "bridge-gone"
