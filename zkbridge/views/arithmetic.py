"""A quorum in words: what it takes, what it can lose, and whose loss would hurt. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from zkbridge.protocol.ensemble import Quorum
from zkbridge.protocol.servers import Arithmetic, QuorumGroup
from zkbridge.quorums import Group, Rule
from zkbridge.views.words import count, listing

_NAMED = 5
"""Servers that a sentence names, at the most."""


def arithmetic(
    rule: Rule, quorum: Quorum, up: Collection[str], serving: Collection[str], observers: Sequence[str]
) -> Arithmetic:
    """``quorum`` is the verdict on ``up`` and ``serving``, as `zkbridge.views.ensemble` has it."""
    groups = rule.groups or (Group("", dict.fromkeys(rule.voters, 1), rule.voters),)
    worst = rule.worst(serving) if quorum.held else ()
    sentences = [
        *_what_it_takes(rule, quorum),
        *(_what_it_can_lose(rule, quorum, serving, worst) if quorum.held else _what_is_missing(rule, quorum, up)),
        *_who_does_not_count(rule, up, serving, observers),
    ]
    return Arithmetic(
        _headline(rule, quorum, up), sentences,
        [
            QuorumGroup(
                group.name, group.weight, group.needs, group.has(up),
                {ident: group.weights[ident] for ident in rule.voters if ident in group.voters},
            )
            for group in groups
        ],
        rule.needs if rule.unit == "groups" else 1, list(worst),
    )  # fmt: skip


def _headline(rule: Rule, quorum: Quorum, up: Collection[str]) -> str:
    if not rule.voters:
        return "No servers are known"
    told = f"{len(up)} of {len(rule.voters)} up"
    if not quorum.held:
        return f"{told}: no quorum"
    if quorum.words.startswith("follows"):
        return f"{told}, of those that are known"
    if quorum.up < quorum.needs:
        return f"{told}, as far as is known: the quorum holds"
    return f"{told}: can lose {quorum.can_lose or 'none'}"


def _what_it_takes(rule: Rule, quorum: Quorum) -> list[str]:
    if not rule.voters or quorum.words.startswith("follows"):
        return [f"It {quorum.words}."] if rule.voters else []
    if rule.unit == "groups":
        return [f"A quorum is {rule.needs} of {rule.size} groups, each by more than half of its weight."]
    if rule.unit == "votes":
        return [f"A quorum is {rule.needs} of {rule.size} votes: more than half of the weight."]
    if rule.size == 1:
        return ["It is a single server: when it ends, nothing is served."]
    return [f"A quorum is {rule.needs} of {rule.size}: more than half of the voters."]


def _what_it_can_lose(rule: Rule, quorum: Quorum, serving: Collection[str], worst: tuple[str, ...]) -> list[str]:
    if quorum.up < quorum.needs:
        return ["It serves Zooscope, so it has a quorum, of which not all could be asked: see at each server why."]
    if quorum.words.startswith("follows") or len(rule.voters) == 1:
        return []
    spare, decisive = quorum.can_lose, rule.decisive(serving)
    lucky = len(serving) - rule.fewest(serving)
    told = []
    if spare:
        told.append(f"Any {spare if spare > 1 else 'one'} may fail, and the rest still decide.")
        if rule.groups:
            told.append(f"The loss of {_servers(worst)} together would end it.")
    elif decisive and set(decisive) != set(serving):
        loss = "this loss" if len(decisive) == 1 else "each loss"
        told.append(f"It hangs on {_servers(decisive)}: {loss} alone ends it.")
    else:
        told.append("If one more fails, nothing can be written and no session expires until it is back.")
    if lucky > spare:
        told.append(f"Were they the right ones, it could lose {lucky}.")
    if not rule.groups and rule.size % 2 == 0:
        told.append(f"With {rule.size} voters it can lose no more than with {rule.size - 1}.")
    return told


def _what_is_missing(rule: Rule, quorum: Quorum, up: Collection[str]) -> list[str]:
    if not rule.voters:
        return []
    if quorum.up >= quorum.needs:
        return ["Enough are up, but nobody leads: until they have elected one nothing can be written."]
    if quorum.words.startswith("is not known"):
        return ["No server has answered yet."]
    if rule.unit != "groups":
        lacks = quorum.needs - quorum.up
        return [f"{count(lacks, 'more ' + rule.unit[:-1])} must come up before anything can be written."]
    short = [f"group {one.name} has {one.has(up)} of the {one.needs} that it needs"
             for one in rule.groups if one.weight and not one.held(up)]  # fmt: skip
    return [f"Nothing can be written: {listing(short[:_NAMED])}."]


def _who_does_not_count(
    rule: Rule, up: Collection[str], serving: Collection[str], observers: Sequence[str]
) -> list[str]:
    told = []
    waiting = [ident for ident in rule.voters if ident in up and ident not in serving]
    if waiting and serving:
        told.append(f"{_start(waiting)} is up but does not serve."
                    if len(waiting) == 1 else f"{_start(waiting)} are up but do not serve.")  # fmt: skip
    idle = rule.idle() if rule.groups else ()
    if idle:
        told.append(f"{_start(idle)} {'weighs' if len(idle) == 1 else 'weigh'} nothing in the vote.")
    if observers:
        told.append(f"{_start(observers)} {'observes and has' if len(observers) == 1 else 'observe and have'} no vote.")
    return told


def _servers(idents: Sequence[str]) -> str:
    """'server 1', 'servers 1, 2 and 3', '12 servers'."""
    if len(idents) > _NAMED:
        return f"{len(idents)} servers"
    return f"server{'s' if len(idents) > 1 else ''} {listing(list(idents))}"


def _start(idents: Sequence[str]) -> str:
    told = _servers(idents)
    return told[0].upper() + told[1:]
