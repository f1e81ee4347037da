"""Links let in whom they should, as often as they should, and nobody else."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.utils import timezone

from dashboard import permissions, tokens
from dashboard.models import Token
from dashboard.tokens import Role
from tests.web.support import Browser, FakeHub, Person, problem

issue = sync_to_async(tokens.issue)


async def test_a_stranger_is_told_how_to_join(stranger: Browser) -> None:
    for address in ("/", "/tree"):
        response = await stranger.get(address)
        assert response.status_code == 401
        assert b"python manage.py tokens" in response.content and b'id="app"' not in response.content


async def test_an_operators_link_works_once(stranger: Browser, hub: FakeHub) -> None:
    token = await issue(Role.OPERATOR)
    response = await stranger.get(f"/enter/{token}")
    assert (response.status_code, response["Location"]) == (303, "/")
    assert (response["Referrer-Policy"], response["Cache-Control"]) == ("no-referrer", "no-store")
    assert (await stranger.get("/api/me")).json()["role"] == "operator"
    for browser in (Browser(hub), stranger):
        again = await browser.get(f"/enter/{token}")
        assert again.status_code == 410 and b"has been used" in again.content
        assert token.encode() not in again.content
    assert (await Browser(hub).get("/")).status_code == 401


async def test_of_two_who_open_it_at_once_one_gets_in(database: None, hub: FakeHub) -> None:
    token = await issue(Role.OPERATOR)
    answers = await asyncio.gather(*(Browser(hub).get(f"/enter/{token}") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410, 410]


@pytest.mark.parametrize(
    "headers", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
)
async def test_looking_ahead_uses_nothing_up(stranger: Browser, headers: dict[str, str]) -> None:
    token = await issue(Role.OPERATOR)
    assert (await stranger.head(f"/enter/{token}")).status_code == 200
    assert (await stranger.get(f"/enter/{token}", headers=headers)).status_code == 503
    assert not stranger.cookies
    assert (await stranger.get(f"/enter/{token}")).status_code == 303


async def test_a_viewers_link_works_for_all_and_each_is_their_own(database: None, hub: FakeHub) -> None:
    token = await issue(Role.VIEWER)
    names = set()
    for _ in range(3):
        browser = Browser(hub)
        assert (await browser.get(f"/join/{token}")).status_code == 303
        me = (await browser.get("/api/me")).json()
        assert (me["role"], me["permissions"], me["join"]) == ("viewer", [], "")
        names.add(me["user"])
    assert len(names) == 3


async def test_opening_it_again_changes_nothing(viewer: Person, operator: Person) -> None:
    token = await issue(Role.VIEWER)
    for person in (viewer, operator):
        before = (await person.browser.get("/api/me")).json()
        assert (await person.browser.get(f"/join/{token}")).status_code == 303
        assert (await person.browser.get("/api/me")).json() == before


async def test_a_viewer_becomes_an_operator(viewer: Person) -> None:
    key = viewer.browser.cookies
    before = {name: morsel.value for name, morsel in key.items()}
    assert (await viewer.browser.get(f"/enter/{await issue(Role.OPERATOR)}")).status_code == 303
    assert (await viewer.browser.get("/api/me")).json()["role"] == "operator"
    assert all(viewer.browser.cookies[name].value != value for name, value in before.items())


@pytest.mark.parametrize(
    ("role", "lifetime"), [(Role.OPERATOR, timedelta(hours=24)), (Role.VIEWER, timedelta(days=30))]
)
async def test_links_expire(stranger: Browser, role: Role, lifetime: timedelta) -> None:
    token = await issue(role)
    row = await Token.objects.aget()
    assert abs(row.expires - row.made - lifetime) < timedelta(minutes=1)
    await Token.objects.aupdate(expires=timezone.now())
    response = await stranger.get(f"/{tokens.VERB[role]}/{token}")
    assert response.status_code == 410 and b"has expired" in response.content


@pytest.mark.parametrize("token", ["x", "a" * 32, "a" * 5_000, "%00", "%ff", "<script>", "..%2f..", "é"])
async def test_links_that_are_none(stranger: Browser, token: str) -> None:
    for verb in ("enter", "join"):
        response = await stranger.get(f"/{verb}/{token}")
        assert response.status_code == 404
        assert b"<script" not in response.content and b"aaaa" not in response.content


async def test_a_link_of_one_kind_is_none_of_the_other(stranger: Browser) -> None:
    assert (await stranger.get(f"/enter/{await issue(Role.VIEWER)}")).status_code == 404
    operators = await issue(Role.OPERATOR)
    assert (await stranger.get(f"/join/{operators}")).status_code == 404
    assert (await stranger.get(f"/enter/{operators}")).status_code == 303


async def test_pasting(stranger: Browser, hub: FakeHub) -> None:
    async def paste(browser: Browser, text: str) -> int:
        await browser.get("/")
        [csrf] = [morsel.value for name, morsel in browser.cookies.items() if "csrf" in name]
        return (await browser.post("/join", {"link": text, "csrfmiddlewaretoken": csrf})).status_code

    token = await issue(Role.VIEWER)
    for text in (token, f" http://127.0.0.1:8000/join/{token}\n", f"/join/{token}"):
        assert await paste(Browser(hub), text) == 303
    for text in ("", "hello", "http://evil.example/", "x" * 300, f"{token}x", "\0"):
        assert await paste(Browser(hub), text) == 400
    assert await paste(stranger, f"http://x/enter/{await issue(Role.OPERATOR)}") == 303
    assert (await stranger.get("/api/me")).json()["role"] == "operator"
    assert (await Browser(hub).post("/join", {"link": token})).status_code == 403


async def test_leaving_ends_the_session(viewer: Person) -> None:
    [key] = [morsel.value for name, morsel in viewer.browser.cookies.items() if "csrf" not in name]
    assert (await permissions.user_of(key)).is_authenticated
    assert (await viewer.browser.post("/leave", data=b"", content_type="")).status_code == 403
    assert (await viewer.post("/leave")).status_code == 303
    assert (await viewer.browser.get("/")).status_code == 401
    assert not (await permissions.user_of(key)).is_authenticated


async def test_a_user_who_is_deactivated_is_nobody(viewer: Person) -> None:
    [key] = [morsel.value for name, morsel in viewer.browser.cookies.items() if "csrf" not in name]
    await get_user_model().objects.aupdate(is_active=False)
    user = await permissions.user_of(key)
    assert permissions.role(user, await permissions.may(user)) == ""
    assert problem(await viewer.browser.get("/api/me")) == "not-joined"


async def test_revoking_ends_links_and_sessions(viewer: Person, operator: Person, stranger: Browser) -> None:
    keys = [m.value for p in (viewer, operator) for name, m in p.browser.cookies.items() if "csrf" not in name]
    links = [f"/enter/{await issue(Role.OPERATOR)}", f"/join/{await issue(Role.VIEWER)}"]
    await sync_to_async(tokens.revoke)()
    for key in keys:
        assert not (await permissions.user_of(key)).is_authenticated
    for link in links:
        response = await stranger.get(link)
        assert response.status_code == 410 and b"withdrawn" in response.content
    for person in (viewer, operator):
        assert (await person.browser.get("/")).status_code == 401
    assert (await stranger.get(f"/enter/{await issue(Role.OPERATOR)}")).status_code == 303


async def test_viewers_are_counted_and_forgotten(database: None, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_VIEWERS", 2)
    token = await issue(Role.VIEWER)
    here, gone = await Person.joined(hub, Role.VIEWER), await Person.joined(hub, Role.VIEWER)
    full = await Browser(hub).get(f"/join/{token}")
    assert full.status_code == 503 and b"full" in full.content
    await gone.post("/leave")
    await get_user_model().objects.aupdate(date_joined=timezone.now() - timedelta(hours=1))
    assert (await Browser(hub).get(f"/join/{token}")).status_code == 303
    assert (await here.browser.get("/")).status_code == 200


async def test_operators_are_told_the_viewers_link(operator: Person, hub: FakeHub) -> None:
    link = (await operator.browser.get("/api/me")).json()["join"]
    assert (await operator.browser.get("/api/me")).json()["join"] == link
    assert link.startswith("http://testserver/join/")
    assert (await Browser(hub).get(link.removeprefix("http://testserver"))).status_code == 303


async def test_tokens_stay_out_of_database_and_log(
    stranger: Browser, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "django")
    found = [await issue(Role.OPERATOR), await sync_to_async(tokens.viewers_token)()]
    kept = str([row async for row in Token.objects.values()])
    for token in found:
        assert token not in kept
        await stranger.get(f"/enter/{token}")
        await stranger.get(f"/enter/{token}")
    assert not any(token in capfd.readouterr().err for token in found)
