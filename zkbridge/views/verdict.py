"""Whether the ensemble has its quorum, from all that is known of it, in words. Pure."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from zkbridge.protocol.ensemble import Quorum
from zkbridge.quorums import Rule
from zkbridge.views.words import count


class Signs(msgspec.Struct, frozen=True):
    """``up``: voters that answer; ``serving``: those that serve; ``silent``: those of which nothing is known. ``led``:
    one of them leads, or is followed. ``vouched``: the ensemble serves Zooscope's own session, with changes.
    ``doubted``: whom they follow does not answer; ``unled``: it was tried, and nothing is agreed on."""

    up: Collection[str]
    serving: Collection[str]
    silent: Collection[str]
    led: bool
    vouched: bool = False
    doubted: bool = False
    unled: bool = False


def verdict(rule: Rule, signs: Signs) -> Quorum:
    """A session that is served needs a quorum: so it disproves that there are too few, whatever probes found."""
    found = quorum(rule, signs.up, signs.led and not signs.unled, signs.serving)
    if not rule.voters or signs.unled:
        return found
    needs = f"needs {_of(rule)}"
    if signs.vouched and found.up < found.needs:
        return msgspec.structs.replace(found, held=True, can_lose=0, words=f"{needs}, and serves Zooscope")
    if signs.silent and found.up < found.needs:
        told = f"{needs}, has {found.up or 'none'} for sure: of {count(len(signs.silent), 'server')} it is not known"
        return msgspec.structs.replace(found, words=told)
    if found.held and signs.doubted and not signs.vouched:
        told = f"{needs}, has {found.up}, but its leader does not answer"
        return msgspec.structs.replace(found, can_lose=0, words=told)
    return found


def quorum(rule: Rule, up: Collection[str], led: bool, serving: Collection[str] | None = None) -> Quorum:
    """The arithmetic of ``rule`` with ``up`` that answer and ``serving`` (all of these, when not given) that serve;
    ``led`` when one of them leads."""
    if not rule.voters:
        return Quorum(0, 0, 0, 0, False, "no servers known")
    size, needs, has = rule.size, rule.needs, rule.counted(up)
    held = led and has >= needs
    spare = rule.spare(up if serving is None else serving)
    words = f"needs {_of(rule)}, "
    if has < needs:
        words += f"has {has or 'none'}"
    elif not led:
        words += "but nobody leads"
    else:
        words += f"can lose {_spare(spare, rule) if spare else 'none'}"
    return Quorum(size, needs, has, spare if held else 0, held, words, rule.unit)


def _of(rule: Rule) -> str:
    return f"{rule.needs} of {rule.size}{'' if rule.unit == 'servers' else ' ' + rule.unit}"


def _spare(spare: int, rule: Rule) -> str:
    return str(spare) if rule.unit == "servers" else count(spare, "server")
