"""Names of topics: ``name`` or ``name?key=value&key=value``, values percent-encoded."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote

import msgspec

from zkbridge.protocol.base import Problem

PARAMETERS: dict[str, frozenset[str]] = {
    "status": frozenset(),
    "ensemble": frozenset(),
    "servers": frozenset(),
    "lab": frozenset(),
    "stage": frozenset({"group"}),
    "groups": frozenset(),
    "story": frozenset(),
    "timeline": frozenset(),
    "workload": frozenset(),
    "changes": frozenset({"limit", "under"}),
    "children": frozenset({"path", "offset", "limit", "order", "filter"}),
    "znode": frozenset({"path"}),
    "plots": frozenset({"span"}),
    "alerts": frozenset(),
    "sessions": frozenset({"offset", "limit", "order", "reverse", "filter", "show"}),
    "session": frozenset({"id"}),
    "search": frozenset({"q", "in", "how", "limit"}),
    "scenario": frozenset(),
}
"""Every topic with the parameters that it takes."""

MAX_PATH = 16_000
"""Bytes of the longest path that is made, percent-encoded as an address has it: a longer one fits in none, so that
nobody could read or delete it."""

MAX_NAME = MAX_PATH + 4_000
"""Characters of the longest topic name: of such a path, with all else that a topic takes. A longer one is refused."""

_BAD_CHARACTER = re.compile("[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\U0010ffff]")
"""ZooKeeper looks at 16 bits at a time and takes no surrogate, so nothing beyond U+FFEF can be in a name."""


class BadTopic(ValueError):
    """Raised for a topic that cannot be served; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class Topic(msgspec.Struct, frozen=True):
    """A parsed topic. ``key`` is the name exactly as the client wrote it."""

    key: str
    name: str
    parameters: dict[str, str]
    unveiled: bool = False
    """For those who may see what configuration hides."""

    @property
    def place(self) -> tuple[str, bool]:
        """What tells it from every other topic."""
        return self.key, self.unveiled


def parse(key: str, unveiled: bool = False) -> Topic:
    """Read a topic's name; raise `BadTopic` for one that is unknown or malformed."""
    if len(key) > MAX_NAME:
        raise _bad("bad-topic", f"The topic's name has {len(key):,} characters; {MAX_NAME:,} are allowed.")
    name, mark, query = key.partition("?")
    if name not in PARAMETERS:
        raise _bad("unknown-topic", f"There is no topic {name[:80]!r}.", "Topics: " + ", ".join(PARAMETERS) + ".")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(mark), errors="strict")
    except ValueError as error:
        raise _bad("bad-topic", f"The parameters of topic {name!r} cannot be read: {error}.") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise _bad("bad-topic", f"Topic {name!r} names a parameter twice.")
    for unknown in parameters.keys() - PARAMETERS[name]:
        allowed = ", ".join(sorted(PARAMETERS[name])) or "none"
        raise _bad("bad-topic", f"Topic {name!r} has no parameter {unknown[:80]!r}.", f"It takes: {allowed}.")
    for field in ("path", "group", "under"):
        if field in parameters:
            check_path(parameters[field])
    if "path" in PARAMETERS[name] and "path" not in parameters:
        raise _bad("bad-topic", f"Topic {name!r} needs the parameter 'path'.", f"For example {name}?path=%2F")
    if "id" in PARAMETERS[name] and "id" not in parameters:
        raise _bad("bad-topic", f"Topic {name!r} needs the parameter 'id'.", f"For example {name}?id=0x100a2b3c4d50001")
    if "q" in PARAMETERS[name] and not parameters.get("q"):
        raise _bad("bad-topic", f"Topic {name!r} needs the parameter 'q', which is what to look for.")
    return Topic(key, name, parameters, unveiled)


def check_path(path: str) -> None:
    """Raise `BadTopic` unless ``path`` is spelled as ZooKeeper itself accepts it (PathUtils.validatePath)."""
    if not path.startswith("/"):
        raise _bad("bad-path", f"The path {path[:80]!r} does not start with '/'.")
    if path != "/":
        for segment in path[1:].split("/"):
            if segment == "":
                raise _bad("bad-path", f"The path {path[:80]!r} has an empty segment ('//' or a '/' at its end).")
            if segment in (".", ".."):
                raise _bad("bad-path", f"The path {path[:80]!r} has the relative segment {segment!r}.")
    bad = _BAD_CHARACTER.search(path)
    if bad:
        raise _bad("bad-path", f"The path has the character U+{ord(bad.group()):04X} at position {bad.start()}.")


def check_new(path: str) -> None:
    """Raise `BadTopic` unless a znode may be made at ``path``, as far as its spelling goes."""
    check_path(path)
    if len(path) > MAX_PATH or len(quote(path, safe="")) > MAX_PATH:
        words = f"The path {path[:40]!r}… has {len(path):,} characters: percent-encoded, as addresses have it, "
        raise _bad("bad-path", f"{words}a new znode's may have {MAX_PATH:,} bytes.", "Choose a shorter one.")


def spell(name: str, **parameters: str | int) -> str:
    """Write a topic's name, the counterpart of `parse`."""
    if not parameters:
        return name
    return name + "?" + "&".join(f"{key}={quote(str(value), safe='')}" for key, value in parameters.items())


def _bad(code: str, text: str, hint: str = "") -> BadTopic:
    return BadTopic(Problem(code, text, hint))
