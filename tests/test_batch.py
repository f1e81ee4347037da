"""A batch of re-reads asks for about as much as a reply may weigh at a time, and for no path twice."""

from __future__ import annotations

from zkbridge.batch import UNKNOWN, Batch
from zkbridge.walk import AIM, MOST_CHARACTERS
from zkbridge.znode import Znode

Part = tuple[list[str], list[str]]


def parts(batch: Batch, states: dict[str, Znode], prefix: int = 0) -> list[Part]:
    """All requests, each answered with what is not there."""
    found: list[Part] = []
    while (part := batch.part(states.get, prefix)) is not None:
        assert not batch.whole and batch.asked == 1
        found.append(part)
        batch.took(*part, [-101] * (len(part[0]) + len(part[1])))
    assert batch.whole and batch.asked == 0
    return found


def test_heavy_znodes_are_read_a_few_at_a_time() -> None:
    states = {f"/heavy/{n:02}": Znode(data_length=300_000) for n in range(20)}
    found = parts(Batch([], list(states), []), states)
    assert [len(data) for data, _ in found] == [3] * 6 + [2]
    assert [path for data, _ in found for path in data] == list(states)


def test_one_that_is_heavier_than_all_that_is_aimed_at_goes_alone() -> None:
    states = {"/a": Znode(data_length=2 * AIM), "/b": Znode(data_length=2 * AIM), "/c": Znode()}
    assert parts(Batch([], ["/c", "/a", "/b", "/a"], []), states) == [(["/c"], []), (["/a"], []), (["/b"], [])]


def test_znodes_that_are_new_are_not_taken_to_be_light() -> None:
    found = parts(Batch([], [f"/new/{n}" for n in range(1_000)], []), {})
    assert all(len(data) <= AIM / UNKNOWN for data, _ in found)


def test_lists_weigh_what_their_names_do() -> None:
    states = {f"/p{n}": Znode(num_children=20_000) for n in range(3)}
    found = parts(Batch([], ["/p0", "/p1"], list(states)), states)
    assert found == [([], ["/p0"]), ([], ["/p1"]), (["/p0", "/p1"], ["/p2"])]


def test_long_paths_make_short_requests() -> None:
    paths = [f"/{n:04}{'x' * 5_000}" for n in range(300)] + ["/" + "y" * 400_000]
    for prefix in (0, 2_000):
        found = parts(Batch([], paths, []), {}, prefix)
        assert all(sum(len(path) + prefix for path in data) <= MOST_CHARACTERS or len(data) == 1 for data, _ in found)


def test_nothing_to_ask_is_whole_at_once() -> None:
    batch = Batch([], [], [])
    assert batch.whole and batch.part({}.get) is None and batch.whole
