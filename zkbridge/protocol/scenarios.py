"""Topic ``scenario``: what a lab can show to a class, and how the run that is under way goes. Also its two calls."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Message, Ms, Request

StepState = Literal["running", "done", "failed"]
PlayState = Literal["running", "putting-back", "passed", "failed", "cancelled"]
Ending = Literal["passed", "failed", "cancelled"]


class Run(Request, frozen=True):
    """``scenario.run``. Value: `Begun`. Refused while one runs, or while anything of the lab is broken."""

    name: str


class Cancel(Request, frozen=True):
    """``scenario.cancel``: end the run that is under way and put everything back. Value: `Begun`."""

    name: str = ""
    """Which one is thought to run; refused where it is another."""


class Begun(Message, frozen=True):
    """``run`` names one run; topic ``scenario`` tells the rest."""

    run: str


class Scenario(Message, frozen=True):
    """One of those that there are."""

    name: str
    title: str
    shows: str
    """What a class sees, in a sentence or two."""
    needs: str
    """What the lab must have, in words."""
    hindered: str = ""
    """Why it cannot be run now, in words; '' where it can."""
    commands: list[str] = []
    """Where this lab has the wrong number of servers, what to type in a terminal instead: first for a lab with a page,
    then for one without, where it is told at the terminal."""


class Step(Message, frozen=True):
    """Something that the run did or waited for."""

    words: str
    at: Ms
    state: StepState = "running"
    ms: float | None = None
    """How long it took."""
    found: str = ""
    """What came of it, in words, with what was measured."""


class Fact(Message, frozen=True):
    """Something that must be so if the scenario is understood, as it was found on the topics that pages show."""

    words: str
    expected: str
    found: str
    holds: bool
    at: Ms
    step: int
    """Place of the step in whose course, or after which, it was found; from 0."""


class Table(Message, frozen=True):
    """Several findings side by side. Each row has as many cells as ``head``."""

    title: str
    head: list[str]
    rows: list[list[str]]
    step: int
    """As of a fact."""


class Play(Message, frozen=True):
    """A run: the one under way, or the last one."""

    run: str
    name: str
    title: str
    state: PlayState
    by: str
    began: Ms
    steps: list[Step] = []
    facts: list[Fact] = []
    tables: list[Table] = []
    ended: Ms | None = None
    words: str = ""
    """How it ended, and why."""


class Ended(Message, frozen=True):
    """A run that is over."""

    run: str
    name: str
    title: str
    state: Ending
    by: str
    began: Ms
    ended: Ms
    words: str = ""


class Scenarios(Message, frozen=True):
    """``order`` has the names of ``known`` in the order of the course; ``past`` the last 20 runs, newest first."""

    known: dict[str, Scenario]
    order: list[str]
    play: Play | None = None
    past: list[Ended] = []
