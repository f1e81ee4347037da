"""What a znode says over HTTP: decoded for whoever has joined, with problems where it cannot be read."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from dashboard.decoding import pool
from dashboard.decoding.decoders import Decoders
from tests.decoding.samples import GZIP, PLAIN
from tests.web.support import Browser, FakeHub, Person, problem
from zkbridge.protocol.editing import Whole
from zkbridge.protocol.znodes import Stat

A = {"encoding": "text", "value": "a"}

STAT = Stat("0x1", "0x2f", "0x1", 1, 1, 7, 0, 0, "0x0", len(GZIP), 0)


@pytest.fixture
async def decoders(viewer: Person, operator: Person) -> AsyncIterator[Decoders]:
    decoders = Decoders()
    viewer.browser.decoders = operator.browser.decoders = decoders
    yield decoders
    await decoders.stop()


def holds(hub: FakeHub, **fields: Any) -> None:
    hub.outcome = msgspec.to_builtins(Whole(**{"path": "/a", "exists": True, "stat": STAT, **fields}))


async def test_a_viewer_sees_what_a_znode_says(viewer: Person, hub: FakeHub, decoders: Decoders) -> None:
    holds(hub, data=GZIP)
    response = await viewer.browser.get("/api/decoded?path=%2Fa")
    assert response.status_code == 200, response.content
    found = response.json()
    assert [layer["name"] for layer in found["layers"]] == ["gzip", "json"]
    assert (found["path"], found["size"], found["version"], found["mzxid"]) == ("/a", len(GZIP), 7, "0x2f")
    assert json.loads(found["text"]) == json.loads(PLAIN) and found["hex"] is None and found["language"] == "json"
    [(method, parameters, by)] = hub.calls
    assert (method, parameters) == ("znode.read", {"path": "/a"}) and by.startswith("viewer-")
    raw = (await viewer.browser.get("/api/decoded?path=%2Fa&as=raw")).json()
    assert raw["hex"] == GZIP.hex() and raw["text"] is None


async def test_bytes_that_are_sent_are_decoded_alike(viewer: Person, hub: FakeHub, decoders: Decoders) -> None:
    holds(hub, data=GZIP)
    read = (await viewer.browser.get("/api/decoded?path=%2Fa")).json()
    body = {"data": {"encoding": "base64", "value": base64.b64encode(GZIP).decode()}, "path": "/a"}
    sent = (await viewer.post("/api/decode", body)).json()
    assert {**read, **sent} == read and len(hub.calls) == 1
    asked = (await viewer.post("/api/decode", {**body, "as": "gzip"})).json()
    assert asked["decoder"] == "json"


async def test_the_decoders_are_listed(viewer: Person, decoders: Decoders) -> None:
    listed = (await viewer.browser.get("/api/decoders")).json()["decoders"]
    assert {"name": "msgpack", "label": "MessagePack", "plugin": False, "problem": ""} in listed


@pytest.mark.parametrize(
    ("fields", "code", "status"), [({"exists": False}, "no-znode", 404), ({"locked": True}, "acl-denied", 403)]
)
async def test_what_cannot_be_read(
    viewer: Person, hub: FakeHub, decoders: Decoders, fields: dict[str, bool], code: str, status: int
) -> None:
    holds(hub, **fields)
    response = await viewer.browser.get("/api/decoded?path=%2Fa")
    assert (response.status_code, problem(response)) == (status, code)


@pytest.mark.parametrize("code", ["bridge-gone", "not-live"])
async def test_problems_of_the_bridge_are_told(viewer: Person, hub: FakeHub, decoders: Decoders, code: str) -> None:
    hub.fails(code)
    assert problem(await viewer.browser.get("/api/decoded?path=%2Fa")) == code


@pytest.mark.parametrize("path", ["", "a", "/a/", "//", "/a/../b", "/\x00", "/%ff"])
async def test_paths_that_are_none(viewer: Person, hub: FakeHub, decoders: Decoders, path: str) -> None:
    response = await viewer.browser.get("/api/decoded", {"path": path})
    assert response.status_code == 400 and problem(response) in ("bad-path", "bad-request") or path == "/%ff"
    response = await viewer.post("/api/decode", {"data": A, "path": path})
    assert response.status_code == 400 or path == "/%ff"
    assert len(hub.calls) <= 1


@pytest.mark.parametrize(
    "body",
    [{}, {"data": "a"}, {"data": {**A, "encoding": "hex"}}, {"data": A, "as": "<b>"}, {"data": A, "x": 1}, [], None],
)
async def test_bodies_that_are_none(viewer: Person, decoders: Decoders, body: object) -> None:
    response = await viewer.post("/api/decode", body)
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert b"<b>" not in response.content


async def test_a_decoder_that_is_none_is_told(viewer: Person, decoders: Decoders) -> None:
    found = (await viewer.post("/api/decode", {"data": A, "as": "cobol"})).json()
    assert (found["text"], found["warning"]) == ("a", "There is no decoder of this name.")


async def test_too_many_are_told(
    viewer: Person, hub: FakeHub, decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WAITING", 0)
    holds(hub, data=GZIP)
    response = await viewer.browser.get("/api/decoded?path=%2Fa")
    assert (response.status_code, problem(response)) == (409, "too-many")


async def test_it_takes_the_token_of_the_page(viewer: Person, decoders: Decoders) -> None:
    response = await viewer.post("/api/decode", {"data": A}, headers={"X-CSRFToken": ""})
    assert (response.status_code, problem(response)) == (403, "not-permitted")


async def test_strangers_see_nothing(stranger: Browser, hub: FakeHub) -> None:
    for address in ("/api/decoded?path=%2Fa", "/api/decoders"):
        assert problem(await stranger.get(address)) == "not-joined"
    assert hub.calls == []


async def test_what_is_described_is_what_is_taken(viewer: Person) -> None:
    described = (await viewer.browser.get("/api/openapi.json")).json()
    assert [one["name"] for one in described["paths"]["/api/decoded"]["get"]["parameters"]] == ["path", "as"]
    assert set(described["components"]["schemas"]["Sent"]["properties"]) == {"data", "path", "as"}
