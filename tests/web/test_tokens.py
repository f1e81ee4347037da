"""Tokens of scripts: made once, shown once, worth no more than their scopes and their user, and worth nothing after."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.utils import timezone

from dashboard import apitokens, guard, people, tokens
from dashboard.desk.tokens import _groups
from dashboard.logs import MaskTokens
from dashboard.models import ApiToken, AuditRow, Grant
from dashboard.permissions import Rights
from tests.web.support import Browser, FakeHub, Person, problem
from zkbridge.protocol.calls import PERMISSIONS

PASSWORD = "correct horse battery"  # noqa: S105


@sync_to_async
def make(user: Any, *scopes: str, name: str = "backup", days: int = 30) -> str:
    return apitokens.make(user, name, scopes, days, user.get_username())[1]


def test_each_permission_has_a_heading_of_its_own_on_the_page() -> None:
    rights = Rights(frozenset(PERMISSIONS))
    assert sorted(name for _, names in _groups(rights) for name, _ in names) == sorted(PERMISSIONS)


@pytest.fixture
async def ann(database: None, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return await sync_to_async(people.add)("ann", PASSWORD, "operator", "a test")


class Script(Browser):
    """No cookies, a token."""

    def __init__(self, hub: FakeHub, token: str) -> None:
        super().__init__(hub)
        self.token = token

    async def ask(self, verb: str, address: str, body: Any = None, **headers: str) -> HttpResponse:
        data = b"" if body is None else json.dumps(body).encode()
        carried = {"Authorization": f"Bearer {self.token}", **headers}
        kind = "" if body is None else "application/json"
        return await getattr(self, verb)(address, data=data, content_type=kind, headers=carried) if verb != "get" else (
            await self.get(address, headers=carried)
        )  # fmt: skip


async def test_a_script_acts_without_cookies_and_csrf(ann: Any, hub: FakeHub) -> None:
    script = Script(hub, await make(ann, "node.kill"))
    me = (await script.ask("get", "/api/me")).json()
    assert (me["user"], me["permissions"], me["join"]) == ("ann", ["node.kill"], "")
    assert (await script.ask("post", "/api/nodes/node-3/kill")).status_code == 200
    assert hub.calls == [("node.kill", {"id": "node-3"}, "ann")]
    row = await AuditRow.objects.aget(method="node.kill")
    assert (row.who, row.via) == ("ann", f"{script.token[:8]}… backup") and not script.cookies
    refused = await script.ask("post", "/api/nodes/node-3/stop")
    assert (refused.status_code, problem(refused)) == (403, "not-permitted")


async def test_scopes_are_worth_what_the_user_still_may(ann: Any, hub: FakeHub) -> None:
    script = Script(hub, await make(ann, "node.kill", "znode.set"))
    await ann.groups.aclear()
    await Grant.objects.acreate(user=ann, permission="znode.set", prefix="/a")
    me = (await script.ask("get", "/api/me")).json()
    assert me["grants"] == [{"permission": "znode.set", "prefix": "/a"}]
    assert problem(await script.ask("post", "/api/nodes/node-3/kill")) == "not-permitted"


async def test_what_a_token_lacks_is_said_of_the_token(ann: Any, hub: FakeHub) -> None:
    script = Script(hub, await make(ann, "node.kill"))
    for answer, name in (
        (await script.ask("post", "/api/nodes/node-3/stop"), "node.stop"),
        (await script.ask("post", "/api/znodes", {"path": "/a"}), "znode.create"),
        (await script.ask("get", "/api/audit"), "audit.read"),
    ):
        told = answer.json()["problem"]
        assert told["text"] == f"This token does not carry {name}." and f"scope {name}" in told["hint"], told


@pytest.mark.parametrize("end", ["expired", "revoked", "deactivated", "deleted"])
async def test_what_has_ended_is_refused_in_words(ann: Any, hub: FakeHub, end: str) -> None:
    script = Script(hub, await make(ann, "node.kill"))
    assert (await script.ask("get", "/api/me")).status_code == 200
    if end == "expired":
        await ApiToken.objects.aupdate(expires=timezone.now())
    elif end == "revoked":
        await sync_to_async(apitokens.revoke)(ann, (await ApiToken.objects.aget()).pk, "ann")
    elif end == "deactivated":
        await sync_to_async(people.set_active)("ann", False, "a test")
    else:
        await ann.adelete()
    response = await script.ask("post", "/api/nodes/node-3/kill")
    assert (response.status_code, problem(response), response["WWW-Authenticate"]) == (401, "not-joined", "Bearer")
    assert "token" in response.json()["problem"]["text"] and hub.calls == []


@pytest.mark.parametrize("token", ["", "zs_", "x", "zs_" + "a" * 43, "zs_" + "a" * 5_000, "zs_\x7f", "eyJhbGci.e.x"])
async def test_what_is_none_is_refused_though_a_session_is_there(operator: Person, hub: FakeHub, token: str) -> None:
    carried = {"Authorization": f"Bearer {token}", "X-CSRFToken": operator.csrf}
    response = await operator.browser.post("/api/nodes", data=b"", content_type="", headers=carried)
    assert (response.status_code, problem(response)) == (401, "not-joined") and hub.calls == []


async def test_other_schemes_are_left_to_whoever_uses_them(operator: Person) -> None:
    """A proxy's own user and password do not keep a page from working, nor save it the CSRF token."""
    basic = {"Authorization": "Basic YTpi"}
    assert (await operator.browser.get("/api/me", headers=basic)).status_code == 200
    assert (await operator.browser.post("/api/nodes", data=b"", content_type="", headers=basic)).status_code == 403


