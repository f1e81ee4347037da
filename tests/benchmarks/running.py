"""Runs parts of the benchmark, each for several rounds, and says which one is under way.

A part is a function that sets up what it needs, and yields the figures of a round each time that it is asked for one;
what it started it ends when it is closed. So Ctrl-C, and SIGTERM, end a part like any other end.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import islice
from types import FrameType

from tests.benchmarks.figures import Figure, Summary, save, summarize, table
from tests.benchmarks.machine import describe
from zkbridge.lab.options import BadOption, number

Rounds = Generator[list[Figure], None, None]
Part = Callable[[], Rounds]

RUNS = 3
"""Rounds of each part, where the environment does not say otherwise: about 20 minutes on two cores."""


def main(parts: dict[str, Part]) -> None:
    """Run all parts, print the table and where it is written. Exit code 1: a goal was missed or a part failed."""
    try:
        runs = number(os.environ, "RUNS", RUNS, range(1, 100))
    except BadOption as error:
        raise SystemExit(f"{error}") from None
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, interrupt)
    logging.disable(logging.CRITICAL)  # kazoo tells of each connection
    machine, failures = describe(), dict[str, str]()
    print("\n".join(f"{what:<18} {value}" for what, value in machine.items()), end="\n\n", flush=True)
    summaries: list[Summary] = []
    interrupted = run(parts, runs, summaries, failures)
    print(f"\n{table(summaries)}\n" if summaries else "")
    for name, why in failures.items():
        print(f"FAILED  {name}: {why}")
    missed = sum(not one.met for one in summaries)
    judged = f"{missed} goals missed." if missed else "No goal missed."
    print(f"{'Interrupted. ' * interrupted}{judged} Medians of {runs}; written to {save(summaries, machine, failures)}")
    raise SystemExit(130 if interrupted else 1 if failures or missed else 0)


def run(parts: dict[str, Part], runs: int, summaries: list[Summary], failures: dict[str, str]) -> bool:
    """Gather what each part comes to, also where another one fails; True when it was interrupted."""
    began = time.monotonic()
    for at, (name, part) in enumerate(parts.items(), 1):
        rounds: list[Sequence[Figure]] = []
        try:
            with closing(part()) as going:
                for turn in range(1, runs + 1):
                    passed = time.monotonic() - began
                    say(f"[{at}/{len(parts)}] {name}, round {turn} of {runs}  ({passed // 60:.0f}:{passed % 60:02.0f})")
                    found = next(islice(going, 1), None)
                    if found is None:
                        break
                    rounds.append(found)
        except KeyboardInterrupt:
            say(f"Interrupted during {name}; all that it started is ended.")
            return True
        except Exception as error:
            failures[name] = f"{type(error).__name__}: {error}"
            say(f"  failed: {failures[name]}")
        finally:
            summaries += summarize(rounds)
    return False


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def interrupt(signum: int, frame: FrameType | None) -> None:
    """Once: a second Ctrl-C must not keep a part from ending its processes."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt
