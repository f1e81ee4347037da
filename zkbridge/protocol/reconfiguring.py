"""Parameters and values of the calls that change who belongs to an ensemble.

``ensemble.preview`` (`Reconfigure` → `Preview`) tells what would become of it and changes nothing;
``ensemble.reconfig`` (`Reconfigure` → `Reconfigured`) changes it, once; ``ensemble.verdict`` (`JudgeMembers` →
`zkbridge.protocol.editing.Verdict`) tells what became of a change whose result was lost.
"""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Problem, Request
from zkbridge.protocol.ensemble import Quorum

Vote = Literal["participant", "observer"]


class Seat(Request, frozen=True):
    """A server's place in the configuration. ``client_host`` '' stands for all its addresses."""

    id: str
    host: str
    quorum: int
    """Port on which it takes its followers, while it leads."""
    election: int
    client: int
    """Port for clients."""
    role: Vote = "participant"
    client_host: str = ""


class Reconfigure(Request, frozen=True):
    """What is wanted. ``version`` is that of the configuration that somebody has seen; '' for whatever there is."""

    version: Hex = ""
    add: list[Seat] = []
    remove: list[str] = []
    roles: dict[str, Vote] = {}
    """Members that get or lose their vote, by id."""
    force: bool = False
    """Add a server although it does not answer, or has not caught up. A quorum is never lost by it."""


class Answering(Message, frozen=True):
    """How a server of the new configuration is now."""

    words: str
    """'follows, in sync'"""
    counts: bool = False
    """Whether it counts for the new configuration's quorum at once."""


class Preview(Message, frozen=True):
    """``refused``: why it cannot be; then nothing would be done."""

    version: Hex
    before: list[Seat]
    after: list[Seat]
    quorum_before: Quorum
    quorum_after: Quorum
    words: str
    """'4 servers, a quorum needs 3: can lose 1, as 3 could'"""
    answers: dict[str, Answering]
    notes: list[str] = []
    """What is to be known before it is done: a new election, processes that go on."""
    refused: Problem | None = None


class Reconfigured(Message, frozen=True):
    """It was done: the configuration that there is since. ``version`` is its zxid too."""

    version: Hex
    members: list[Seat]
    words: str
    reconciled: bool = False
    """The answer was lost, and the configuration read instead."""


class JudgeMembers(Request, frozen=True):
    """``wanted``: the change whose end is not known; it was asked for at ``at``. Answered with problem ``not-now``
    while it may still take effect."""

    wanted: Reconfigure
    at: Ms