async def test_a_token_never_borrows_the_session(operator: Person, ann: Any, hub: FakeHub) -> None:
    text = await make(ann)
    headers = {"Authorization": f"Bearer {text}", "X-CSRFToken": operator.csrf}
    assert (await operator.browser.get("/api/me", headers=headers)).json()["user"] == "ann"
    response = await operator.browser.post("/api/nodes", data=b"", content_type="", headers=headers)
    assert problem(response) == "not-permitted" and hub.calls == []


async def test_wrong_tokens_are_slowed_and_right_ones_are_not(ann: Any, hub: FakeHub) -> None:
    wrong, right = Script(hub, "zs_" + "a" * 43), Script(hub, await make(ann))
    for _ in range(guard.TOKENS.most):
        assert not await guard.take(guard.of_token("127.0.0.1"))
    response = await wrong.ask("get", "/api/me")
    while response.status_code == 401:  # of those that have leaked away meanwhile
        response = await wrong.ask("get", "/api/me")
    assert (response.status_code, problem(response)) == (429, "slow-down") and 0 < int(response["Retry-After"]) <= 10
    assert (await right.ask("get", "/api/me")).status_code == 200


async def test_its_use_is_noted_to_the_minute(ann: Any, hub: FakeHub) -> None:
    script = Script(hub, await make(ann))
    assert (await ApiToken.objects.aget()).used is None
    await script.ask("get", "/api/me")
    first = (await ApiToken.objects.aget()).used
    await script.ask("get", "/api/me")
    assert first is not None and (await ApiToken.objects.aget()).used == first
    await ApiToken.objects.aupdate(used=first - timedelta(minutes=2))
    await script.ask("get", "/api/me")
    assert (await ApiToken.objects.aget()).used >= first  # type: ignore[operator]


async def test_making_listing_and_revoking_over_http(operator: Person, hub: FakeHub) -> None:
    body = {"name": "deploy", "scopes": ["znode.set"], "days": 7}
    made = await operator.post("/api/tokens", body)
    assert made.status_code == 201
    told = made.json()
    assert apitokens._TOKEN.fullmatch(told["token"]) and told["token"].startswith(told["beginning"])
    [listed] = (await operator.browser.get("/api/tokens")).json()
    assert listed == {key: value for key, value in told.items() if key != "token"} and listed["state"] == "works"
    kept = str([row async for row in ApiToken.objects.values()]) + str([row async for row in AuditRow.objects.values()])
    assert told["token"] not in kept and told["token"][8:20] not in kept
    response = await operator.browser.delete(f"/api/tokens/{told['id']}", headers={"X-CSRFToken": operator.csrf})
    assert response.json() == {"result": "ok"}
    assert (await Script(hub, told["token"]).ask("get", "/api/me")).status_code == 401
    again = await operator.browser.delete(f"/api/tokens/{told['id']}", headers={"X-CSRFToken": operator.csrf})
    assert (again.status_code, problem(again)) == (404, "no-such-token")
    methods = [row.method async for row in AuditRow.objects.order_by("id")]
    assert methods == ["token.make", "token.revoke"]


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": " "}, {"name": "a" * 61}, {"name": "a\nb"}, {"name": "a", "days": 0},
     {"name": "a", "days": 366}, {"name": "a", "days": "7"}, {"name": "a", "scopes": ["root"]},
     {"name": "a", "scopes": "znode.set"}, {"name": "a", "more": 1}],
)  # fmt: skip
async def test_tokens_that_cannot_be(operator: Person, body: dict[str, Any]) -> None:
    response = await operator.post("/api/tokens", body)
    assert (response.status_code, problem(response)) == (400, "bad-request")
    assert not await ApiToken.objects.aexists()


async def test_a_token_makes_no_tokens(ann: Any, hub: FakeHub) -> None:
    script = Script(hub, await make(ann, "people.manage"))
    for response in (
        await script.ask("get", "/api/tokens"), await script.ask("post", "/api/tokens", {"name": "more"}),
        await script.ask("delete", f"/api/tokens/{(await ApiToken.objects.aget()).pk}"),
    ):  # fmt: skip
        assert (response.status_code, problem(response)) == (403, "not-permitted")
    assert await ApiToken.objects.acount() == 1


