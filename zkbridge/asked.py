"""Reads the parameters of actions; what cannot be is refused in words. Pure."""

from __future__ import annotations

from typing import Any

from zkbridge.editing.refused import Refused

LONGEST = 3_600
"""Seconds after which every fault has ended."""


def only(params: dict[str, Any], *allowed: str) -> None:
    for name in params.keys() - set(allowed):
        raise Refused(
            "bad-request", f"There is no parameter {name[:80]!r} here.", f"Allowed: {', '.join(allowed) or 'none'}."
        )
    if not isinstance(params.get("force", False), bool):
        raise Refused("bad-request", "The parameter 'force' must be true or false.")


def end_of_link(params: dict[str, Any], name: str) -> str:
    """One end of a link."""
    end = params.get(name)
    if not isinstance(end, str) or not end or len(end) > 40:
        raise Refused("bad-request", f"The parameter {name!r} is missing or is not an end of a link.",
                      "An end is 'ensemble', 'server-2' or 'node-3'.")  # fmt: skip
    return end


def seconds_of(params: dict[str, Any]) -> float | None:
    if params.get("seconds") is None:
        return None
    seconds = figure(params, "seconds")
    if not 1 <= seconds <= LONGEST:
        raise Refused("bad-request", f"The parameter 'seconds' must be a number from 1 to {LONGEST:,}.")
    return seconds


def figure(params: dict[str, Any], name: str) -> float:
    value = params[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1e9:
        raise Refused("bad-request", f"The parameter {name!r} must be a number, 0 or more.")
    return value


def ident_of(params: dict[str, Any]) -> str:
    ident = params.get("id")
    if not isinstance(ident, str) or not ident:
        raise Refused(
            "bad-request", "The parameter 'id' is missing or is not text.", "Ids stand in topics stage and ensemble."
        )
    return ident


def printable(text: str) -> str:
    return "".join(character for character in text[:150] if character.isprintable())
