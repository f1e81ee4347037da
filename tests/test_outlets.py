"""From the scene to disk and webhook: written down before it is posted, and gone on with after an end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from zkbridge.alertbook import AlertBook, Book
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

    def __init__(self, folder: Path, run: str, veil: Veil = NO_VEIL, now: float = 1_000_000.0) -> None:
        self.now = now
        making = Making("x", None, self.now, lambda path: None, 1_024, lambda: 0.0, lambda: None, RULES)
        self.sights = Sights(Tree(), ChangeLog(), making, veil)
        monitoring = Monitoring("zoo", RULES, str(folder), "http://127.0.0.1:1/")
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
        for keeper in self.outlets._keepers:
            keeper._folder.close()


async def test_a_message_is_on_disk_before_it_is_posted_and_survives_the_bridge(tmp_path: Path) -> None:
    first = Life(tmp_path, "a")
    await first.session("live")
    await first.session("stale")
    assert first.waiting == [("a-1", "stale", "firing")]
    first.end()
    second = Life(tmp_path, "b")
    assert second.waiting == [("a-1", "stale", "firing")]
    value = msgspec.to_builtins(second.sights.value(parse("alerts"), second.now))
    assert value["firing"]["stale:"]["unknown"]
    await second.session("live")
    assert second.waiting == [("a-1", "stale", "firing"), ("b-1", "stale", "resolved")]
    second.end()
    third = Life(tmp_path, "c")
    assert not msgspec.to_builtins(third.sights.value(parse("alerts"), third.now)).get("firing")
    assert third.waiting == second.waiting
    third.end()


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


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"firing": 1}', b"\xff" * 100])
def test_a_spoilt_book_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "alerts.json").write_bytes(content)
    book = AlertBook(tmp_path / "alerts.json")
    assert book.read() == Book()
    told = Book([Alert("a", "info", 1, 2, "w")], [{"id": "1"}])
    book.write(told)
    assert AlertBook(tmp_path / "alerts.json").read() == told and len(list(tmp_path.iterdir())) == 1


def test_a_book_that_cannot_be_written_harms_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    book = AlertBook(tmp_path / "none" / "alerts.json")
    for number in range(3):
        book.write(Book(waiting=[{"id": number}]))
    assert len(caplog.records) == 1 and "in memory" in caplog.text
