"""What four-letter words say of sessions and watches. Answers are hostile until read."""

from __future__ import annotations

import re

from zkbridge.zookeeper.admin import Connection
from zkbridge.zookeeper.fourletter import NoAnswer, exchange
from zkbridge.zookeeper.tls import Armour

MAX_ANSWER = 4 * 1024 * 1024

MOST = 100_000
"""Lines of one answer that are read."""

_NOT_ALLOWED = "is not executed because it is not in the whitelist"
_CONNECTION = re.compile(r"^ ?/?(\[?[\w.:%-]{2,80}\]?:\d{1,5})\[\d+\]\((.{0,600})\)$")
_SESSION = re.compile(r"^0x[0-9a-f]{1,16}$")


class NotSaid(Exception):
    """The server did not say it; the text says why, in words. ``allowed``: whether the word may be asked at all."""

    def __init__(self, why: str, *, allowed: bool = True) -> None:
        super().__init__(why)
        self.allowed = allowed


async def ask(host: str, port: int, word: str, deadline: float, tls: Armour | None = None) -> str:
    """What the server answers to ``word``; raise `NotSaid`. No more than 4 MB are read."""
    try:
        answer = await exchange(host, port, word.encode(), deadline, MAX_ANSWER, tls=tls)
    except NoAnswer as error:
        raise NotSaid(f"it cannot be asked '{word}': {error}") from None
    text = answer.decode(errors="replace")
    if _NOT_ALLOWED in text[:200]:
        raise NotSaid(f"'{word}' is not in its 4lw.commands.whitelist", allowed=False)
    if not text.strip():
        raise NotSaid(f"it says nothing to '{word}'")
    return text


def connections(text: str) -> list[Connection]:
    """From the answer to ``cons``: client connections that have a session. Lines that are none are left out.

    Raise `NotSaid` where there is no line of any: the one that asks has one itself.
    """
    found, lines = [], 0
    for line in text.splitlines()[:MOST]:
        matched = _CONNECTION.match(line)
        if matched is None:
            continue
        lines += 1
        fields = dict(pair.split("=", 1) for pair in matched[2].split(",") if "=" in pair)
        session = signed(fields.get("sid", ""))
        if session:
            found.append(
                Connection(session, matched[1], _number(fields.get("to", "")), float(_number(fields.get("lresp", ""))))
            )
    if not lines:
        raise NotSaid("its answer to 'cons' is none", allowed=False)
    return found


def watchers(text: str) -> dict[str, list[int]]:
    """From the answer to ``wchp``: znode to the sessions that watch it."""
    found: dict[str, list[int]] = {}
    path = ""
    for line in text.split("\n")[:MOST]:
        if line.startswith("\t"):
            session = signed(line.strip())
            if path and session:
                found.setdefault(path, []).append(session)
        elif line.startswith("/"):
            path = line.rstrip("\r")
    return found


def signed(text: str) -> int:
    """A session's id as ZooKeeper's signed 64-bit; 0 for text that is none."""
    if not _SESSION.match(text):
        return 0
    number = int(text, 16)
    return number - (1 << 64) if number >> 63 else number


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,15}", text) else 0
