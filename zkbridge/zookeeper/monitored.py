"""What a server tells of itself to ``mntr``, or to AdminServer's ``monitor``: the same names. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from zkbridge.facts import Details, Tally
from zkbridge.protocol.base import Ms

_LINE = re.compile(r"^zk_([a-z_]{1,60})\t([^\n\r]{1,400})\r?$", re.MULTILINE)
_WANTED = (
    "server_state", "watch_count", "ephemerals_count", "approximate_data_size", "uptime", "open_file_descriptor_count",
    "max_file_descriptor_count", "synced_followers", "synced_observers", "leader_uptime", "cnt_election_time",
    "sum_election_time", "cnt_leader_unavailable_time", "sum_leader_unavailable_time", "cnt_readlatency",
    "sum_readlatency", "cnt_updatelatency", "sum_updatelatency",
)  # fmt: skip
_MOST = 2**63


class Odd(ValueError):
    """No server says this; the text says what it is."""


def of_mntr(answer: bytes) -> dict[str, Any]:
    """Raise `Odd` for an answer that no ZooKeeper gives."""
    found = dict(_LINE.findall(answer.decode(errors="replace")))
    if "server_state" not in found:
        raise Odd("it names no zk_server_state")
    return {name: found[name] for name in _WANTED if name in found}


def of_json(answer: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    """The same of a decoded object, whose values are not decoded yet. Raise `Odd`."""
    found = {}
    for name in _WANTED:
        if name in answer:
            try:
                found[name] = msgspec.json.decode(answer[name], type=int | float | str | None)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise Odd(f"its {name} is no number") from None
    if not isinstance(found.get("server_state"), str):
        raise Odd("it names no server_state")
    return found


def details(server: str, at: Ms, source: Any, told: Mapping[str, Any]) -> Details:
    """``told`` at ``at``. What is no number that can be is left out."""

    def number(name: str) -> float | None:
        try:
            value = float(told[name])
        except (KeyError, TypeError, ValueError):
            return None
        return value if math.isfinite(value) and 0 <= value < _MOST else None

    def whole(name: str) -> int | None:
        value = number(name)
        return None if value is None else int(value)

    def since(name: str) -> Ms | None:
        value = number(name)
        return None if value is None or value > at else at - value

    def tally(name: str) -> Tally | None:
        count, total = whole(f"cnt_{name}"), number(f"sum_{name}")
        return Tally(count, total) if count is not None and total is not None else None

    # Pings count as reads, what a server does for its own sake as neither.
    return Details(
        server, at, source, whole("watch_count"), whole("ephemerals_count"), whole("approximate_data_size"),
        since("uptime"), whole("open_file_descriptor_count"), whole("max_file_descriptor_count"),
        whole("synced_followers"), whole("synced_observers"), since("leader_uptime"), tally("election_time"),
        tally("leader_unavailable_time"), _both(tally("readlatency"), tally("updatelatency")),
    )  # fmt: skip


def _both(one: Tally | None, other: Tally | None) -> Tally | None:
    return Tally(one.count + other.count, one.total + other.total) if one is not None and other is not None else None
