"""A write that came too late: what the storage said of the token of a leader of the past. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Hex
from zkbridge.views.cast import Cast
from zkbridge.views.evidence import Refusal
from zkbridge.views.sentence import Sentence


def tell_refusal(told: Sentence, cast: Cast, refusal: Refusal) -> None:
    """A sentence of its own, with a space before it."""
    told.text(" The storage refused its write")
    told.mark("node", refusal.who, refusal.at, refusal.moment, label="write refused")
    told.text(f": its fencing token, {shown(refusal.token)}, is lower than ")
    if refusal.holder:
        told.node(refusal.holder, cast.name(refusal.holder)).text(f"'s, {shown(refusal.held)}.")
    else:
        told.text(f"the one that it holds, {shown(refusal.held)}.")


def shown(token: Hex) -> str:
    return token[:18]
