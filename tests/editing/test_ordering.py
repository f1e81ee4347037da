"""What may be ordered as a workload, and who may not order anything."""

from __future__ import annotations

import asyncio

import pytest

from zkbridge.editing.asking import Asker
from zkbridge.editing.ordering import Ordering, VeiledOrdering, check
from zkbridge.editing.refused import Refused
from zkbridge.protocol.status import Status
from zkbridge.protocol.workload import Start
from zkbridge.veil import Veil
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.session import Session


def ordering(lab: bool = True) -> Ordering:
    session = Session(parse("host"), lambda: 1_000.0)
    return Ordering(Asker(session, lambda: Status("live", 0, "tested", 1), lambda: 1_000.0), lab)


@pytest.mark.parametrize(
    "wanted",
    [Start(1), Start(100_000, work=0), Start(rate=1, seconds=1), Start(rate=2_000, seconds=50), Start(5, work=60_000)],
)
def test_what_is_within_bounds(wanted: Start) -> None:
    check(wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Start(), "how many tasks, or how many a second"),
        (Start(5, rate=5), "one of the two"),
        (Start(100_001), "'tasks' is 100001; it must be 0 to 100,000"),
        (Start(-1), "'tasks' is -1"),
        (Start(rate=2_001), "'rate' is 2001"),
        (Start(rate=1, seconds=0), "'seconds' is 0; it must be 1 to 600"),
        (Start(rate=1, seconds=601), "'seconds' is 601"),
        (Start(1, work=60_001), "'work' is 60001"),
        (Start(1, work=-1), "'work' is -1"),
        (Start(rate=500, seconds=600), "300,000 tasks; a workload has 100,000 at the most"),
    ],
)
def test_what_is_not(wanted: Start, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check(wanted)


@pytest.mark.parametrize("method", ["workload.start", "workload.stop", "workload.clear"])
async def test_only_a_lab_has_nodes_that_work(method: str) -> None:
    params = {"tasks": 5} if method == "workload.start" else {}
    with pytest.raises(Refused) as refused:
        await ordering(lab=False).calls[method](params)
    assert refused.value.problem.code == "no-lab"


async def test_what_is_hidden_is_not_worked_on_by_those_who_may_not_see_it() -> None:
    plain = ordering()
    assert VeiledOrdering(plain, Veil(("/secret",), ())).calls == plain.calls
    for veil in (Veil(("/tasks",), ()), Veil((), ("/status",)), Veil(("/assign",), ())):
        for call in VeiledOrdering(plain, veil).calls.values():
            with pytest.raises(Refused) as refused:
                await call({"tasks": 5})
            assert refused.value.problem.code == "protected"
            assert "/" not in refused.value.problem.text


async def test_an_order_that_comes_while_the_maker_looks_is_not_forgotten() -> None:
    made, looks, again = ordering(), 0, asyncio.Event()

    async def step() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            made._ordered.set()  # as `start` does, once this look has read that there is nothing to do
        else:
            again.set()

    made.step = step  # type: ignore[method-assign,assignment]
    running = asyncio.create_task(made.run())
    try:
        await asyncio.wait_for(again.wait(), 5)
    finally:
        running.cancel()
