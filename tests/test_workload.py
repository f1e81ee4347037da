"""Who gets which task, the ledger, and the check of all places: plain values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zkbridge.views.placing import PATIENCE, Places, Placing, doubtful, numbers, read_ledger
from zkbridge.workload import (
    TASK,
    Ledger,
    Order,
    hand_out,
    in_order,
    next_number,
    number_of,
    read,
    write,
)  # fmt: skip


def name(number: int) -> str:
    return f"{TASK}{number:010d}"


tasks = st.sets(st.integers(0, 9_999_999), max_size=80).map(lambda some: [name(number) for number in sorted(some)])
queues = st.dictionaries(st.text("nw_0123456789", min_size=1, max_size=6), st.integers(0, 40), max_size=12)


@given(tasks, queues)
def test_all_are_handed_out_each_to_one_worker(tasks: list[str], queues: dict[str, int]) -> None:
    given = hand_out(tasks, queues)
    everything = [task for some in given.values() for task in some]
    assert len(everything) == len(set(everything))
    assert sorted(everything) == (tasks if queues else [])
    assert given.keys() <= queues.keys()
    assert all(some == sorted(some) and some for some in given.values()), "in order, and nobody gets nothing"


@given(tasks, queues, st.integers(1, 30))
def test_queues_are_levelled_and_never_too_long(tasks: list[str], queues: dict[str, int], depth: int) -> None:
    given = hand_out(tasks, queues, depth)
    after = {worker: length + len(given.get(worker, [])) for worker, length in queues.items()}
    assert all(after[worker] <= max(depth, queues[worker]) for worker in queues)
    for taker in given:
        # Whoever got one had, before its last one, no more than anybody has now.
        assert all(after[taker] - 1 <= after[other] for other in queues)
    left = len(tasks) - sum(map(len, given.values()))
    assert left == 0 or all(length >= depth for length in after.values())


@given(st.lists(st.integers(0, 60), unique=True), st.lists(st.integers(0, 60), unique=True))
def test_a_ledger_has_what_was_entered_and_counts_what_came_twice(first: list[int], then: list[int]) -> None:
    ledger = Ledger().with_numbers(first).with_numbers(then)
    assert [number for number in range(62) if ledger.has(number)] == sorted({*first, *then})
    assert ledger.done == len({*first, *then}) and ledger.twice == len({*first} & {*then})
    assert all(high + 1 < low for (_, high), (low, _) in zip(ledger.spans, ledger.spans[1:], strict=False))
    assert read(write(ledger), Ledger) == ledger


def test_names_and_numbers() -> None:
    assert number_of(name(7)) == 7 and number_of("task-7") is None and number_of("other") is None
    assert in_order([name(12), "x", name(3)]) == [name(3), name(12)]
    assert next_number(cversion=0, children=0) == 0 and next_number(cversion=3, children=1) == 2
    assert read(b"\xff{", Order) == read(b'{"tasks": "many"}', Order) == Order()


@given(st.lists(st.integers(0, 500), unique=True, min_size=1), st.integers(0, 400))
def test_a_ledger_that_is_cut_off_is_believed_as_far_as_it_goes(entered: list[int], cut: int) -> None:
    whole = Ledger().with_numbers(entered)
    data = write(whole)
    assert read_ledger(data, True, 900) == (whole, 900)
    part, known = read_ledger(data[: max(20, cut)], False, 900)
    assert part.done in (0, whole.done)
    assert all(part.has(number) == whole.has(number) for number in range(known))


def places(**more: object) -> Places:
    usual = {"first": 0, "next": 6, "waiting": {4, 5}, "worked": {"n_1": {3}, "n_2": set()}, "kept": {2},
             "ledger": Ledger(2, 0, [(0, 1)]), "known_to": 6}  # fmt: skip
    return Places(**(usual | more))  # type: ignore[arg-type]


def test_each_task_in_one_place_is_well() -> None:
    assert not doubtful(places())
    assert list(doubtful(places(waiting={5}))) == [(4, "lost")]
    assert list(doubtful(places(worked={"n_1": {3}, "n_2": {3}}))) == [(3, "double")]
    assert list(doubtful(places(kept={1, 2}))) == [(1, "double")], "in the ledger, and still with a result"
    assert list(doubtful(places(ledger=Ledger(), kept={2}))) == [(0, "lost"), (1, "lost")]
    assert not doubtful(places(ledger=Ledger(), kept={2}, known_to=0)), "what is cut off is not known"
    assert not doubtful(places(first=2, ledger=Ledger())), "numbers of an earlier workload"


@given(st.permutations(range(30)), st.lists(st.integers(0, 29), min_size=4, max_size=4).map(sorted))
def test_any_division_is_well_and_any_theft_is_found(order: list[int], cuts: list[int]) -> None:
    a, b, c, d = cuts
    ledger = Ledger().with_numbers(order[d:])
    made = Places(0, 30, set(order[:a]), {"n_1": set(order[a:b]), "n_2": set(order[b:c])}, set(order[c:d]), ledger, 30)
    assert not doubtful(made)
    if order[:a]:
        made.waiting = set(order[: a - 1])
        assert list(doubtful(made)) == [(order[a - 1], "lost")]


def test_only_what_stays_wrong_is_a_violation() -> None:
    placing = Placing()
    placing.look(places(waiting={5}), 0)
    placing.look(places(), PATIENCE - 1)
    placing.look(places(waiting={5}), PATIENCE)
    assert placing.violated == 0 and placing.checked == 5
    placing.look(places(waiting={5}), 2 * PATIENCE)
    assert [(one.task, one.what) for one in placing.violations] == [(4, "lost")]
    placing.forget()
    assert placing.violated == 1, "what was found stays found"
    placing.clear()
    assert placing.violated == 0


def test_numbers_of_names() -> None:
    assert numbers([name(1), "else"]) == {1}
