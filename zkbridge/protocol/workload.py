"""Topic ``workload``: tasks that a leader hands to its workers; and what may be ordered."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Message, Ms, Request


class Worker(Message, frozen=True):
    """Whoever has, or had, tasks before it, by its entry in the registry."""

    node: str = ""
    """Id of the node on the stage; '' where it is not known whose entry it was."""
    queue: int = 0
    """Tasks before it."""
    done: int = 0
    """Results of its that Zooscope saw come in."""
    rate: float = 0.0
    """Results a second, over the last 5 s."""
    gone: bool = False
    """Its entry is gone: what is left under its name is to be handed out again."""


class Violation(Message, frozen=True):
    """A task that was not in exactly one place for longer than reading takes."""

    task: int
    what: Literal["lost", "double", "twice"]
    """``lost``: in no place. ``double``: in two places at once. ``twice``: its result was written more than once."""
    at: Ms


class Workload(Message, frozen=True):
    """``state``: '' where there is none; ``making`` while tasks come; ``finishing`` when no more are to come; ``done``.
    Values change twice a second at the most."""

    state: Literal["", "making", "finishing", "done"]
    stopped: bool = False
    """No more tasks are made, though more were ordered."""
    tasks: int = 0
    """Ordered."""
    pace: int = 0
    """Tasks to be made in a second; 0: as fast as they are taken."""
    work: int = 0
    """ms that one takes."""
    made: int = 0
    waiting: int = 0
    assigned: int = 0
    done: int = 0
    again: int = 0
    """Tasks that were handed out again after their worker had died."""
    oldest: Ms | None = None
    """Since when the oldest waiting task waits."""
    rate: float = 0.0
    """Results a second, over the last 5 s."""
    rates: list[int] = []
    """Results in each of the last 60 s, oldest first; empty while all are 0."""
    workers: dict[str, Worker] = {}
    """By the name of their entry in the registry."""
    checked: int = 0
    """Tasks whose place is known, of those that were made."""
    violations: list[Violation] = []
    """The first 20."""
    violated: int = 0
    """How many there are."""


class Start(Request, frozen=True):
    """What a workload is to be: ``tasks`` as fast as they are taken, or ``rate`` a second for ``seconds``; each takes
    ``work`` ms."""

    tasks: int = 0
    rate: int = 0
    seconds: int = 60
    work: int = 20


class Stop(Request, frozen=True):
    """Nothing more is to be said."""


class Started(Message, frozen=True):
    """How many tasks will be made, and the number of the first."""

    tasks: int
    first: int


class Stopped(Message, frozen=True):
    """How many tasks had been made; after ``workload.clear``, how many znodes were deleted."""

    tasks: int = 0
    deleted: int = 0
