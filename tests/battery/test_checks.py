"""The battery's own judgement, on values: each thing that can be wrong is found, under its name."""

from __future__ import annotations

from typing import Any

import msgspec
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


def test_an_order_or_a_version_that_was_not_so_is_named() -> None:
    ops = [Op("created", "/b", 9, 9), *OPS[:2], Op("deleted", "/b/w0/a", 13, 13), Op("created", "/b/w0/a", 14, 14)]
    some = [
        {"id": 1, "kind": "created", "path": "/b", "zxid": "0x9"},
        {"id": 2, "kind": "created", "path": "/b/w0/a", "zxid": "0xa"},
        {"id": 3, "kind": "data", "path": "/b/w0/a", "zxid": "0xd", "sure": False, "version": 1},
        {"id": 4, "kind": "deleted", "path": "/b/w0/a", "zxid": "0xd", "sure": False},
        {"id": 5, "kind": "created", "path": "/b/w0/a", "zxid": "0xe"},
    ]

    def judged(*changed: dict[str, Any]) -> list[str]:
        made = Run("r")
        made.entries = {entry["id"]: entry for entry in (*some, *changed)}
        return checks.log([made], ops, checks.by_anybody)

    assert judged() == []
    assert "not how it was" in judged(some[2] | {"version": 2})[0]
    assert "not how it was" in judged(some[2] | {"zxid": "0xa"})[0], "a zxid that is not sure is never too low"
    assert "not how it was" in judged(some[2] | {"id": 4}, some[3] | {"id": 3})[0]


def test_what_may_not_have_been_committed_need_not_be_told() -> None:
    made = Run("r")
    made.entries = {entry["id"]: entry for entry in entries()}
    lost = Op("created", "/b/w0/lost", 27, 27)
    assert "is told 0 times" in checks.log([made], [*OPS, lost])[0]
    assert checks.log([made], [*OPS, msgspec.structs.replace(lost, certain=False)]) == []


def test_a_hole_is_excused_only_where_the_bridge_died_before_it_could_answer() -> None:
    for asked, expected in ((True, []), (False, ["D: run r has holes: 1 changes never came, the first is 3"])):
        book = Logbook(["/b"])
        book.begin("r")
        book.runs[0].entries = {entry["id"]: entry for entry in entries() if entry["id"] != 3}
        if asked:
            book._hole = True
        book.begin("next")
        assert checks.log(book.runs[:1], OPS) == expected


def test_records_that_disagree_prove_nothing() -> None:
    logged = [op if op.zxid else Op(op.kind, op.path, 14, 14) for op in OPS]
    assert checks.same_record(OPS, logged) == []
    assert "in no server's log" in checks.same_record(OPS, logged[:-1])[0]
    assert "not in the writers' record" in checks.same_record(OPS[:-1], logged)[0]


def test_what_a_writer_cannot_know_of_an_ephemeral_is_no_disagreement() -> None:
    lost = [Op("created", "/b/w0/d0/e1-", 40, 40), Op("data", "/b/w0/d0/e1-", 41, 41, 1)]
    whole = checks.completed(OPS, [*OPS, *lost])
    assert whole == [*OPS, *lost] and checks.same_record(whole, [*OPS, *lost]) == checks.same_record(OPS, OPS)
    assert checks.completed(OPS, [*OPS, Op("created", "/b/w0/d0/n01", 40, 40)]) == OPS


def test_memory_that_does_not_return() -> None:
    warm = checks.Weight(50.0, 70.0, 300_000, 10_000)
    assert checks.same_weight(warm, checks.Weight(54.9, 76.9, 329_000, 10_900)) == []
    assert len(checks.same_weight(warm, checks.Weight(55.1, 70.0, 300_000, 9_900))) == 1
    assert len(checks.same_weight(warm, checks.Weight(55.1, 77.1, 331_000, 9_900))) == 3
    assert checks.same_weight(warm, checks.Weight(50.0, 70.0, 300_000, 12_000))[0].startswith("void: ")


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
