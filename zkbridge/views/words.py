"""Numbers, moments and foreign names as a person reads them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LONGEST_NAME = 80

_RANDOM = re.compile(r"^(_c_[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}-|[0-9a-f]{32}(?=.))")

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that are shown as escapes: controls, bidi marks, surrogates, line separators."""


def clean(name: str, longest: int = LONGEST_NAME) -> str:
    """A name from outside, fit for a sentence: hidden characters as escapes, cut at ``longest`` with '…'."""
    if len(name) <= longest and name.isascii() and name.isprintable():
        return name
    shown = "".join(_escape(letter) if unicodedata.category(letter) in _HIDDEN else letter for letter in name[:longest])
    return shown if len(name) <= longest and len(shown) <= longest else shown[: longest - 1] + "…"


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def short_name(name: str) -> str:
    """The name of a znode without the random part that Curator and kazoo put before it: '…latch-0000000003'."""
    return clean(_RANDOM.sub("…", name))


def duration(ms: float) -> str:
    """'31 ms', '4.2 s', '2 min 5 s', '2 min', '3 h 2 min'."""
    if ms < 1:
        return "less than 1 ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    seconds = round(ms / 1000)
    if seconds < 3600:
        return f"{seconds // 60} min" + (f" {seconds % 60} s" if seconds % 60 else "")
    minutes = seconds % 3600 // 60
    return f"{seconds // 3600} h" + (f" {minutes} min" if minutes else "")


def timeout(ms: float) -> str:
    """A round figure: '4 s', '2.5 s'."""
    return f"{ms / 1000:g} s"


def ordinal(number: int) -> str:
    """'1st', '2nd', '11th'."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def count(number: int, one: str, many: str = "") -> str:
    """'1 server', '3 servers', '12,345 znodes'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listing(items: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def short_session(session: int) -> str:
    """The server that made it, and the last five digits: '0x2…d0007'. The rest is the time at which a server began."""
    return f"0x{session >> 56 & 0xFF:x}…{session & 0xFFFFF:05x}"
