"""An alert that is over says so, and how long it was; never that it is so still."""

from __future__ import annotations

import pytest

from zkbridge.protocol.rules import Rule
from zkbridge.views.endings import ended

LAG = Rule("lag", above=10)


@pytest.mark.parametrize(
    ("rule", "subject", "value", "gone", "words"),
    [
        (Rule("no-quorum"), "", None, False, "The ensemble has its quorum and a leader again, after 12.0 s."),
        (Rule("server-down"), "3", None, False, "Server 3 answers again, after 12.0 s."),
        (Rule("server-down"), "3", None, True, "Server 3 is no member of the ensemble any more, after 12.0 s."),
        (LAG, "2", 4.0, False, "Server 2 is 4 transactions behind the leader, after 12.0 s."),
        (Rule("latency", above=5), "2", 1.25, False, "Server 2 answers in 1.25 ms again, after 12.0 s."),
        (Rule("latency", above=5), "2", None, False, "Server 2 is not slow any more, after 12.0 s."),
        (Rule("members", path="/a", fewer=3), "/a", 3.0, False, "/a has 3 members again, after 12.0 s."),
        (Rule("sessions", above=5), "", 1.0, False, "No more than 1 session ended within a minute, after 12.0 s."),
        (Rule("stale"), "", None, False, "Zooscope's connection to the ensemble is back, after 12.0 s."),
        (None, "x", None, False, "Its rule is there no more, after 12.0 s: nobody looks whether it is over."),
    ],
)
def test_each_kind_ends_in_words_of_its_own(
    rule: Rule | None, subject: str, value: float | None, gone: bool, words: str
) -> None:
    assert ended(rule, subject, value, 12_000.0, gone) == words
