"""Searching through a real bridge and hub, from frames alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.stack import Page, Stack
from zkbridge.protocol.topics import spell

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(120 * SCALE)]


async def search(page: Page, **parameters: str) -> str:
    """Ask for a search; the topic's name."""
    topic = spell("search", **{name.removesuffix("_"): value for name, value in parameters.items()})
    await page.say({"op": "subscribe", "topic": topic})
    return topic


async def ended(page: Page, topic: str) -> dict[str, Any]:
    await page.until("the search is done", lambda: page.values.get(topic, {}).get("done"))
    value: dict[str, Any] = page.values[topic]
    return value


def shown(value: dict[str, Any]) -> list[str]:
    return sorted(hit["path"] for hit in value["hits"].values())


async def test_searches_by_path_and_data_stay_live(stack: Stack, ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        await asyncio.to_thread(fill, client)
        async with Page(stack, "status") as page:
            await page.until("live", lambda: page.values.get("status", {}).get("state") == "live", 40)
            await page.until("all is read", lambda: page.values["status"].get("znodes", 0) > 600)
            topic = await search(page, q="lock-00")
            value = await ended(page, topic)
            assert len(value["hits"]) == 100 and value["searched"] == value["of"] > 600 and not value.get("more")
            hit = value["hits"]["0"]
            assert hit["path"][hit["start"] : hit["end"]] == "lock-00"
            await asyncio.to_thread(client.delete, "/locks/lock-0042")
            await page.until("one less", lambda: "/locks/lock-0042" not in shown(page.values[topic]))
            await asyncio.to_thread(client.create, "/locks/block-00", b"", ephemeral=True)
            await page.until("one more", lambda: "/locks/block-00" in shown(page.values[topic]))
            assert [hit["kind"] for hit in page.values[topic]["hits"].values()].count("ephemeral") == 1
            await page.say({"op": "unsubscribe", "topic": topic})

            by_data = await search(page, q="owner-7 ", in_="data")
            value = await ended(page, by_data)
            assert shown(value) == ["/locks/lock-0007"] and value["preview"] == 1_024
            (found,) = value["hits"].values()
            assert found["text"] == "held by owner-7 now" and found["text"][found["start"] :].startswith("owner-7 ")
            await asyncio.to_thread(client.set, "/locks/lock-0008", b"owner-7 too")
            await page.until("its data has it", lambda: len(page.values[by_data]["hits"]) == 2)

            by_glob = await search(page, q="lock-0??7", how="glob", limit="4")
            value = await ended(page, by_glob)
            assert len(value["hits"]) == 4 and value["more"]


async def test_a_bad_query_ends_its_topic_and_says_why(stack: Stack) -> None:
    async with Page(stack, "status") as page:
        await page.until("live", lambda: page.values.get("status", {}).get("state") == "live", 40)
        topic = await search(page, q="(a", how="regex")
        await page.until("refused", lambda: page.of("trouble"))
        (trouble,) = page.of("trouble")
        assert trouble["topic"] == topic and trouble["problem"]["code"] == "bad-query"
        assert "missing ): (a" in trouble["problem"]["text"]
        for q in ("a", "b", "c"):
            await search(page, q=q)
        await page.until("a third is refused", lambda: len(page.of("trouble")) == 2)
        assert page.of("trouble")[1]["problem"]["code"] == "too-many"


def fill(client: Any) -> None:
    client.create("/locks", b"")
    for start in range(0, 600, 200):
        batch = client.transaction()
        for n in range(start, start + 200):
            batch.create(f"/locks/lock-{n:04}", b"held by owner-%d now" % n)
        batch.commit()
