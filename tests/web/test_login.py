"""Logging in: whom it lets in, what it says to others, how it slows guessing, where it leads."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.utils import timezone

from dashboard import guard, passwords, people
from dashboard.models import Suspicion
from tests.web.support import Browser, FakeHub, Person

pytestmark = pytest.mark.usefixtures("quick")

PASSWORD, WRONG = "correct horse battery", "incorrect horse"

add = sync_to_async(people.add)


@pytest.fixture
async def ann(database: None) -> Any:
    return await add("ann", PASSWORD, "operator", "a test")


async def log_in(browser: Browser, name: str = "ann", password: str = PASSWORD, **more: str) -> HttpResponse:
    await browser.get("/login")
    [csrf] = [morsel.value for key, morsel in browser.cookies.items() if "csrf" in key]
    sent = {"name": name, "password": password, "csrfmiddlewaretoken": csrf, **more}
    return await browser.post("/login", sent)


async def test_the_right_name_and_password(ann: Any, stranger: Browser) -> None:
    page = await stranger.get("/login")
    assert page.status_code == 200 and b'type="password"' in page.content
    response = await log_in(stranger)
    assert (response.status_code, response["Location"]) == (303, "/")
    me = (await stranger.get("/api/me")).json()
    assert (me["user"], me["role"]) == ("ann", "operator")


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong"), ("ann", ""), ("nobody", PASSWORD), ("", ""), ("Ann", PASSWORD), ("operator", PASSWORD),
     ("ann\0", PASSWORD), ("\ud800", PASSWORD), ("a" * 5_000, PASSWORD), ("ann", "x" * 5_000)],
)  # fmt: skip
async def test_all_others_are_answered_alike(ann: Any, hub: FakeHub, name: str, password: str) -> None:
    async def answer(name: str, password: str) -> tuple[int, str]:
        response = await log_in(Browser(hub), name.encode("utf-8", "replace").decode(), password)
        return response.status_code, response.content.decode().partition("csrfmiddlewaretoken")[2].partition(">")[2]

    expected = await answer("ann", "quite wrong")
    assert expected[0] == 401 and "No one has this name and password" in expected[1]
    assert await answer(name, password) == expected


async def test_who_was_deactivated_gets_in_no_more(ann: Any, stranger: Browser) -> None:
    assert (await log_in(stranger)).status_code == 303
    await sync_to_async(people.set_active)("ann", False, "a test")
    assert (await stranger.get("/api/me")).status_code == 401
    assert (await log_in(stranger)).status_code == 401


async def test_a_name_that_there_is_not_takes_as_much_work(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: each is one hash of the same kind."""
    made: list[str] = []
    real = passwords.verify_password

    def counted(password: str, encoded: str) -> tuple[bool, bool]:
        made.append(encoded)
        return real(password, encoded)

    monkeypatch.setattr(passwords, "verify_password", counted)
    await get_user_model().objects.acreate(username="bob", password=ann.password, is_active=False)
    for name in ("ann", "bob", "nobody", "\0", "a" * 500):
        await passwords.whose(name, "wrong")
    assert len(made) == 5 and made[0] == made[1] == ann.password and set(made[2:]) == {"!"}


