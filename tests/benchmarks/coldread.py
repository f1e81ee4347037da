"""How fast the mirror has a whole tree, beside a loop that keeps nothing and the caches of kazoo and Curator; and what
another client of the same server sees of it.

Three servers. Every reader runs in a process of its own; they take turns, so what else the machine does meets all.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import msgspec

from tests.benchmarks import curator
from tests.benchmarks.figures import Figure
from tests.benchmarks.forest import forest, large, plant
from tests.benchmarks.others import Others, Slowed
from tests.benchmarks.running import Rounds, main, say
from tests.benchmarks.servers import servers

ROOT = Path(__file__).parents[2]
ZNODES = 100_000
LARGE = ((2_000, 100_000), (50, 1_000_000))
"""Znodes, and bytes of data of each."""

TURNS = 5
"""Of the mirror and the bare loop, in each round."""

REST = 2.0
"""Seconds that others are watched for while nobody else reads."""


class Reading(msgspec.Struct, frozen=True):
    """How a reader did. Moments are on the machine's monotonic clock."""

    began: float
    ended: float
    resident: float = 0.0
    whole: bool = True
    heaviest: int = 0
    """Bytes of the heaviest reply to a MultiRead."""
    znodes: int = 0

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def span(self) -> tuple[float, float]:
        return self.began, self.ended


def reader(role: str, hosts: str) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.readers", role, hosts]


def read(command: list[str]) -> Reading:
    """Run a reader to its end."""
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return msgspec.json.decode(ran.stdout.splitlines()[-1], type=Reading)


def cold(hosts: str, words: str, goal: float | None, turns: int = TURNS) -> tuple[list[Figure], float]:
    """The mirror beside a bare loop, in turns; and the mirror's seconds in the middle one."""
    taken = [(read(reader("bare", hosts)), read(reader("mirror", hosts))) for _ in range(turns)]
    loop, mirror = sorted(taken, key=lambda pair: pair[1].seconds / pair[0].seconds)[turns // 2]
    return [
        Figure(f"cold read of {words}", mirror.seconds, "s", goal, loop.seconds, "bare MultiRead loop"),
        Figure("  as many times a bare loop", mirror.seconds / loop.seconds, "x", 1.5),
        Figure("  the mirror's process", mirror.resident, "MB"),
    ], mirror.seconds


def peers(hosts: str, planted: int) -> list[Figure]:
    """All caches, while another client reads at the server that each of them reads from."""
    host = hosts.split(",")[0]
    commands = {"kazoo's TreeCache": reader("cache", host), **curator.commands(host)}
    with Others(host) as others:
        rest = (time.monotonic(), time.monotonic() + REST)
        time.sleep(REST)
        ours = [read(reader("mirror", host)) for _ in range(TURNS)]
        theirs = {name: read(command) for name, command in commands.items()}
    middle = sorted(reading.seconds for reading in ours)[TURNS // 2]
    figures = []
    for name, reading in theirs.items():
        words = f"  {name}, times as slow" + ("" if reading.whole else " when it was given up")
        if 0 < reading.znodes < planted:
            words += f" (holds only {reading.znodes:,})"
        floor = 60.0 if name.startswith("kazoo") else None
        figures.append(Figure(words, reading.seconds / middle, "x", floor=floor))
    return figures + disturbance(
        others.between(rest), others.between(*(one.span for one in ours)),
        {name: others.between(reading.span) for name, reading in theirs.items()},
    )  # fmt: skip


def disturbance(idle: Slowed, busy: Slowed, theirs: dict[str, Slowed]) -> list[Figure]:
    """What reads of another client took; the time that it spent in slow ones is of one whole read of the tree."""
    figures = [
        Figure("another client's read, p99, at rest", idle.p99, "ms"),
        Figure("  while the mirror reads, p50", busy.p50, "ms", None, idle.p50, "at rest"),
        Figure("  while the mirror reads, p99", busy.p99, "ms", None, idle.p99, "at rest"),
        Figure("  its reads over 5 ms, all together", busy.slow / TURNS, "ms"),
    ]
    for name, slowed in theirs.items():
        figures += [
            Figure(f"  while {name} reads, p99", slowed.p99, "ms", None, idle.p99, "at rest"),
            Figure(f"  its reads over 5 ms while {name} reads, all together", slowed.slow, "ms"),
        ]
    return figures


def rounds() -> Rounds:
    if not curator.commands(""):
        say("  Curator's caches are left out: libcurator-recipes-java or a JDK is not installed.")
    with servers(3) as ensemble, ensemble.client(20.0) as client:
        planted = plant(client, forest(ZNODES))
        while True:
            figures, _ = cold(ensemble.hosts, f"{planted:,} znodes", None)
            yield figures + peers(ensemble.hosts, planted)


def rounds_of_large() -> Rounds:
    """Znodes with much data: replies stay near a megabyte, so the servers' heap bears them."""
    words = " and ".join(f"{count:,} of {size // 1_000:,} KB" for count, size in LARGE)
    with servers(3, heap=1_200) as ensemble, ensemble.client(20.0) as client:
        for number, (count, size) in enumerate(LARGE):
            plant(client, large(f"/large-{number}", count, size), at_once=1_000_000 // size)
        while True:
            mirror = read(reader("mirror", ensemble.hosts))
            yield [
                Figure(f"cold read of {words}", mirror.seconds, "s"),
                Figure("  the heaviest reply", mirror.heaviest / 1e6, "MB", 1.2),
                Figure("  the mirror's process, previews kept", mirror.resident, "MB"),
            ]


if __name__ == "__main__":
    main({"cold read of 100,000 znodes": rounds, "cold read of large znodes": rounds_of_large})