async def test_nobody_revokes_anothers(ann: Any, operator: Person, hub: FakeHub) -> None:
    await make(ann)
    theirs = await ApiToken.objects.aget()
    response = await operator.browser.delete(f"/api/tokens/{theirs.pk}", headers={"X-CSRFToken": operator.csrf})
    assert response.status_code == 404
    assert (await operator.browser.get("/api/tokens")).json() == []
    assert await apitokens.working(ann).acount() == 1


async def test_somebody_has_only_so_many(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apitokens, "MOST", 2)
    await make(ann)
    await make(ann)
    with pytest.raises(apitokens.Refused, match="2 tokens"):
        await make(ann)
    await ApiToken.objects.aupdate(expires=timezone.now())
    await make(ann)


async def test_who_came_by_the_viewers_link_has_none(viewer: Person) -> None:
    assert (await viewer.post("/api/tokens", {"name": "a"})).status_code == 400
    assert b"viewers\xe2\x80\x99 link" in (await viewer.browser.get("/tokens")).content


async def test_revoking_links_ends_the_tokens_of_their_operator(operator: Person, ann: Any, hub: FakeHub) -> None:
    link = (await operator.post("/api/tokens", {"name": "a"})).json()["token"]
    own = await make(ann)
    await sync_to_async(tokens.revoke)()
    assert (await Script(hub, link).ask("get", "/api/me")).status_code == 401
    assert (await Script(hub, own).ask("get", "/api/me")).status_code == 200


async def test_an_action_of_a_script_is_applied_once(ann: Any, hub: FakeHub) -> None:
    script = Script(hub, await make(ann, "node.add"))
    key = {"X-Request-Id": str(uuid4())}
    first, second = [await script.ask("post", "/api/nodes", **key) for _ in range(2)]
    assert first.status_code == second.status_code == 201 and len(hub.calls) == 1


async def post(person: Person, address: str, **fields: Any) -> HttpResponse:
    return await person.browser.post(address, {"csrfmiddlewaretoken": person.csrf, **fields})


async def test_the_page_makes_shows_once_and_revokes(operator: Person, hub: FakeHub) -> None:
    made = await post(operator, "/tokens", name="<b>deploy</b>", days="7", scope=["znode.set", "node.kill"])
    text = apitokens._TOKEN.search(made.content.decode())
    assert made.status_code == 200 and text and b"<b>deploy" not in made.content
    assert made["Cache-Control"] == "no-store"
    assert (await Script(hub, text[0]).ask("get", "/api/me")).json()["permissions"] == ["node.kill", "znode.set"]
    page = (await operator.browser.get("/tokens")).content.decode()
    assert text[0] not in page and "&lt;b&gt;deploy" in page and 'value="znode.set"' in page
    token = await ApiToken.objects.aget()
    assert (await post(operator, f"/tokens/{token.pk}/revoke")).status_code == 303
    assert (await Script(hub, text[0]).ask("get", "/api/me")).status_code == 401
    assert "revoked" in (await operator.browser.get("/tokens")).content.decode()


@pytest.mark.parametrize(("days", "name"), [("x", "a"), ("", "a"), ("0", "a"), ("1000", "a"), ("7", "")])
async def test_the_page_says_what_is_wrong(operator: Person, days: str, name: str) -> None:
    response = await post(operator, "/tokens", name=name, days=days)
    assert response.status_code == 400 and b'role="alert"' in response.content
    assert not await ApiToken.objects.aexists()


async def test_the_page_offers_what_its_person_may_and_where(ann: Any, stranger: Browser) -> None:
    await ann.groups.aclear()
    await Grant.objects.acreate(user=ann, permission="znode.set", prefix="/<a>")
    await stranger.aforce_login(ann)
    page = (await stranger.get("/tokens")).content.decode()
    assert page.count('name="scope"') == 1 and "below /&lt;a&gt;" in page and "/audit" not in page


async def test_a_stranger_is_asked_to_log_in(stranger: Browser) -> None:
    response = await stranger.get("/tokens?a=b")
    assert response.status_code == 401 and b'name="next" value="/tokens?a=b"' in response.content


def test_tokens_do_not_reach_the_log() -> None:
    text = "zs_" + "Ab3-x_9" * 6 + "z"
    for words in (text, f"Bearer {text}", f"'Authorization': '{text}'", f"b'{text}'", f"GET /x?token={text}&a=b"):
        record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (words,), None)
        MaskTokens().filter(record)
        assert text[3:12] not in record.getMessage() and "zs_…" in record.getMessage()


def test_tokens_are_long_and_differ(transactional_db: None) -> None:
    user = get_user_model().objects.create(username=tokens.OPERATOR)
    made = {apitokens.make(user, "a", [], 1, "ann")[1] for _ in range(20)}
    assert len(made) == 20 and all(len(text) == 46 for text in made)
