"""What holds for every address: who gets an answer, with which headers, and that pages hold nothing inline."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from dashboard import views
from dashboard.models import AuditRow
from tests.web.support import Browser, FakeHub, Person, on_cluster
from zkbridge.protocol.calls import CHANGES, METHODS

FOR_EVERYONE = {"healthz", "login", "enter/<str:token>", "join/<str:token>", "join", "api/openapi.json"}
"""Addresses that answer, in their own way, people who have not joined."""

VALUES = {"token": "a" * 32, "id": "node-1", "action": "kill", "row": "1", "name": "chain",
          "int": "1", "uuidstr": "00000000-0000-4000-8000-000000000000"}  # fmt: skip
"""By the name of what stands in a route, or what converts it."""


def addresses() -> dict[str, str]:
    """Every route of the URL map, with an address that it takes."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns, route)
            else:
                found[route] = "/" + re.sub(r"<(?:(\w+):)?(\w+)>", lambda at: VALUES.get(at[1]) or VALUES[at[2]], route)
        return found

    return walk(get_resolver().url_patterns, "")


def test_the_list_is_of_routes() -> None:
    assert set(addresses()) >= FOR_EVERYONE


@pytest.mark.parametrize("route", addresses())
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "patch", "options"])
async def test_every_route_refuses_strangers(stranger: Browser, hub: FakeHub, route: str, method: str) -> None:
    response = await getattr(stranger, method)(addresses()[route])
    if route not in FOR_EVERYONE:
        assert response.status_code in (401, 403, 404, 405), f"{method} {route}"
    assert response.status_code < 500 or response.status_code == 503
    assert hub.calls == [] and not any("csrf" not in name for name in stranger.cookies)


@pytest.mark.parametrize("route", addresses())
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
async def test_every_changing_route_refuses_without_csrf(
    operator: Person, hub: FakeHub, route: str, method: str
) -> None:
    response = await getattr(operator.browser, method)(addresses()[route], data=b"", content_type="")
    assert response.status_code in (403, 405) or route == "api/openapi.json", route
    assert hub.calls == []


PERMITTED: dict[str, tuple[str, dict[str, Any] | None]] = {
    "post api/nodes": ("", None),
    "post api/nodes/<id>/<action>": ("", None),
    "post api/servers/<id>/<action>": ("", None),
    "post api/znodes": ("", {"path": "/a"}),
    "put api/znodes": ("?path=/a", {"data": {"encoding": "text", "value": ""}, "version": 0}),
    "delete api/znodes": ("?path=/a&version=0", None),
    "put api/acl": ("?path=/a", {"acl": [{"scheme": "world", "id": "anyone", "perms": "r"}], "aversion": 0}),
}
"""Requests that take a permission, with a query and body that are right: nothing else is wrong with them."""


@pytest.mark.parametrize("request_", PERMITTED)
async def test_every_change_refuses_who_may_only_look(viewer: Person, hub: FakeHub, request_: str) -> None:
    method, _, route = request_.partition(" ")
    query, body = PERMITTED[request_]
    found = {route.replace("<str:", "<"): address for route, address in addresses().items()}
    address = found[route].replace("/servers/node-1/", "/servers/1/")
    response = await viewer.send(method, address + query, body)
    assert (response.status_code, response.json()["problem"]["code"]) == (403, "not-permitted")
    assert hub.calls == []


@pytest.mark.parametrize(
    "route", [route for route in addresses() if route.startswith("api/") and route not in FOR_EVERYONE]
)
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
async def test_no_other_request_makes_a_change_either(viewer: Person, hub: FakeHub, route: str, method: str) -> None:
    response = await viewer.send(method, addresses()[route])
    assert 400 <= response.status_code < 500, f"{method} {route}"
    assert hub.calls == []


async def test_a_token_without_scopes_changes_nothing_anywhere(operator: Person, hub: FakeHub) -> None:
    token = (await operator.post("/api/tokens", {"name": "looks"})).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    for route, address in addresses().items():
        for method in ("post", "put", "delete", "patch") if route not in (*FOR_EVERYONE, "leave") else ():
            response = await getattr(Browser(hub), method)(address, data=b"", content_type="", headers=headers)
            assert 400 <= response.status_code < 500, f"{method} {route}: {response.status_code}"
    assert not {method for method, *_ in hub.calls} & {*METHODS, *CHANGES, "subtree.apply"}
    assert not [row.method async for row in AuditRow.objects.exclude(method="token.make")]


ALL = ["/", "/tree", "/healthz", "/nothing", "/api/me", "/api/nothing", "/enter/x", "/join/x", "/static/nothing",
       "/login", "/tokens", "/audit", "/api/openapi.json", "/join", "/%ff", "/" + "a" * 9_000,
       "/static/../manage.py", "/static/%2e%2e/manage.py"]  # fmt: skip


