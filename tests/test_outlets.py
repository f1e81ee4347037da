"""From the scene to disk and webhook: written down before it is posted, and gone on with after an end."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zkbridge.alertbook import AlertBook, Book, book_of
from zkbridge.changes import ChangeLog
from zkbridge.facts import SessionFacts
from zkbridge.outlets import Monitoring, Outlets
from zkbridge.protocol.alerts import Alert
from zkbridge.protocol.rules import Rule
from zkbridge.protocol.topics import parse
from zkbridge.sights import Making, Sights
from zkbridge.tree import Tree
from zkbridge.veil import NO_VEIL, Veil

RULES = {"stale": Rule("stale", hold=0, clear_for=0)}


class Life:
    """One life of a bridge's outlets; nobody runs its webhook, so that what is posted waits."""

    def __init__(
        self, folder: Path, run: str, veil: Veil = NO_VEIL, now: float = 1_000_000.0, history: bool = True
    ) -> None:
        self.now = now
        making = Making("x", None, self.now, lambda path: None, 1_024, lambda: 0.0, lambda: None, RULES)
        self.sights = Sights(Tree(), ChangeLog(), making, veil)
        kept = {"history": str(folder)} if history else {"book": str(folder / "book")}
        monitoring = Monitoring("zoo", RULES, webhook="http://127.0.0.1:1/", **kept)
        self.outlets = Outlets(monitoring, self.sights, run, lambda: self.now)
        self.outlets.open()

    async def session(self, state: Any) -> None:
        self.sights.on_session(SessionFacts(state, self.now, 1), self.now)
        self.now += 1_500
        self.sights.tick(self.now)
        await self.outlets.step()

    @property
    def waiting(self) -> list[tuple[str, str, str]]:
        webhook = self.outlets._webhook
        assert webhook is not None
        return [(one["id"], one["alert"], one["state"]) for one in webhook.waiting]

    def end(self) -> None:
        self.outlets.close()


@pytest.mark.parametrize("history", [True, False])
async def test_a_message_is_on_disk_before_it_is_posted_and_survives_the_bridge(tmp_path: Path, history: bool) -> None:
    """Where plots are kept, and where they are not."""
    first = Life(tmp_path, "a", history=history)
    await first.session("live")
    await first.session("stale")
    assert first.waiting == [("a-1", "stale", "firing")]
    first.end()
    second = Life(tmp_path, "b", history=history)
    assert second.waiting == [("a-1", "stale", "firing")]
    value = msgspec.to_builtins(second.sights.value(parse("alerts"), second.now))
    assert value["firing"]["stale:"]["unknown"]
    await second.session("live")
    assert second.waiting == [("a-1", "stale", "firing"), ("b-1", "stale", "resolved")]
    second.end()
    third = Life(tmp_path, "c", history=history)
    assert not msgspec.to_builtins(third.sights.value(parse("alerts"), third.now)).get("firing")
    assert third.waiting == second.waiting
    third.end()


async def test_an_alert_of_a_bridge_that_had_not_ended_yet_is_gone_on_with_once_it_has(tmp_path: Path) -> None:
    first = Life(tmp_path, "a", history=False)
    await first.session("stale")
    second = Life(tmp_path, "b", history=False)
    await second.session("connecting")
    assert second.waiting == []
    first.end()
    await second.session("connecting")
    assert second.waiting == [("a-1", "stale", "firing")]
    await second.session("stale")
    assert second.waiting == [("a-1", "stale", "firing")], "it is told but once"
    await second.session("live")
    assert second.waiting[1:] == [("b-1", "stale", "resolved")]
    second.end()


def test_the_alerts_of_another_cluster_are_not_taken_for_ones_own() -> None:
    one = book_of("/f", "a/b", "zk1:2181, zk2:2181/app")
    assert one == book_of("/f", "a/b", "zk2:2181,zk1:2181/app") and one.parent == Path("/f")
    assert len({one, book_of("/f", "c", "zk1:2181,zk2:2181/app"), book_of("/f", "a/b", "zk1:2181,zk2:2181")}) == 3


async def test_plots_of_both_sights_are_kept_apart(tmp_path: Path) -> None:
    life = Life(tmp_path, "a", Veil(["/secret"], []))
    for _ in range(5):
        await life.session("live")
    for keeper in life.outlets._keepers:
        await keeper.step()
    life.end()
    again = Life(tmp_path, "b", Veil(["/secret"], []), life.now)
    assert {path.name for path in (tmp_path / "zoo").iterdir()} == {"all", "shown"}
    assert all(sight.scene.vigil.plots.value("10m").rows for sight in again.sights.all)
    again.end()


async def test_a_bridge_that_ends_in_order_leaves_neither_what_was_taken_nor_less_than_what_was_not(
    tmp_path: Path,
) -> None:
    first = Life(tmp_path, "a", history=False)
    await first.session("live")
    await first.session("stale")
    assert first.outlets._webhook is not None
    first.outlets._webhook._waiting.clear()  # as when it was taken since the last look
    first.sights.on_session(SessionFacts("live", first.now, 1), first.now)
    first.now += 1_500
    first.sights.tick(first.now)
    first.end()
    second = Life(tmp_path, "b", history=False)
    assert second.waiting == [("a-2", "stale", "resolved")]
    second.end()


async def test_names_that_are_looked_up_for_long_keep_nothing_from_the_disk(tmp_path: Path) -> None:
    """Lookups have the threads that asyncio uses by itself; each may hang for many seconds."""
    over, threads = threading.Event(), ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(threads)
    hanging = loop.run_in_executor(None, over.wait)
    try:
        life = Life(tmp_path, "a")
        async with asyncio.timeout(10):
            await life.session("live")
            await life.session("stale")
            for keeper in life.outlets._keepers:
                await keeper.step()
        assert life.waiting == [("a-1", "stale", "firing")] and (tmp_path / "zoo" / "all" / "10m.0").exists()
        life.end()
    finally:
        over.set()
        await hanging


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"firing": 1}', b"\xff" * 100])
def test_a_spoilt_book_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "alerts.json").write_bytes(content)
    book = AlertBook(tmp_path)
    assert book.open() == Book()
    told = Book([Alert("a", "info", 1, 2, "w")], [{"id": "1"}])
    book.write(told)
    book.close()
    assert AlertBook(tmp_path).open() == told
    assert {path.name for path in tmp_path.iterdir()} == {"alerts.json", "alerts.lock"}


def test_a_book_that_cannot_be_written_harms_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "none").write_text("a file")
    book = AlertBook(tmp_path / "none")
    for number in range(3):
        assert book.open() is None
        book.write(Book(waiting=[{"id": number}]))
    assert len(caplog.records) == 1 and "in memory" in caplog.text
