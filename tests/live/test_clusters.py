"""Several clusters in one web process: their addresses, their hubs, and what pages of one learn of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from asgiref.testing import ApplicationCommunicator
from channels.testing import HttpCommunicator
from django.conf import settings

from dashboard.asgi import compose
from dashboard.decoding.decoders import Decoders
from dashboard.live.board import Board
from dashboard.live.hub import Hub
from tests.live.support import FakeBridge, Page, until
from tests.live.test_consumer import ORIGIN, Socket, join
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.frames import Snapshot

ONE = Cluster("one", title="One", label="production", allow_changes=True)
TWO = Cluster("two", title="Two", protected=("/kafka",))


class Both:
    """Two clusters, each with a bridge, and the application that shows them."""

    def __init__(self, folder: Path) -> None:
        self.bridges = [FakeBridge(folder / f"{cluster.name}.sock") for cluster in (ONE, TWO)]
        board = Board()
        places = [(cluster, Hub(folder / f"{cluster.name}.sock", "", cluster.name, board)) for cluster in (ONE, TWO)]
        for place in places:
            board.add(*place)
        self.hubs = [hub for _, hub in places]
        self.app = compose(places, [ORIGIN], Decoders())


@pytest_asyncio.fixture
async def both(socket_path: Path) -> AsyncIterator[Both]:
    made = Both(socket_path.parent)
    for bridge in made.bridges:
        await bridge.start()
    yield made
    for hub in made.hubs:
        await hub.stop()
    for bridge in made.bridges:
        await bridge.stop()


def states(page: Page) -> dict[str, str]:
    """As the last beat told."""
    beats = page.of("beat")
    return beats[-1].get("states", {}) if beats else {}


async def test_a_page_of_one_learns_how_the_others_do(both: Both) -> None:
    one, two = both.bridges
    page = Page()
    both.hubs[0].join(page.viewer)
    hello = page.of("hello")[0]
    assert hello["name"] == "one"
    first, second = hello["clusters"]
    assert first == {"name": "one", "title": "One", "label": "production"} and second == {"name": "two", "title": "Two"}
    await until("each bridge is asked once", lambda: one.asked == two.asked == ["status"])
    assert set(states(page).values()) <= {"connecting"}
    await one.send(Snapshot("status", 1, 1, {"state": "live"}))
    await two.send(Snapshot("status", 1, 1, {"state": "no-quorum"}))
    await until("both are told", lambda: states(page) == {"one": "live", "two": "no-quorum"})
    await two.stop()
    await until("the loss of one is told", lambda: states(page) == {"one": "live", "two": "gone"})
    assert page.of("beat")[-1].get("bridge", "up") == "up"
    both.hubs[0].leave(page.viewer)


async def test_how_a_cluster_does_is_followed_when_no_page_shows_it(both: Both) -> None:
    page = Page()
    both.hubs[0].join(page.viewer)
    both.hubs[0].subscribe(page.viewer, "status")
    await until("the bridge is asked once", lambda: both.bridges[0].asked == ["status"])
    both.hubs[0].unsubscribe(page.viewer, "status")
    both.hubs[0].step(10**9)
    await both.bridges[0].send(Snapshot("status", 1, 1, {"state": "live"}))
    await until("it is told all the same", lambda: states(page).get("one") == "live")
    assert not both.bridges[0].ended
    both.hubs[0].leave(page.viewer)


async def test_of_a_single_cluster_nothing_is_said(hub: Hub, bridge: FakeBridge) -> None:
    page = Page()
    hub.join(page.viewer)
    await until("a beat", lambda: page.of("beat"))
    assert not {"clusters", "name"} & page.of("hello")[0].keys() and "states" not in page.of("beat")[-1]
    assert bridge.asked == []
    hub.leave(page.viewer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "cluster"), [("/live", "one"), ("/c/one/live", "one"), ("/c/two/live", "two")]
)
async def test_sockets_are_of_the_cluster_of_their_address(both: Both, path: str, cluster: str) -> None:
    socket = Socket(both.hubs[0], await join(), path=path, app=both.app)
    assert (await socket.connect())[0]
    hello = await socket.frame("hello")
    assert hello["name"] == cluster and hello.get("read_only", False) == (cluster == "two")
    await socket.disconnect()


@pytest.mark.parametrize(
    "path", ["/c/three/live", "/c/two/live/", "/c/two//live", "/c//live", "/c/two", "/c/two/c/one/live"]
)
async def test_no_other_address_has_a_socket(both: Both, path: str) -> None:
    socket = Socket(both.hubs[0], path=path, app=both.app)
    assert not (await socket.connect())[0]


async def get(app: Any, path: str, cookie: str = "", *headers: tuple[bytes, bytes]) -> tuple[int, bytes]:
    jar = f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()
    answer = await HttpCommunicator(
        app, "GET", path, headers=[(b"host", b"testserver"), (b"cookie", jar), *headers]
    ).get_response(20)
    return answer["status"], answer["body"]


@pytest.mark.django_db(transaction=True)
async def test_requests_are_of_the_cluster_of_their_address(both: Both) -> None:
    cookie = await join()
    for path, protected in (("/api/me", False), ("/c/one/api/me", False), ("/c/two/api/me", True)):
        status, body = await get(both.app, path, cookie)
        me = msgspec.json.decode(body)
        assert status == 200 and ("/kafka" in me["protected"]) is protected and me["read_only"] is protected
    for path, title in (("/", "One"), ("/tree", "One"), ("/c/two/", "Two"), ("/c/two/tree", "Two")):
        status, body = await get(both.app, path, cookie)
        if status == 503:
            pytest.skip("the page has not been built")
        base = "/c/two" if title == "Two" else ""
        assert status == 200 and f"<title>{title} ·".encode() in body
        assert f'data-base="{base}" data-socket="{base}/live"'.encode() in body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "problem"),
    [("/c/three/", False), ("/c/three/api/me", False), ("/c/two/nothing", False), ("/c/two/api/nothing", True)],
)
async def test_what_is_not_there_is_told_as_everywhere(both: Both, path: str, problem: bool) -> None:
    status, body = await get(both.app, path, await join())
    assert status == 404 and body.startswith(b'{"problem"') is problem


@pytest.mark.django_db(transaction=True)
async def test_a_header_does_not_choose_the_cluster(both: Both) -> None:
    """daphne takes the root of addresses from a header that anybody can send."""
    scope = {
        "type": "http", "method": "GET", "path": "/api/me", "root_path": "/c/two", "query_string": b"",
        "headers": [(b"host", b"testserver")], "http_version": "1.1",
    }  # fmt: skip
    caller = ApplicationCommunicator(both.app, scope)
    await caller.send_input({"type": "http.request", "body": b""})
    assert (await caller.receive_output(20))["status"] == 401