async def test_no_more_are_compared_at_a_time_than_can_be(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST", 0)
    with pytest.raises(passwords.Busy):
        await passwords.whose("ann", PASSWORD)
    monkeypatch.undo()
    assert await passwords.whose("ann", PASSWORD) == ann


async def test_guessing_is_slowed_for_each_account_from_one_address(ann: Any, hub: FakeHub) -> None:
    for _ in range(guard.PAIR.most):
        assert (await log_in(Browser(hub), password=WRONG)).status_code == 401
    slowed = await log_in(Browser(hub))
    assert slowed.status_code == 429 and 1 <= int(slowed["Retry-After"]) <= guard.PAIR.every
    assert b"Wait" in slowed.content
    unknown = Browser(hub)
    for _ in range(guard.PAIR.most):
        assert (await log_in(unknown, "nobody", "wrong")).status_code == 401
    assert (await log_in(unknown, "nobody", "wrong")).status_code == 429
    assert (await log_in(Browser(hub, "10.0.0.9"))).status_code == 303


async def test_many_at_once_are_counted_one_by_one(ann: Any, hub: FakeHub) -> None:
    answers = await asyncio.gather(*(log_in(Browser(hub), password=WRONG) for _ in range(12)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [401] * guard.PAIR.most + [429] * (12 - guard.PAIR.most)


async def test_right_passwords_are_not_counted(ann: Any, hub: FakeHub) -> None:
    for _ in range(guard.PAIR.most * 2):
        assert (await log_in(Browser(hub))).status_code == 303


async def test_an_address_is_slowed_whatever_names_it_tries(database: None) -> None:
    now = timezone.now()
    for n in range(guard.ADDRESS.most):
        assert not await guard.take(guard.of_password(f"name-{n}", "10.0.0.1"), now)
    assert await guard.take(guard.of_password("another", "10.0.0.1"), now) == guard.ADDRESS.every
    assert not await guard.take(guard.of_password("another", "10.0.0.2"), now)


async def test_nobody_is_locked_out(database: None) -> None:
    now = timezone.now()
    buckets = guard.of_password("ann", "10.0.0.1")
    for _ in range(1_000):
        await guard.take(buckets, now)
    wait = await guard.take(buckets, now)
    assert 0 < wait <= guard.PAIR.every
    assert not await guard.take(buckets, now + timedelta(seconds=wait + 1))
    assert await guard.take(buckets, now + timedelta(seconds=wait + 2))


async def test_others_cannot_slow_somebody_where_they_are_known(database: None) -> None:
    now = timezone.now()
    home, away = guard.of_password("ann", "10.0.0.1"), guard.of_password("ann", "10.0.0.2")
    await guard.forgive("ann", "10.0.0.1", now)
    for n in range(guard.ACCOUNT.most):
        assert not await guard.take(guard.of_password("ann", f"192.0.2.{n}"), now)
    assert await guard.take(away, now) > 0
    assert not await guard.take(home, now)
    assert not await guard.take(away, now + timedelta(seconds=guard.ACCOUNT.every * 2))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("10.0.0.1", "::ffff:10.0.0.1", True), ("2001:db8::1", "2001:db8::ffff:2", True),
     ("2001:db8::1", "2001:db8:0:1::1", False), ("", "x", True), ("10.0.0.1", "10.0.0.2", False)],
)  # fmt: skip
def test_addresses_of_one_customer_are_one(one: str, other: str, same: bool) -> None:
    assert (guard.of_token(one) == guard.of_token(other)) == same


async def test_suspicions_are_forgotten(database: None) -> None:
    now = timezone.now()
    await guard.take(guard.of_password("ann", "10.0.0.1"), now)
    await guard.forgive("bob", "10.0.0.2", now)
    await guard.take(guard.of_token("10.0.0.3"), now + guard.FORGOTTEN * 2)
    assert {row.subject.split()[0] async for row in Suspicion.objects.all()} == {"known", "tokens"}
    await guard.take(guard.of_token("10.0.0.3"), now + guard.KNOWN * 2)
    assert [row.subject.split()[0] async for row in Suspicion.objects.all()] == ["tokens"]


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [("/tree?znode=%2Fa", "/tree?znode=%2Fa"), ("/audit", "/audit"), ("", "/"), ("//evil.example", "/"),
     ("https://evil.example/", "/"), ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("tree", "/"),
     ("/" + "a" * 3_000, "/"), ("///evil.example", "/"), ("/\n/evil.example", "/")],
)  # fmt: skip
async def test_it_leads_on_within_the_dashboard(ann: Any, stranger: Browser, wanted: str, leads: str) -> None:
    page = await stranger.get("/login", {"next": wanted})
    assert f'name="next" value="{leads}"' in page.content.decode()
    assert (await log_in(stranger, next=wanted))["Location"] == leads


async def test_it_needs_the_csrf_token(ann: Any, stranger: Browser) -> None:
    await stranger.get("/login")
    assert (await stranger.post("/login", {"name": "ann", "password": PASSWORD})).status_code == 403
    assert (await stranger.get("/api/me")).status_code == 401


async def test_the_session_is_a_new_one(ann: Any, viewer: Person) -> None:
    before = {morsel.value for key, morsel in viewer.browser.cookies.items() if "csrf" not in key}
    assert b"You are here as" in (await viewer.browser.get("/login")).content
    assert (await log_in(viewer.browser)).status_code == 303
    after = {morsel.value for key, morsel in viewer.browser.cookies.items() if "csrf" not in key}
    assert not before & after and (await viewer.browser.get("/api/me")).json()["user"] == "ann"


async def test_passwords_stay_out_of_the_log(ann: Any, stranger: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "django")
    caplog.set_level(logging.DEBUG, "dashboard")
    await log_in(stranger, password=WRONG)
    await log_in(stranger)
    assert WRONG not in caplog.text and PASSWORD not in caplog.text and "ann logged in" in caplog.text
