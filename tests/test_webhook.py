"""Posting alerts: each at least once and in order, whatever the receiver does; and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.live.support import until
from tests.zookeeper.certificates import Authority
from zkbridge import webhook as hooks
from zkbridge.protocol.alerts import Delivery
from zkbridge.webhook import MOST, Webhook

SECRET = "hunter2-token"  # noqa: S105


class Receiver:
    """Answers as ``answers`` say, one each, then 200."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.answers: list[Any] = []

    async def start(self) -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.take)
        self.runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = self.runner.addresses[0][1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{SECRET}"

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hang":
            await asyncio.sleep(30)
        if answer == "break":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, str):
            return web.Response(status=307, headers={"Location": answer})
        if answer < 300:
            assert request.method == "POST" and request.content_type == "application/json"
            self.taken.append(await request.json())
        return web.Response(status=answer)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.runner.cleanup()


@pytest_asyncio.fixture
async def begin() -> AsyncIterator[Callable[[str], tuple[Webhook, list[Delivery]]]]:
    tasks = []

    def begun(url: str) -> tuple[Webhook, list[Delivery]]:
        told: list[Delivery] = []
        hook = Webhook(url, told.append, first=0.01)
        tasks.append(asyncio.create_task(hook.run()))
        return hook, told

    yield begun
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_in_order_and_again_until_taken(receiver: Receiver, begin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "DEADLINE", 0.3)
    receiver.answers = [500, "break", 404, "hang", 200]
    hook, told = begin(receiver.url)
    for number in range(3):
        hook.post({"id": f"a-{number}"})
    await until("all were taken", lambda: len(receiver.taken) == 3)
    await until("that is told", lambda: told[-1] == Delivery("ok"))
    assert [one["id"] for one in receiver.taken] == ["a-0", "a-1", "a-2"] and len(receiver.paths) == 7
    assert {one.words for one in told if one.state == "failing"} >= {"it answers 500", "it answers 404"}
    assert any("no answer within" in one.words for one in told)


async def test_redirects_are_not_followed(receiver: Receiver, begin: Any) -> None:
    other = Receiver()
    await other.start()
    receiver.answers = [other.url, other.url]
    hook, told = begin(receiver.url)
    hook.post({"id": "1"})
    await until("it was taken", lambda: receiver.taken)
    assert other.paths == [] and any("redirects are not followed" in one.words for one in told)
    await other.runner.cleanup()


async def test_nobody_waits_and_what_waits_is_bounded(begin: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        hook, told = begin(f"http://127.0.0.1:1/{SECRET}")
        for number in range(MOST + 5):
            hook.post({"id": str(number)})
        await until("it failed", lambda: told[-1].state == "failing")
    assert told[-1].waiting == MOST and told[-1].lost == 5 and told[-1].since is not None
    assert told[-1].words == "connection refused"
    assert SECRET not in caplog.text and "127.0.0.1:1" not in caplog.text


async def test_a_certificate_that_nobody_vouches_for_is_refused(begin: Any, tmp_path: Any) -> None:
    context = Authority(tmp_path).server("127.0.0.1")
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    hook, told = begin(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/{SECRET}")
    hook.post({"id": "1"})
    await until("it is refused", lambda: told[-1].state == "failing")
    assert told[-1].words == "its certificate cannot be verified"
    server.close()
