"""The hub between a bridge on a real Unix socket and pages: fan-out, slow pages, reconnection, calls."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from dashboard.live import bridge as line
from dashboard.live import hub as hubs
from dashboard.live.bridge import CallFailed
from dashboard.live.hub import MAX_VIEWER_SEARCHES, MAX_VIEWER_TOPICS, SILENT, TOO_SLOW, Hub
from dashboard.live.viewer import BEHIND_BYTES, BEHIND_FRAMES
from tests.live.support import FakeBridge, Page, until
from zkbridge.protocol.base import Problem
from zkbridge.protocol.frames import MAX_HUB_FRAME, Call, Delta, Result, Snapshot, Trouble
from zkbridge.protocol.topics import BadTopic


async def up(hub: Hub) -> None:
    await until("the bridge is up", lambda: hub._line.state == "up")


async def shown(bridge: FakeBridge, hub: Hub, page: Page, value: dict[str, Any] | None = None) -> None:
    """Bring a page to where it shows topic status."""
    await up(hub)
    hub.join(page.viewer)
    hub.subscribe(page.viewer, "status")
    await until("the bridge was asked", lambda: "status" in bridge.asked)
    await bridge.send(Snapshot("status", 1, 5, value or {"a": 1}))
    await until("the page has a snapshot", lambda: "status" in page.values)


async def test_hello_first_then_how_the_bridge_is(bridge: FakeBridge, hub: Hub) -> None:
    await up(hub)
    page = Page()
    page.viewer.role, page.viewer.user, page.viewer.may = "operator", "ann", ("node.kill",)
    hub.join(page.viewer)
    await until("two frames", lambda: len(page.frames) >= 2)
    hello, beat = page.frames[:2]
    assert hello["type"] == "hello" and hello["run"] == "run-1" and hello["lab"]
    assert (hello["role"], hello["user"], hello["may"]) == ("operator", "ann", ["node.kill"])
    assert beat["type"] == "beat" and beat["viewers"] == 1 and "bridge" not in beat


async def test_frames_are_forwarded_as_they_came(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    await bridge.send(Delta("status", 1, 6, {"b": {"c": 2}}))
    await until("the delta", lambda: page.values["status"] == {"a": 1, "b": {"c": 2}})
    assert '{"type":"delta","topic":"status","epoch":1,"seq":6,"patch":{"b":{"c":2}}}' in page.texts


async def test_a_later_page_gets_the_latest_value_and_the_bridge_is_asked_once(bridge: FakeBridge, hub: Hub) -> None:
    first, second = Page(), Page()
    await shown(bridge, hub, first)
    await bridge.send(Delta("status", 1, 6, {"a": None, "b": 2}))
    await until("the delta", lambda: first.values["status"] == {"b": 2})
    hub.join(second.viewer)
    hub.subscribe(second.viewer, "status")
    await until("the later page", lambda: second.values.get("status") == {"b": 2})
    assert second.seqs["status"] == (1, 6)
    assert bridge.asked == ["status"]
    await bridge.send(Delta("status", 1, 7, {"c": 3}))
    await until("both go on", lambda: first.values == second.values == {"status": {"b": 2, "c": 3}})


async def test_a_gap_in_seq_is_healed_by_a_new_snapshot(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    await bridge.send(Delta("status", 1, 9, {"b": 2}))
    await until("the bridge was asked again", lambda: bridge.asked == ["status", "status"])
    assert page.values["status"] == {"a": 1}
    await bridge.send(Snapshot("status", 1, 12, {"a": 3}))
    await until("the snapshot", lambda: page.values["status"] == {"a": 3})


async def test_a_new_epoch(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    await bridge.send(Snapshot("status", 2, 6, {"z": 1}))
    await bridge.send(Delta("status", 2, 7, {"z": 2}))
    await until("the new epoch's value", lambda: page.values["status"] == {"z": 2})
    assert page.seqs["status"] == (2, 7)


async def test_a_page_that_does_not_acknowledge_is_set_aside_and_gets_one_snapshot(
    bridge: FakeBridge, hub: Hub
) -> None:
    slow, quick = Page(), Page()
    await shown(bridge, hub, slow)
    hub.join(quick.viewer)
    hub.subscribe(quick.viewer, "status")
    hub.ack(slow.viewer, len(slow.frames))
    for n in range(6, 306):
        await bridge.send(Delta("status", 1, n, {"a": n}))
        if n % 15 == 0:
            await until("the quick page has it", lambda n=n: quick.values.get("status") == {"a": n})
            hub.ack(quick.viewer, len(quick.frames))
    await until("the quick page has all", lambda: quick.values["status"] == {"a": 305})
    assert slow.viewer.behind_since is not None
    assert len(slow.of("delta")) <= BEHIND_FRAMES + 1
    before = len(slow.of("snapshot"))
    hub.ack(slow.viewer, len(slow.frames))
    await until("the slow page has caught up", lambda: slow.values["status"] == {"a": 305})
    assert len(slow.of("snapshot")) == before + 1
    await bridge.send(Delta("status", 1, 306, {"a": 306}))
    await until("deltas go on", lambda: slow.values["status"] == {"a": 306})


async def test_a_page_that_does_not_read_costs_a_bounded_amount(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    page.gate.clear()
    for n in range(6, 46):
        await bridge.send(Delta("status", 1, n, {"a": f"{n}" * 20_000}))
    await until("it is behind", lambda: page.viewer.behind_since is not None)
    await until("all came", lambda: hub._shown["status", False].seq == 45)
    assert sum(len(text) for text in page.viewer._outbox) <= BEHIND_BYTES + 100_000


async def test_a_page_that_stays_behind_is_closed(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    for n in range(6, 100):
        await bridge.send(Delta("status", 1, n, {"a": n}))
    await until("it is behind", lambda: page.viewer.behind_since is not None)
    hub.step(time.monotonic() + SILENT - 1)
    assert page.closed is None
    hub.step(time.monotonic() + SILENT + 1)
    await until("it is closed", lambda: page.closed == TOO_SLOW)


async def test_a_page_that_falls_silent_is_closed_though_nothing_happens(bridge: FakeBridge, hub: Hub) -> None:
    reading, silent = Page(), Page()
    await shown(bridge, hub, silent)
    hub.join(reading.viewer)
    began = time.monotonic()
    hub.step(began + SILENT - 1)
    await until("a beat", lambda: reading.of("beat"))
    reading.viewer.ack(len(reading.frames), began + SILENT - 1)
    hub.step(began + SILENT + 1)
    await until("it is closed", lambda: silent.closed == TOO_SLOW)
    assert silent.viewer.behind_since is None and reading.closed is None


async def test_a_frame_is_written_in_the_turn_in_which_it_came() -> None:
    page = Page()
    page.viewer.push('{"type":"beat"}', 0)
    page.viewer.push('{"type":"beat"}', 0)
    assert len(page.frames) == 2


async def test_frames_keep_their_order_where_sending_waits() -> None:
    page = Page()
    page.gate.clear()
    for n in range(5):
        page.viewer.push(f'{{"type":"beat","at":{n}}}', 0)
    await asyncio.sleep(0)
    assert page.frames == []
    page.gate.set()
    page.viewer.push('{"type":"beat","at":5}', 0)
    await until("all came", lambda: [frame["at"] for frame in page.frames] == [0, 1, 2, 3, 4, 5])


async def test_an_acknowledgement_that_cannot_be(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    for n in (-1, 10_000):
        with pytest.raises(ValueError, match="cannot have been taken in"):
            hub.ack(page.viewer, n)
    hub.ack(page.viewer, 2)
    with pytest.raises(ValueError, match="cannot have been taken in"):
        hub.ack(page.viewer, 1)


async def test_pages_are_told_that_the_bridge_is_gone_and_get_snapshots_when_it_is_back(
    bridge: FakeBridge, hub: Hub
) -> None:
    page = Page()
    await shown(bridge, hub, page)
    await bridge.stop()
    await until("told", lambda: page.frames[-1].get("bridge") == "gone", 2)
    bridge.run = "run-2"
    await bridge.start()
    await until("asked again", lambda: bridge.asked == ["status"])
    await bridge.send(Snapshot("status", 1, 1, {"new": 1}))
    await until("the new value", lambda: page.values["status"] == {"new": 1})
    assert [hello["run"] for hello in page.of("hello")] == ["run-1", "run-2"]
    await until("up again", lambda: "bridge" not in page.of("beat")[-1])


async def test_nothing_of_an_older_run_is_shown_once_a_new_one_has_said_hello(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page, {"state": "live"})
    await bridge.stop()
    await until("told", lambda: page.frames[-1].get("bridge") == "gone", 2)
    bridge.run = "run-2"
    await bridge.start()
    await until("asked again", lambda: bridge.asked == ["status"])
    await until("up again", lambda: "bridge" not in page.of("beat")[-1])
    types = [(frame["type"], frame.get("run") or frame.get("bridge")) for frame in page.frames]
    assert types.index(("hello", "run-2")) < types.index(("beat", None), types.index(("beat", "gone")))
    later = Page()
    hub.join(later.viewer)
    hub.subscribe(later.viewer, "status")
    await bridge.send(Delta("status", 1, 6, {"a": 2}))
    await until("two beats", lambda: len(later.of("beat")) >= 2)
    assert "status" not in later.values, "that is the old run's value"
    await bridge.send(Snapshot("status", 1, 1, {"state": "connecting"}))
    await until("both have the new", lambda: page.values == later.values == {"status": {"state": "connecting"}})


async def test_a_page_that_comes_after_a_broken_connection_waits_for_the_present_value(
    bridge: FakeBridge, hub: Hub
) -> None:
    page, later = Page(), Page()
    await shown(bridge, hub, page)
    await bridge.stop()
    await until("told", lambda: page.frames[-1].get("bridge") == "gone", 2)
    await bridge.start()
    await until("up again", lambda: "bridge" not in page.of("beat")[-1])
    hub.join(later.viewer)
    hub.subscribe(later.viewer, "status")
    await bridge.send(Snapshot("status", 1, 9, {"a": 2}))
    await until("both have it", lambda: page.values == later.values == {"status": {"a": 2}})
    assert [frame["seq"] for frame in later.of("snapshot")] == [9]


async def test_a_page_that_comes_while_the_bridge_is_gone_learns_so_first(hub: Hub) -> None:
    page = Page()
    hub.join(page.viewer)
    hub.subscribe(page.viewer, "status")
    await until("two frames", lambda: len(page.frames) >= 2)
    assert page.frames[0]["type"] == "hello" and page.frames[0]["cluster"] == "here"
    assert page.frames[1]["bridge"] == "gone" and page.frames[1]["since"] > 0


async def test_the_first_page_of_a_process_is_not_told_that_a_running_bridge_is_gone(
    bridge: FakeBridge, hub: Hub
) -> None:
    page = Page()
    hub.join(page.viewer)
    await until("a beat", lambda: page.of("beat"))
    assert "bridge" not in page.of("beat")[0]


async def test_a_bridge_that_stops_beating_is_silent(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    bridge.beating = False
    await until("told", lambda: page.of("beat")[-1].get("bridge") == "silent", line.SILENT + 1)
    bridge.beating = True
    await until("up again", lambda: "bridge" not in page.of("beat")[-1])


async def test_the_last_viewer_of_a_topic_ends_it_after_a_grace(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    hub.leave(page.viewer)
    hub.step(time.monotonic() + hubs.GRACE - 1)
    again = Page()
    hub.join(again.viewer)
    hub.subscribe(again.viewer, "status")
    await until("the value was kept", lambda: again.values.get("status") == {"a": 1})
    hub.step(time.monotonic() + hubs.GRACE + 1)
    assert bridge.ended == []
    hub.unsubscribe(again.viewer, "status")
    hub.step(time.monotonic() + hubs.GRACE + 1)
    await until("the bridge was told", lambda: bridge.ended == ["status"])


async def test_a_window_that_was_scrolled_past_ends_soon(bridge: FakeBridge, hub: Hub) -> None:
    page, window = Page(), "children?path=%2Fwide&offset=400&limit=200"
    hub.join(page.viewer)
    hub.subscribe(page.viewer, window)
    await until("the bridge was asked", lambda: window in bridge.asked)
    hub.unsubscribe(page.viewer, window)
    hub.step(time.monotonic() + hubs.WINDOW_GRACE - 0.5)
    assert bridge.ended == []
    hub.step(time.monotonic() + hubs.WINDOW_GRACE + 0.5)
    await until("the bridge was told", lambda: bridge.ended == [window])


async def test_topics_are_checked_and_counted(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await up(hub)
    hub.join(page.viewer)
    for key in ("nonsense", "children?path=%2F..", "status?a=b", "znode?path=%2Fa%00"):
        with pytest.raises(BadTopic):
            hub.subscribe(page.viewer, key)
    for n in range(MAX_VIEWER_TOPICS):
        hub.subscribe(page.viewer, f"znode?path=%2F{n}")
    with pytest.raises(BadTopic) as refused:
        hub.subscribe(page.viewer, "status")
    assert refused.value.problem.code == "too-many"
    assert ("nonsense", False) not in hub._shown


async def test_trouble_with_a_topic_reaches_its_pages_only(bridge: FakeBridge, hub: Hub) -> None:
    page, other = Page(), Page()
    await shown(bridge, hub, page)
    hub.join(other.viewer)
    await bridge.send(Trouble(Problem("failed", "A view broke."), "status"))
    await until("told", lambda: page.of("trouble"))
    await bridge.send(Delta("status", 1, 6, {"a": 2}))
    await until("it goes on", lambda: page.values["status"] == {"a": 2})
    await bridge.send(Trouble(Problem("too-many", "Too many topics."), "status"))
    await until("ended", lambda: ("status", False) not in hub._shown)
    assert page.viewer.topics == set() and other.of("trouble") == []


async def test_calls(bridge: FakeBridge, hub: Hub) -> None:
    bridge.answer = lambda call: Result(call.id, {"id": "node-6"})
    assert await hub.call("node.add", {}, "ann") == {"id": "node-6"}
    assert bridge.calls[-1] == Call(1, "node.add", {}, "ann")
    bridge.answer = lambda call: Result(call.id, problem=Problem("no-such-node", "There is no node-9."))
    with pytest.raises(CallFailed) as failed:
        await hub.call("node.kill", {"id": "node-9"}, "ann")
    assert failed.value.problem.code == "no-such-node"


async def test_a_call_without_a_bridge_did_nothing(hub: Hub) -> None:
    with pytest.raises(CallFailed) as failed:
        await hub.call("node.add", {}, "ann")
    assert failed.value.problem.code == "bridge-gone"


async def test_a_call_too_large_for_the_bridge_is_refused_and_costs_nobody_the_line(
    bridge: FakeBridge, hub: Hub
) -> None:
    with pytest.raises(CallFailed) as failed:
        await hub.call("subtree.apply", {"data": "x" * MAX_HUB_FRAME}, "ann")
    assert failed.value.problem.code == "too-large" and "nothing was done" in failed.value.problem.text
    assert await hub.call("node.add", {}, "ann") == {} and len(bridge.calls) == 1


async def test_a_call_that_the_bridge_does_not_answer_is_unknown_and_not_repeated(
    bridge: FakeBridge, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "DEADLINE", 0.2)
    bridge.answer = lambda call: None
    with pytest.raises(CallFailed) as failed:
        await hub.call("node.kill", {"id": "node-1"}, "ann")
    assert failed.value.problem.code == "unknown"
    monkeypatch.setattr(line, "DEADLINE", 10)
    cut = asyncio.create_task(hub.call("node.kill", {"id": "node-2"}, "ann"))
    await until("the call came", lambda: len(bridge.calls) == 2)
    await bridge.stop()
    with pytest.raises(CallFailed) as failed:
        await cut
    assert failed.value.problem.code == "unknown"
    await bridge.start()
    await up(hub)
    assert len(bridge.calls) == 2


async def test_three_hundred_pages(bridge: FakeBridge, hub: Hub) -> None:
    first = Page()
    await shown(bridge, hub, first)
    pages = [Page() for _ in range(299)]
    for page in pages:
        hub.join(page.viewer)
        hub.subscribe(page.viewer, "status")
    stopped = pages[:20]
    for page in stopped:
        page.gate.clear()
    for n in range(6, 46):
        await bridge.send(Delta("status", 1, n, {"a": n}))
        await asyncio.sleep(0.01)
    reading = [first, *pages[20:]]
    await until("all who read have all", lambda: all(page.values["status"] == {"a": 45} for page in reading))
    assert all(len(page.of("delta")) == 40 for page in reading)
    await until("counted", lambda: first.of("beat")[-1]["viewers"] == 300)


async def test_a_page_has_few_searches_and_the_bridge_hears_at_once_when_one_ends(bridge: FakeBridge, hub: Hub) -> None:
    page, other = Page(), Page()
    await up(hub)
    keys = [f"search?q={n}" for n in range(MAX_VIEWER_SEARCHES + 1)]
    for viewer in (page.viewer, other.viewer):
        hub.join(viewer)
        for key in keys[:-1]:
            hub.subscribe(viewer, key)
        hub.subscribe(viewer, keys[0])
        with pytest.raises(BadTopic) as refused:
            hub.subscribe(viewer, keys[-1])
        assert refused.value.problem.code == "too-many"
    hub.unsubscribe(page.viewer, keys[0])
    hub.subscribe(page.viewer, keys[-1])
    await until("the bridge was asked", lambda: keys[-1] in bridge.asked)
    assert bridge.ended == []
    hub.unsubscribe(other.viewer, keys[0])
    await until("the bridge was told", lambda: bridge.ended == [keys[0]], 2)


async def test_a_glance_at_topics_takes_them_as_they_are_and_does_not_stay(bridge: FakeBridge, hub: Hub) -> None:
    glance = asyncio.create_task(hub.glance(("status", "ensemble"), 10.0))
    await until("the bridge was asked", lambda: {"status", "ensemble"} <= set(bridge.asked))
    await bridge.send(Snapshot("status", 1, 5, {"a": 1}))
    await bridge.send(Snapshot("ensemble", 1, 6, {"b": 2}))
    assert await glance == {"status": {"a": 1}, "ensemble": {"b": 2}}
    hub.step(time.monotonic() + hubs.GRACE + 1)
    await until("they were let go of", lambda: {"status", "ensemble"} <= set(bridge.ended))


async def test_a_glance_has_what_comes_in_time_and_nothing_of_a_bridge_that_is_gone(
    bridge: FakeBridge, hub: Hub
) -> None:
    await up(hub)
    glance = asyncio.create_task(hub.glance(("status", "ensemble"), 0.5))
    await until("the bridge was asked", lambda: "status" in bridge.asked)
    await bridge.send(Snapshot("status", 1, 5, {"a": 1}))
    assert await glance == {"status": {"a": 1}}
    await bridge.stop()
    await until("it is gone", lambda: hub.bridge() == "gone")
    begun = time.monotonic()
    assert await hub.glance(("status",), 30.0) == {}
    assert time.monotonic() - begun < 5


async def test_frames_and_calls_are_counted(bridge: FakeBridge, hub: Hub) -> None:
    page = Page()
    await shown(bridge, hub, page)
    await bridge.send(Snapshot("status", 1, 6, {"words": "Zoë 動物園"}))
    await until("it is sent on", lambda: any("Zoë" in text for text in page.texts))
    await hub.call("node.add", {}, "ann")
    bridge.answer = lambda call: Result(call.id, problem=Problem("no-lab", "There is none."))
    with pytest.raises(CallFailed):
        await hub.call("node.add", {}, "ann")
    assert hub.tally.calls == {("node.add", "ok"): 1, ("node.add", "no-lab"): 1}
    assert hub.tally.frames == len(page.texts) and hub.tally.bytes == sum(len(text.encode()) for text in page.texts)
