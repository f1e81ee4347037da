"""Topic ``status``: what the session's facts and the quorum together say of how far the page can be believed. Pure."""

from __future__ import annotations

from zkbridge.facts import SessionFacts, hexadecimal
from zkbridge.protocol.base import Ms, Problem
from zkbridge.protocol.ensemble import Quorum
from zkbridge.protocol.status import Cost, Status

_WINDOW = 60


class Rates:
    """Changes in each whole second, the last 60 of them."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def add(self, count: int, now: Ms) -> None:
        second = int(now // 1000)
        self._counts[second] = self._counts.get(second, 0) + count
        for old in [known for known in self._counts if known < second - _WINDOW]:
            del self._counts[old]

    def count(self, now: Ms) -> int:
        """Of the whole second before this one."""
        return self._counts.get(int(now // 1000) - 1, 0)

    def last(self, now: Ms) -> list[int]:
        """Of the 60 whole seconds before this one, oldest first; empty while all are 0."""
        second = int(now // 1000)
        counts = [self._counts.get(known, 0) for known in range(second - _WINDOW, second)]
        return counts if any(counts) else []


def value(
    facts: SessionFacts, quorum: Quorum | None, quorum_lost: Ms | None, cluster: str, lab: bool,
    znodes: int, rates: Rates, cost: Cost | None, now: Ms,
) -> Status:  # fmt: skip
    """``quorum`` and since when it is lost come from the probes; None where no server was asked yet."""
    # Before the first connection the session knows better why there is none: a wrong port, no such host. Until it
    # knows, nothing is known.
    claimable = facts.epoch > 0 or (facts.problem is not None and facts.problem.code == "no-quorum")
    lost = (
        facts.state != "read-only" and claimable
        and quorum is not None and quorum.size > 0 and not quorum.held and quorum_lost is not None
    )  # fmt: skip
    problem = facts.problem
    since = facts.since
    if lost and quorum is not None and quorum_lost is not None:
        since = max(facts.since, quorum_lost)
        problem = Problem(
            "no-quorum",
            f"The ensemble has no quorum: it {quorum.words}." if quorum.up < quorum.needs
            else "Enough servers are up, but none leads: nothing can be written.",
            "It serves again as soon as enough servers run and have elected a leader.",
        )  # fmt: skip
    seconds = rates.last(now)
    return Status(
        state="no-quorum" if lost else facts.state, since=since, cluster=cluster, epoch=facts.epoch, lab=lab,
        zxid=hexadecimal(facts.zxid) if facts.zxid else "", server=facts.server,
        session=hexadecimal(facts.session) if facts.session else "", timeout=facts.timeout, znodes=znodes,
        rate=float(seconds[-1]) if seconds else 0.0, rates=seconds, read=facts.read, cost=cost, problem=problem,
    )  # fmt: skip