@pytest.mark.parametrize("address", ALL)
async def test_headers(stranger: Browser, operator: Person, address: str) -> None:
    for browser in (stranger, operator.browser):
        response = await browser.get(address)
        policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'self'" and policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self'" and "script-src" not in policy and "style-src" not in policy
        assert not re.search(r"unsafe|\*|https?:", response["Content-Security-Policy"])
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "camera=()" in response["Permissions-Policy"]
        assert response["Cache-Control"] == "no-store"
        assert "Server" not in response and b"Traceback" not in response.content


async def test_headers_of_errors(stranger: Browser, operator: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(views.frontend, "load", fail)
    monkeypatch.setattr("dashboard.errors.frontend.load", lambda *arguments: views.frontend.Assets())
    monkeypatch.setattr(views.permissions, "rights", fail)
    failed = await operator.browser.get("/")
    in_api = await operator.browser.get("/api/me")
    host = await stranger.get("/", headers={"Host": "evil.example"})
    forged = await stranger.post("/join", {"link": "x"})
    verb = await stranger.options("/tree")
    large = await stranger.post("/join", {"link": "x" * 70_000})
    expected = [(failed, 500), (in_api, 500), (host, 400), (forged, 403), (verb, 405), (large, 413)]
    for response, status in expected:
        assert response.status_code == status
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert b"hunter2" not in response.content and b"evil" not in response.content
    assert in_api.json()["problem"]["code"] == "failed"
    assert verb["Allow"] == "GET, HEAD"


class Outside(HTMLParser):
    """Collects what a strict policy would refuse, and every address that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.named: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or "style" in names or (tag == "script" and not names.get("src")):
            self.inline.append(tag)
        self.inline += [name for name in names if name.startswith("on")]
        self.named += [names[name] or "" for name in ("src", "href", "action") if name in names]


async def test_pages_hold_nothing_inline_and_name_no_other_host(stranger: Browser, operator: Person) -> None:
    pages = [await operator.browser.get(address) for address in ("/", "/enter/x", "/tokens", "/audit", "/login")]
    pages += [await stranger.get(address) for address in ("/", "/nothing", "/enter/x", "/join/x", "/login", "/tokens")]
    for page in pages:
        outside = Outside()
        outside.feed(page.content.decode())
        assert outside.inline == []
        assert all(re.match(r"/(?!/)|#\w", address) for address in outside.named), outside.named


async def test_the_shell_names_what_was_built(
    operator: Person, viewer: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path)
    on_cluster(monkeypatch, title='"><script>alert(1)</script>')
    response = await operator.browser.get("/")
    assert response.status_code == 503 and b"make demo" in response.content
    manifest = {"src/main.ts": {"file": "assets/main-1.js", "css": ["assets/main-2.css"]}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for person, role in ((operator, "operator"), (viewer, "viewer")):
        page = (await person.browser.get("/tree")).content.decode()
        assert 'src="/static/assets/main-1.js"' in page and 'href="/static/assets/main-2.css"' in page
        assert f'data-role="{role}"' in page and 'data-socket="/live"' in page
        assert "<script>alert" not in page


async def test_health_needs_no_sign_in(stranger: Browser) -> None:
    assert (await stranger.get("/healthz")).json() == {"web": "up", "bridge": "up"}
    stranger.hub = None
    assert (await stranger.get("/healthz")).json() == {"web": "up", "bridge": "gone"}


async def test_the_api_describes_itself(stranger: Browser) -> None:
    described = (await stranger.get("/api/openapi.json")).json()
    assert set(described["paths"]) == {
        "/api/decode", "/api/decoded", "/api/decoders",
        "/api/me", "/api/nodes", "/api/nodes/{id}/{action}", "/api/servers", "/api/servers/{id}/{action}",
        "/api/workload", "/api/workload/stop", "/api/workload/clear", "/api/scenarios/{name}/run",
        "/api/scenarios/{name}/cancel", "/api/scenarios/{name}/putback", "/api/links/{action}", "/api/lab/heal",
        "/api/ensemble/preview", "/api/ensemble/reconfig",
        "/api/znodes", "/api/acl", "/api/data", "/api/children", "/api/actions/{row}", "/api/subtree",
        "/api/export", "/api/jobs",
        "/api/jobs/{id}", "/api/jobs/{id}/cancel", "/api/jobs/delete", "/api/jobs/copy", "/api/jobs/move",
        "/api/jobs/acl", "/api/jobs/import", "/api/jobs/compare", "/api/jobs/compare-file",
        "/api/tokens", "/api/tokens/{id}", "/api/sessions/{id}", "/api/sessions/{id}/expire", "/api/watches",
        "/api/audit", "/api/audit.csv", "/api/audit.json",
    }  # fmt: skip
