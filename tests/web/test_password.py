"""One's own new password: who may, what is asked for, what ends with the old one, what is written down."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.http import HttpResponse

from dashboard import guard, passwords, people
from dashboard.live.sockets import Sockets
from dashboard.models import AuditRow
from tests.web.support import Browser, FakeHub, Person

pytestmark = pytest.mark.usefixtures("quick")

OLD, NEW, WRONG = "correct horse battery", "staple of the stable", "incorrect horse"


@pytest.fixture
async def ann(database: None) -> Any:
    return await sync_to_async(people.add)("ann", OLD, "operator", "a test")


async def logged_in(hub: FakeHub, password: str = OLD, address: str = "127.0.0.1") -> Browser:
    browser = Browser(hub, address)
    await browser.get("/login")
    response = await browser.post("/login", {"name": "ann", "password": password, "csrfmiddlewaretoken": csrf(browser)})
    assert response.status_code == 303
    return browser


def csrf(browser: Browser) -> str:
    [found] = [morsel.value for key, morsel in browser.cookies.items() if "csrf" in key]
    return str(found)


def key(browser: Browser) -> str:
    [found] = [morsel.value for name, morsel in browser.cookies.items() if "csrf" not in name]
    return str(found)


async def change(browser: Browser, present: str = OLD, new: str = NEW, again: str | None = None) -> HttpResponse:
    sent = {"present": present, "new": new, "again": new if again is None else again}
    return await browser.post("/password", {**sent, "csrfmiddlewaretoken": csrf(browser)})


async def noted() -> list[tuple[str, str, str]]:
    rows = AuditRow.objects.filter(method="people.password")
    return [(row.who, row.target, row.address) async for row in rows]


async def test_a_new_one_ends_all_other_sessions_and_is_written_down(ann: Any, hub: FakeHub) -> None:
    here, there = await logged_in(hub), await logged_in(hub, address="10.0.0.9")
    assert b'href="/password"' in (await here.get("/tokens")).content
    before = key(here)
    response = await change(here)
    assert (response.status_code, response["Location"]) == (303, "/password?changed")
    assert b"You have a new password" in (await here.get("/password?changed")).content
    assert key(here) != before, "the cookie that was known goes, too"
    assert (await here.get("/api/me")).json()["user"] == "ann"
    assert (await there.get("/api/me")).status_code == 401
    assert await passwords.whose("ann", NEW) == ann and await passwords.whose("ann", OLD) is None
    assert await noted() == [("ann", "ann", "127.0.0.1")]


async def test_sockets_of_sessions_that_ended_end_at_once(
    ann: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await logged_in(hub), await logged_in(hub)
    sockets, ended = Sockets(), []
    for browser in (here, there):
        sockets.add(key(browser), lambda browser=browser: ended.append(browser))
    scope = here._base_scope
    monkeypatch.setattr(here, "_base_scope", lambda **request: {**scope(**request), "sockets": sockets})
    await change(here)
    assert ended == [here, there], "this browser's pages, which join again with the new cookie, and all others"


@pytest.mark.parametrize(
    ("present", "new", "again", "why"),
    [(WRONG, NEW, None, "not your present"), ("", NEW, None, "not your present"), (OLD, NEW, "x", "two different"),
     (OLD, OLD, None, "that you have"), (OLD, "short", None, "too short"), (OLD, "8371649275", None, "numeric"),
     (OLD, "password123", None, "too common"), (OLD, "", None, "too short"), (OLD, "x" * 5_000, None, "too long")],
)  # fmt: skip
async def test_it_stays_where_something_is_wrong(
    ann: Any, hub: FakeHub, present: str, new: str, again: str | None, why: str
) -> None:
    here, there = await logged_in(hub), await logged_in(hub)
    response = await change(here, present, new, again)
    assert response.status_code == 400 and why in response.content.decode()
    assert await passwords.whose("ann", OLD) == ann and await noted() == []
    for browser in (here, there):
        assert (await browser.get("/api/me")).status_code == 200


async def test_one_like_the_name_is_refused(database: None, hub: FakeHub) -> None:
    await sync_to_async(people.add)("annabelle.lee", OLD, "viewer", "a test")
    user = await get_user_model().objects.aget(username="annabelle.lee")
    with pytest.raises(people.Refused, match="similar"):
        people.check_password(user, "annabelle-lee")


async def test_guessing_the_present_one_is_slowed_as_at_the_log_in(ann: Any, hub: FakeHub) -> None:
    here = await logged_in(hub)
    for _ in range(guard.PAIR.most):
        assert (await change(here, WRONG)).status_code == 400
    slowed = await change(here)
    assert slowed.status_code == 429 and 1 <= int(slowed["Retry-After"]) <= guard.PAIR.every
    assert b"Wait" in slowed.content and await passwords.whose("ann", OLD) == ann
    await here.get("/login")
    sent = {"name": "ann", "password": OLD, "csrfmiddlewaretoken": csrf(here)}
    assert (await here.post("/login", sent)).status_code == 429, "the guesses are counted together"


async def test_who_came_by_a_link_has_none(operator: Person, viewer: Person) -> None:
    for person in (operator, viewer):
        page = (await person.browser.get("/password")).content.decode()
        assert "You came by a link" in page and 'type="password"' not in page and "Change password" not in page
        sent = {"present": "", "new": NEW, "again": NEW, "csrfmiddlewaretoken": csrf(person.browser)}
        assert (await person.browser.post("/password", sent)).status_code == 403
    assert not [user async for user in get_user_model().objects.all() if user.has_usable_password()]


async def test_a_stranger_is_asked_to_log_in(ann: Any, stranger: Browser) -> None:
    response = await stranger.get("/password")
    assert response.status_code == 401 and b'value="/password"' in response.content


async def test_it_needs_the_csrf_token(ann: Any, hub: FakeHub) -> None:
    here = await logged_in(hub)
    response = await here.post("/password", {"present": OLD, "new": NEW, "again": NEW})
    assert response.status_code == 403 and await passwords.whose("ann", OLD) == ann


async def test_no_password_reaches_the_log_or_the_page(
    ann: Any, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "django")
    caplog.set_level(logging.DEBUG, "dashboard")
    here = await logged_in(hub)
    said = (await change(here, WRONG)).content.decode() + (await change(here, OLD, "short")).content.decode()
    await change(here)
    for secret in (OLD, NEW, WRONG, "short\""):
        assert secret not in caplog.text and secret not in said
    assert "ann has a new password" in caplog.text
