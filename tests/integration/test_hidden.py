"""On a real ensemble, through real processes: no frame to somebody who may not see it tells of what is hidden."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.person import Person
from tests.integration.stack import Page, Stack
from zkbridge.protocol.topics import spell

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

HUSH, KEY = "hush7", "opensesame"
"""In every name, and every datum, that is hidden; in every datum that is redacted."""

TOPICS = [
    "status", "ensemble", "stage", "groups", "story", "timeline", "changes", "alerts", "plots",
    *(spell("children", path=path) for path in ("/", "/app", "/keys")),
    *(spell("znode", path=path) for path in ("/", "/app", "/keys", "/keys/one", "/keys/long")),
    spell("changes", under="/app"), spell("search", q="/"), spell("search", **{"q": "e", "in": "data"}),
]  # fmt: skip


@pytest.fixture
def stack(ensemble: RunningEnsemble) -> Iterator[Stack]:
    stack = Stack(ensemble.hosts)
    stack.environment |= {"ZOOSCOPE_HIDDEN": f"/app/{HUSH}", "ZOOSCOPE_REDACTED": "/keys"}
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def ask(stack: Stack, token: str, address: str) -> tuple[int, str]:
    """What a script with ``token`` is answered."""
    request = Request(stack.origin + address, headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def ask_again_and_again(page: Page) -> None:
    while True:
        await page.say({"op": "subscribe", "topic": "groups"})
        await asyncio.sleep(0.25)


async def test_what_is_hidden_or_redacted_reaches_those_alone_who_may_see_it(
    stack: Stack, ensemble: RunningEnsemble
) -> None:
    admin = Person(stack.links["operator"])
    stack.manage("people", "role", "operator", "admin")
    looks = stack.manage("people", "token", "operator", "--for", "looks").strip()
    sees = stack.manage("people", "token", "operator", "--for", "sees", "--scope", "see.hidden").strip()
    with ensemble.client() as client:
        def at_first() -> None:
            client.create("/app", b"e")
            client.create("/keys", KEY.encode())
            client.create("/keys/one", KEY.encode())
            client.create("/keys/long", KEY.encode() * 1_000)
            client.create(f"/app/{HUSH}", HUSH.encode())

        await asyncio.to_thread(at_first)
        hidden = spell("znode", path=f"/app/{HUSH}")
        async with Page(stack, *TOPICS) as viewer, Page(admin, *TOPICS, hidden) as seeing:  # type: ignore[arg-type]
            for page in (viewer, seeing):
                await page.until("live", lambda page=page: page.values.get("status", {}).get("state") == "live", 40)
                await page.until("all topics", lambda page=page: all(topic in page.values for topic in TOPICS))
            await seeing.until("it sees it", lambda: HUSH in json.dumps(seeing.values[spell("children", path="/app")]))
            await seeing.until("all data", lambda: seeing.values[spell("znode", path="/keys/long")]["preview"] > 9_000)
            shown = viewer.values["status"]["znodes"]

            def changes() -> None:
                client.set(f"/app/{HUSH}", f"{HUSH} again e".encode())
                for number in range(5):
                    client.create(f"/app/{HUSH}/lock-{HUSH}-", HUSH.encode(), ephemeral=True, sequence=True)
                    client.set("/keys/one", f"{KEY} {number} e".encode())
                for name in client.get_children(f"/app/{HUSH}"):
                    client.delete(f"/app/{HUSH}/{name}")
                client.delete(f"/app/{HUSH}")
                client.create(f"/app/{HUSH}", HUSH.encode())
                client.create("/app/seen", b"e")

            await asyncio.to_thread(changes)
            for page in (viewer, seeing):
                await page.until("the last change", lambda page=page: "seen" in json.dumps(
                    page.values[spell("children", path="/app")].get("rows", {})))  # fmt: skip
            await viewer.until("one more znode", lambda: viewer.values["status"]["znodes"] == shown + 1)
            await seeing.until("two more", lambda: seeing.values["status"]["znodes"] == shown + 2)

            for path, token, expected in (
                (f"/app/{HUSH}", looks, '"exists": false'), (f"/app/{HUSH}", sees, '"exists": true'),
                ("/app", looks, '"children": 1'), ("/app", sees, '"children": 2'),
                ("/keys/one", looks, '"redacted": true'),
            ):  # fmt: skip
                status, said = await asyncio.to_thread(ask, stack, token, f"/api/znodes?path={path}")
                assert status == 200 and expected in said, said
            for address in (f"/api/data?path=/app/{HUSH}", f"/api/subtree?path=/app/{HUSH}", "/api/data?path=/keys/one",
                            "/api/decoded?path=/keys/one", "/api/subtree?path=/app", "/api/export?path=/app",
                            "/api/export?path=/keys", "/api/audit"):  # fmt: skip
                status, said = await asyncio.to_thread(ask, stack, looks, address)
                assert KEY not in said and (HUSH not in said or HUSH in address), f"{address}: {said}"
            for token, expected in ((looks, ["seen"]), (sees, [HUSH, "seen"])):
                status, said = await asyncio.to_thread(ask, stack, token, "/api/children?path=/app")
                assert json.loads(said)["children"] == expected, said
            status, said = await asyncio.to_thread(ask, stack, looks, f"/api/children?path=/app/{HUSH}")
            assert status == 404 and HUSH not in said, said
            status, said = await asyncio.to_thread(ask, stack, sees, "/api/data?path=/keys/one")
            assert status == 200 and KEY in said
            status, said = await asyncio.to_thread(ask, stack, looks, "/api/subtree?path=/app")
            assert json.loads(said)["znodes"] == 2, said

            told = [json.dumps(frame) for frame in viewer.frames]
            base64 = ("aHVzaD", "b3BlbnNlc2FtZ")
            for text in (HUSH, KEY, *base64, "unveiled"):
                assert not [frame for frame in told if text in frame], text
            everything = json.dumps(seeing.frames)
            assert all(text in everything for text in (HUSH, KEY, *base64, "unveiled"))

            stack.manage("people", "role", "operator", "operator")
            # Who it is is looked at again each 30 s, and when a page asks for something, at most each 5 s.
            asking = asyncio.create_task(ask_again_and_again(seeing))
            await seeing.until("it sees it no more", lambda: HUSH not in json.dumps(
                [seeing.values[topic] for topic in TOPICS]), 40)  # fmt: skip
            asking.cancel()
            assert HUSH not in json.dumps(seeing.values[spell("children", path="/app")])
