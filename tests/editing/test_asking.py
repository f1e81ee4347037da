"""What may be asked of the ensemble now, and what is said where nothing may."""

from __future__ import annotations

import pytest

from zkbridge.editing.asking import Asker
from zkbridge.editing.refused import Refused
from zkbridge.protocol.status import State, Status
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.session import Session


class Connected(Session):
    connected = True  # type: ignore[assignment]


def refusal(state: State, *, reading: bool) -> str:
    """The words of it, '' for none."""
    session = Connected(parse("host"), lambda: 1_000.0)
    asker = Asker(session, lambda: Status(state, 0, "tested", 1, server="host:2181"), lambda: 1_000.0)
    try:
        asker.need_live(reading=reading)
    except Refused as refused:
        return f"{refused.problem.code}: {refused.problem.text}"
    return ""


@pytest.mark.parametrize(
    ("state", "code"), [("no-quorum", "no-quorum"), ("stale", "not-live"), ("connecting", "not-live")]
)
def test_who_only_reads_is_not_told_of_changes(state: State, code: str) -> None:
    words = refusal(state, reading=True)
    assert words.startswith(f"{code}: ") and "nothing can be told" in words
    assert "change" not in words and "done" not in words
    assert "nothing was done" in refusal(state, reading=False)


def test_a_server_without_quorum_can_be_read() -> None:
    assert refusal("read-only", reading=True) == "" and refusal("read-only", reading=False).startswith("read-only: ")
