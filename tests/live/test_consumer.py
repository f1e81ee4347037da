"""A page's WebSocket through the whole ASGI application: origins, joining, limits, ends of sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.test import Client
from msgspec.structs import replace

from dashboard.asgi import compose
from dashboard.decoding.decoders import Decoders
from dashboard.live import consumer
from dashboard.live import hub as hubs
from dashboard.live.hub import Hub
from dashboard.permissions import OPERATORS
from tests.live.support import SCALE, FakeBridge, until
from zkbridge.protocol.calls import METHODS
from zkbridge.protocol.frames import Delta, Snapshot
from zkbridge.protocol.topics import MAX_NAME, MAX_PATH, spell

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "http://zoo.example:8123"


class Socket(WebsocketCommunicator):
    """Opens /live as a browser would."""

    def __init__(
        self, hub: Hub, cookie: str = "", origin: str | None = ORIGIN, path: str = "/live", app: Any = None
    ) -> None:
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())] if cookie else []
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        app = app or compose([(settings.CLUSTERS[0], hub)], [ORIGIN], Decoders())
        super().__init__(app, path, headers)

    async def frame(self, *kinds: str) -> dict[str, Any]:
        """The next frame that is no beat, or the next of ``kinds``."""
        while True:
            frame: dict[str, Any] = msgspec.json.decode(await self.receive_from(5))
            if frame["type"] in kinds or not kinds and frame["type"] != "beat":
                return frame

    async def say(self, text: str) -> None:
        await self.send_to(text_data=text)

    async def closed(self) -> int:
        """The code that the server closes with; frames before it are skipped."""
        while True:
            output = await self.receive_output(5)
            if output["type"] == "websocket.close":
                return int(output["code"])


def operators() -> Group:
    """The group that the migrations made, or made again where an earlier test emptied the database."""
    group, _ = Group.objects.get_or_create(name=OPERATORS)
    group.permissions.set(Permission.objects.filter(codename__in=METHODS))
    return group


@sync_to_async
def join(name: str = "ann", *, operator: bool = False) -> str:
    user = User.objects.create_user(name)
    if operator:
        user.groups.add(operators())
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest_asyncio.fixture
async def opened(hub: Hub, bridge: FakeBridge) -> AsyncIterator[Socket]:
    await until("the bridge is up", lambda: hub._line.state == "up")
    socket = Socket(hub, await join())
    assert (await socket.connect())[0]
    yield socket
    await socket.disconnect()


async def test_hello_says_who_it_is(opened: Socket) -> None:
    hello = await opened.frame()
    assert (hello["type"], hello["user"], hello["role"], hello["run"]) == ("hello", "ann", "viewer", "run-1")
    assert "may" not in hello


async def test_a_page_whose_frame_cannot_be_sent_is_closed(
    hub: Hub, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("too long a frame")

    monkeypatch.setattr(consumer.PageConsumer, "send", broken)
    socket = Socket(hub, await join())
    await socket.connect()
    assert await socket.closed() == consumer.BROKEN


async def test_an_operator_may_act(hub: Hub, bridge: FakeBridge) -> None:
    socket = Socket(hub, await join(operator=True))
    await socket.connect()
    hello = await socket.frame()
    assert hello["role"] == "operator" and set(hello["may"]) == set(METHODS)
    await socket.disconnect()


async def test_a_page_is_told_whether_anybody_may_change_the_tree(
    hub: Hub, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for allowed in (False, True):
        monkeypatch.setattr(settings, "CLUSTERS", (replace(settings.CLUSTERS[0], allow_changes=allowed),))
        socket = Socket(hub, await join(f"ann-{allowed}"))
        await socket.connect()
        assert (await socket.frame()).get("read_only", False) is not allowed
        await socket.disconnect()


async def test_a_topic_from_bridge_to_page(opened: Socket, bridge: FakeBridge) -> None:
    await opened.frame()
    await opened.say('{"op":"subscribe","topic":"status"}')
    await until("the bridge was asked", lambda: bridge.asked == ["status"])
    await bridge.send(Snapshot("status", 1, 1, {"a": 1}))
    await bridge.send(Delta("status", 1, 2, {"a": 2}))
    assert (await opened.frame())["data"] == {"a": 1}
    assert (await opened.frame())["patch"] == {"a": 2}
    await opened.say('{"op":"ack","n":4}')
    await opened.say('{"op":"unsubscribe","topic":"status"}')
    await until("the hub knows", lambda: True)


@pytest.mark.parametrize(
    "origin",
    [None, "http://zoo.example", "https://zoo.example:8123", "http://zoo.example:8124", "http://evil.example:8123",
     "null", "http://zoo.example:8123.evil.example", "http://[", "http://x:99999999", "http://evil@zoo.example:8123",
     "*"],
)  # fmt: skip
async def test_other_origins_are_refused_before_anything_else(hub: Hub, origin: str | None) -> None:
    socket = Socket(hub, await join(), origin=origin)
    assert (await socket.connect())[0] is False
    assert not hub._viewers


async def test_other_paths_are_refused(hub: Hub) -> None:
    assert (await Socket(hub, await join(), path="/other").connect())[0] is False


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 32])
async def test_who_has_not_joined_is_told_so_and_closed(hub: Hub, cookie: str) -> None:
    socket = Socket(hub, cookie)
    assert (await socket.connect())[0]
    assert (await socket.frame())["problem"]["code"] == "not-joined"
    assert await socket.closed() == consumer.NOT_JOINED
    assert not hub._viewers


async def test_too_many_pages_of_one_user(hub: Hub, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "MAX_USER_PAGES", 2)
    cookie = await join()
    pages = [Socket(hub, cookie) for _ in range(3)]
    for page in pages:
        assert (await page.connect())[0]
    assert (await pages[2].frame())["problem"]["code"] == "too-many"
    assert await pages[2].closed() == consumer.CROWDED
    other = Socket(hub, await join("bob"))
    await other.connect()
    assert (await other.frame())["type"] == "hello"
    for page in (*pages[:2], other):
        await page.disconnect()


@pytest.mark.parametrize(
    "text",
    [" ", "{", "[]", "7", '{"op":"call","id":1,"method":"node.kill"}', '{"op":"subscribe"}', '{"op":"ack","n":-1}',
     '{"op":"subscribe","topic":"status","more":1}', '{"op":"ack","n":99}', '{"a":' * 12_000, '{"op":"ack","n":1e99}'],
)  # fmt: skip
async def test_malformed_frames_are_refused_and_the_socket_lives(opened: Socket, bridge: FakeBridge, text: str) -> None:
    await opened.frame()
    await opened.say(text)
    assert (await opened.frame())["problem"]["code"] == "bad-frame"
    await opened.say('{"op":"subscribe","topic":"nonsense"}')
    trouble = await opened.frame()
    assert trouble["problem"]["code"] == "unknown-topic" and trouble["topic"] == "nonsense"
    assert bridge.calls == [] and bridge.asked == []


async def test_the_longest_path_that_is_made_can_be_shown(opened: Socket, bridge: FakeBridge) -> None:
    path = "/" + "a" * (MAX_PATH - 3)
    topic = spell("children", path=path, offset=100_000, limit=500, order="newest", filter="é" * 100)
    await opened.frame()
    await opened.say(f'{{"op":"subscribe","topic":"{topic}"}}')
    await until("the bridge was asked", lambda: bridge.asked == [topic])


async def test_a_topic_that_is_too_long_is_refused_by_its_name(opened: Socket, bridge: FakeBridge) -> None:
    """It was cut, so that the page did not know which, and waited for ever."""
    topic = spell("znode", path="/" + "a" * MAX_NAME)
    await opened.frame()
    await opened.say(f'{{"op":"subscribe","topic":"{topic}"}}')
    trouble = await opened.frame()
    assert trouble["topic"] == topic and "20,000 are allowed" in trouble["problem"]["text"]
    assert bridge.asked == []


async def test_binary_frames_are_refused(opened: Socket) -> None:
    await opened.frame()
    await opened.send_to(bytes_data=b'{"op":"ack","n":1}')
    assert (await opened.frame())["problem"]["code"] == "bad-frame"


async def test_repeated_malformed_frames_close(opened: Socket) -> None:
    for _ in range(consumer.MAX_BAD + 1):
        await opened.say("{")
    assert await opened.closed() == consumer.BAD_FRAMES


async def test_a_frame_too_large_closes(opened: Socket) -> None:
    await opened.frame()
    await opened.say('{"op":"subscribe","topic":"' + "é" * 33_000 + '"}')
    assert (await opened.frame())["problem"]["code"] == "too-large"
    assert await opened.closed() == consumer.TOO_LARGE


async def test_a_flood_closes(opened: Socket, bridge: FakeBridge) -> None:
    for _ in range(1_000):
        await opened.say('{"op":"subscribe","topic":"status"}')
    assert await opened.closed() == consumer.TOO_MANY
    assert bridge.asked == ["status"]


async def test_signing_out_ends_the_socket(opened: Socket, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened.frame()
    await sync_to_async(Session.objects.all().delete)()
    monkeypatch.setattr(consumer, "CHECK_ON_ASKING", 0)
    await opened.say('{"op":"subscribe","topic":"status"}')
    assert (await opened.frame())["problem"]["code"] == "not-joined"
    assert await opened.closed() == consumer.NOT_JOINED
    assert not hub._viewers


async def test_signing_out_ends_the_sessions_sockets_at_once_and_no_others(hub: Hub, bridge: FakeBridge) -> None:
    """Without the page asking anything, and long before the next look at who it is."""
    app = compose([(settings.CLUSTERS[0], hub)], [ORIGIN], Decoders())
    cookie, other = await join(), await join("bob")
    pages = [Socket(hub, key, app=app) for key in (cookie, cookie, other)]
    for page in pages:
        await page.connect()
        await page.frame("hello")
    csrf = "a" * 32
    jar = f"{settings.SESSION_COOKIE_NAME}={cookie}; {settings.CSRF_COOKIE_NAME}={csrf}"
    headers = [(b"host", b"testserver"), (b"cookie", jar.encode()), (b"x-csrftoken", csrf.encode())]
    answer = await HttpCommunicator(app, "POST", "/leave", headers=headers).get_response(5 * SCALE)
    assert answer["status"] == 303
    for page in pages[:2]:
        assert (await page.frame("trouble"))["problem"]["code"] == "not-joined"
        assert await page.closed() == consumer.NOT_JOINED
    await pages[2].say('{"op":"subscribe","topic":"nonsense"}')
    assert (await pages[2].frame("trouble"))["problem"]["code"] == "unknown-topic"
    assert [viewer.user for viewer in hub._viewers] == ["bob"]
    await pages[2].disconnect()


async def test_a_page_that_asks_nothing_is_checked_too(
    hub: Hub, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "CHECK", 0.1)
    socket = Socket(hub, await join())
    await socket.connect()
    await socket.frame()
    await sync_to_async(User.objects.update)(is_active=False)
    assert await socket.closed() == consumer.NOT_JOINED


async def test_a_new_role_is_told(hub: Hub, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "CHECK", 0.1)
    socket = Socket(hub, await join())
    await socket.connect()
    assert (await socket.frame("hello"))["role"] == "viewer"

    def promote() -> None:
        User.objects.get().groups.add(operators())

    await sync_to_async(promote)()
    while (await socket.frame("hello"))["role"] != "operator":
        pass
    await socket.disconnect()
    await until("it left", lambda: not hub._viewers)


async def test_a_database_that_fails_ends_no_socket_at_once(
    opened: Socket, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(key: str | None) -> Any:
        raise OSError("disk full")

    await opened.frame()
    monkeypatch.setattr(consumer.permissions, "user_of", broken)
    monkeypatch.setattr(consumer, "CHECK_ON_ASKING", 0)
    await opened.say('{"op":"subscribe","topic":"nonsense"}')
    assert (await opened.frame())["problem"]["code"] == "unknown-topic"
    monkeypatch.setattr(consumer, "UNCHECKED", 0)
    await asyncio.sleep(0.01)
    await opened.say('{"op":"subscribe","topic":"status"}')
    assert await opened.closed() == consumer.NOT_JOINED
