"""Tells on the terminal how a scenario goes: each step once it is done, each fact once it is found."""

from __future__ import annotations

from zkbridge.lab.terminal import Terminal
from zkbridge.protocol.scenarios import Fact, Play, Step, Table

_ENDS = {"passed": "PASSED", "failed": "FAILED", "cancelled": "CANCELLED"}


class Teller:
    """Call it with the run whenever that changed. It tells each part once, in order."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._steps = self._facts = self._tables = 0
        """How many of each were told."""
        self._begun = self._held = self._ended = False

    def __call__(self, play: Play) -> None:
        say = self._terminal.say
        if not self._begun:
            self._begun = True
            say(f"\n{play.title}")
        while self._tell_one(play):
            pass
        if play.state == "holding" and not self._held:
            self._held = True
            say(f"  {play.words}")
            say("  The end is left standing, for ten minutes at the most. Press Enter to put everything back.")
        if play.state in _ENDS and not self._ended:
            self._ended = True
            say(f"  {_ENDS[play.state]}  {play.words}")

    def _tell_one(self, play: Play) -> bool:
        """Tell the next step that is done, or what was found in the course of those that were told."""
        steps, facts, tables = self._steps, self._facts, self._tables
        if facts < len(play.facts) and play.facts[facts].step < steps:
            self._terminal.say(_fact(play.facts[facts]))
            self._facts += 1
        elif tables < len(play.tables) and play.tables[tables].step < steps:
            self._lines(_table(play.tables[tables]))
            self._tables += 1
        elif steps < len(play.steps) and play.steps[steps].state != "running":
            self._steps += 1
            self._lines(_step(self._steps, play.steps[steps]))
        else:
            return False
        return True

    def _lines(self, lines: list[str]) -> None:
        for line in lines:
            self._terminal.say(line)


def _step(number: int, step: Step) -> list[str]:
    took = "" if step.ms is None else f"  [{step.ms / 1000:.2f} s]"
    lines = [f"  {number:>2}. {step.words}{'  (failed)' if step.state == 'failed' else ''}{took}"]
    return [*lines, f"      {step.found}"] if step.found else lines


def _fact(fact: Fact) -> str:
    if fact.holds:
        same = fact.expected == fact.found
        return f"      ✓ {fact.words}: {fact.found}{'' if same else f' (expected {fact.expected})'}"
    return f"      ✗ {fact.words}: {fact.found}, and not {fact.expected}"


def _table(table: Table) -> list[str]:
    rows = [table.head, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [f"      {table.title}", *(f"        {line}" for line in lines)]
