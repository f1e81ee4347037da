"""Whoever asks the mirror to catch up gets all that was so when they asked."""

from __future__ import annotations

import asyncio

import pytest

from tests.mirrored import Ensemble, flushed, until
from zkbridge.changes import ChangeLog
from zkbridge.mirror import Mirror
from zkbridge.tree import Tree
from zkbridge.znode import Znode
from zkbridge.zookeeper.requests import Sync
from zkbridge.zookeeper.session import Refusal


async def caught_up(mirror: Mirror, session: Ensemble) -> asyncio.Task[None]:
    """Somebody waits for the mirror, and their sync has been sent."""
    task = asyncio.create_task(mirror.catch_up())
    await flushed(session)
    return task


def live() -> tuple[Ensemble, Tree, Mirror]:
    session, tree = Ensemble(), Tree()
    mirror = Mirror(session, tree, ChangeLog(), lambda: 1_000.0)
    session.open()
    session.answer()
    return session, tree, mirror


async def test_catching_up_waits_for_all_events_that_came_before_the_reply() -> None:
    session, tree, mirror = live()
    event = session.put("/a", Znode(czxid=2, mzxid=2))
    task = await caught_up(mirror, session)
    session.tell(event)
    session.answer(1)
    await flushed(session)
    assert not task.done() and tree.get("/a") is None, "the reply is there, what was read of its events is not"
    session.answer()
    await asyncio.wait_for(task, 5)
    assert tree.get("/a") is not None


async def test_catching_up_waits_for_a_batch_under_way_and_for_what_came_after_it() -> None:
    session, tree, mirror = live()
    session.tell(session.put("/a", Znode(czxid=2, mzxid=2)))
    await flushed(session)
    task = asyncio.create_task(mirror.catch_up())
    await until(lambda: any(isinstance(request, Sync) for request, _ in session.sent))
    session.tell(session.put("/b", Znode(czxid=3, mzxid=3)))
    session.answer()
    assert tree.get("/b") is None
    await asyncio.sleep(0)
    assert not task.done()
    await flushed(session)
    session.answer()
    await asyncio.wait_for(task, 5)
    assert tree.get("/a") is not None and tree.get("/b") is not None


async def test_catching_up_ends_though_more_and_more_comes() -> None:
    session, tree, mirror = live()
    event = session.put("/0", Znode(czxid=2, mzxid=2))
    task = await caught_up(mirror, session)
    session.tell(event)
    session.answer(1)
    for number in range(1, 50):
        await flushed(session)
        if task.done():
            break
        session.tell(session.put(f"/{number}", Znode(czxid=2 + number, mzxid=2 + number)))
        session.answer()
    assert task.done() and number < 10 and tree.get("/0") is not None, number


async def test_catching_up_outlives_a_connection_that_is_lost_after_the_reply() -> None:
    session, tree, mirror = live()
    event = session.put("/a", Znode(czxid=2, mzxid=2))
    task = await caught_up(mirror, session)
    session.tell(event)
    session.answer(1)
    await flushed(session)
    session.lose()
    session.open()
    assert not task.done()
    session.answer()
    await asyncio.wait_for(task, 5)
    assert tree.get("/a") is not None and tree.epoch == 2


async def test_catching_up_fails_with_the_connection() -> None:
    session, _, mirror = live()
    task = await caught_up(mirror, session)
    session.lose()
    with pytest.raises(Refusal):
        await task
