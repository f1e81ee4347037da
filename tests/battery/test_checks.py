"""The battery's own judgement, on values: each thing that can be wrong is found, under its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.battery import checks
from tests.battery.faults import _java_bytes, schedule
from tests.battery.logbook import Logbook, Run
from tests.battery.record import Op
from zkbridge.znode import Znode

OPS = [
    Op("created", "/b/w0/a", 10, 10), Op("data", "/b/w0/a", 11, 11, 1), Op("data", "/b/w0/a", 12, 12, 2),
    Op("deleted", "/b/w0/a", 13, 15), Op("created", "/b/w0/b", 16, 16), Op("created", "/b/w0/c", 20, 20),
    Op("created", "/b/w0/d", 26, 26),
]  # fmt: skip


def entries() -> list[dict[str, Any]]:
    return [
        {"id": 1, "kind": "created", "path": "/b", "zxid": "0x9"},
        {"id": 2, "kind": "created", "path": "/b/w0/a", "zxid": "0xa"},
        {"id": 3, "kind": "data", "path": "/b/w0/a", "zxid": "0xc", "writes": 2},
        {"id": 4, "kind": "deleted", "path": "/b/w0/a", "zxid": "0xe"},
        {"id": 5, "kind": "created", "path": "/b/w0/b", "zxid": "0x10"},
        {"id": 6, "kind": "gap", "path": "/", "zxid": "0x12", "until": "0x19"},
        {"id": 7, "kind": "created", "path": "/b/w0/c", "zxid": "0x14", "found": True},
        {"id": 8, "kind": "created", "path": "/b/w0/d", "zxid": "0x1a"},
    ]


def run(some: list[dict[str, Any]]) -> list[str]:
    made = Run("r")
    made.entries = {entry["id"]: entry for entry in some}
    return checks.log([made], OPS)


def test_a_log_that_is_whole() -> None:
    assert run(entries()) == []


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (5, None, "holes"),
        (8, {"zxid": "0x1b"}, "nobody did"),
        (8, {"kind": "acl"}, "is told 0 times"),
        (3, {"writes": 1}, "is told 1 times"),
        (3, {"writes": 3}, "is told 3 times"),
        (3, {"zxid": "0x10"}, "comes after"),
        (8, {"path": "/b/w0/c", "zxid": "0x14"}, "tell the same"),
        (7, {"path": "/b/w0/x"}, "nobody did"),
    ],
)
def test_what_is_wrong_with_a_log_is_named(number: int, change: dict[str, Any] | None, words: str) -> None:
    some = entries()
    if change is None:
        del some[number - 1]
    else:
        some[number - 1] |= change
    wrong = run(some)
    assert wrong and all(line.startswith("D: ") for line in wrong)
    assert any(words in line for line in wrong), wrong


def test_the_end_of_a_run_that_was_killed_is_not_missed() -> None:
    made = Run("r")
    made.entries = {entry["id"]: entry for entry in entries()[:4]}
    assert any("/b/w0/b" in line for line in checks.log([made], OPS))
    made.ended = True
    assert checks.log([made], OPS) == []


def test_phantoms_losses_and_differences() -> None:
    one, other = Znode(czxid=1), Znode(czxid=2)
    assert checks.same_tree({"/": one}, {"/": one}, "it") == []
    assert checks.same_tree({"/": one}, {"/": one, "/a": one}, "it") == ["B: it has the phantom /a"]
    assert checks.same_tree({"/": one, "/a": one}, {"/": one}, "it") == ["B: it misses /a"]
    assert checks.same_tree({"/": one}, {"/": other}, "it")[0].startswith("A: it has /")


def test_windows() -> None:
    truth = {"/": Znode(num_children=1), "/a": Znode(version=2)}
    row = {"name": "a", "kind": "persistent", "version": 2}
    assert checks.same_rows(truth, {"/": [row]}) == []
    assert checks.same_rows(truth, {"/": [row | {"version": 1}]})[0].startswith("C: the window on /")
    assert checks.same_rows(truth, {}) == ["C: no window on / was offered"]


def test_a_change_that_is_told_twice_but_not_alike() -> None:
    book = Logbook([])
    book.begin("r")
    book.take(book.WHOLE, {"1": {"id": 1, "kind": "data"}}, 1)
    assert not book.wrong
    book.take(book.WHOLE, {"1": {"id": 1, "kind": "created"}}, 1)
    assert book.wrong


def test_a_seed_repeats_its_schedule() -> None:
    def first(seed: int) -> list[tuple[float, str, float]]:
        coming = schedule(seed)
        return [(pause, name, dice.random()) for pause, name, dice in (next(coming) for _ in range(24))]

    assert first(7) == first(7)
    assert first(7) != first(8)


def test_bytes_as_java_rolls_them() -> None:
    assert _java_bytes(42)[:8] == (-1170105035).to_bytes(4, "little", signed=True) + (234785527).to_bytes(4, "little")
