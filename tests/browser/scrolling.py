"""What a person sees of a wide parent: how soon its rows are there, and every frame while it is scrolled through."""

from __future__ import annotations

from typing import Any

import msgspec
from playwright.sync_api import Page as Tab

OPENING = """([name, forbidden]) => new Promise((done, fail) => {
  let began = 0;
  addEventListener("pointerdown", (event) => { began = event.timeStamp; }, { capture: true, once: true });
  const look = () => {
    const rows = [...document.querySelectorAll(".tree-rows [role=treeitem][aria-level='2']")];
    if (began && rows.length > 10 && !rows.some((row) => row.classList.contains("waiting"))) {
      // What is drawn in the next frame is on the screen when a task runs after it.
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    } else if (began && performance.now() - began > forbidden) fail(new Error(`${rows.length} rows`));
    else requestAnimationFrame(look);
  };
  look();
})"""
"""ms from pressing the pointer until the rows below are painted."""

WATCH = """(selector) => {
  const list = document.querySelector(selector);
  const read = (row) => {
    const name = row.querySelector(".nm")?.textContent.trim() ?? null;
    // A child that is gone keeps its name in the list, and has no place among those that are there.
    const place = row.hasAttribute("aria-posinset") ? Number(row.getAttribute("aria-posinset")) : null;
    const number = Number(/^n([0-9]{6})$/.exec(name)?.[1] ?? -1);
    return { level: row.getAttribute("aria-level"), name, place, number };
  };
  // Places, names and the numbers that `wide` gives its children, none of which is ever deleted: each after the other.
  const follow = (rows) => {
    let place = null, name = null, number = -1;
    for (const row of rows) {
      if (row.place === 1) place = name = null, number = -1;
      if (row.place !== null && place !== null && row.place !== place + 1) return false;
      if (row.name !== null && name !== null && row.name <= name) return false;
      if (row.number >= 0 && number >= 0 && row.number !== number + 1) return false;
      if (row.place !== null) place = row.place;
      if (row.number >= 0) number = row.number;
      name = row.name;
    }
    return true;
  };
  const seen = (window.seen = { at: [], top: [], waiting: 0, uncovered: 0, disordered: 0, ends: false });
  const look = (now) => {
    if (seen.ends) return;
    seen.at.push(now);
    seen.top.push(list.scrollTop);
    const rows = [...list.querySelectorAll(".row")];
    if (rows.length) {
      const view = list.getBoundingClientRect();
      const boxes = rows.map((row) => row.getBoundingClientRect());
      const inView = [];
      rows.forEach((row, at) => {
        const { top, bottom } = boxes[at];
        if (bottom > view.top && top < view.bottom) inView.push({ row, ...read(row), top, bottom });
      });
      const pairs = inView.slice(1).map((below, at) => [inView[at], below]);
      if (inView.some(({ row }) => row.classList.contains("waiting"))) seen.waiting += 1;
      const covered = inView.length && inView[0].top <= view.top && inView.at(-1).bottom >= view.bottom;
      if (!covered || pairs.some(([above, below]) => Math.abs(below.top - above.bottom) > 1)) seen.uncovered += 1;
      if (!follow(inView.filter(({ level }) => level === "2"))) seen.disordered += 1;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""

REST = """(selector) => new Promise((done) => {
  const list = document.querySelector(selector);
  let top = list.scrollTop, since = null, frames = 0;
  const look = (now) => {
    if (since === null || list.scrollTop !== top) [top, since, frames] = [list.scrollTop, now, 0];
    else frames += 1;
    if (frames >= 3 && now - since >= 100) done();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
"""The browser scrolls ahead of the page: where that is busy, the last step reaches it after the gesture has ended."""

EMPTY = """<!doctype html><body style="margin: 0"><div class="tree-rows" style="height: 700px; overflow-y: auto">
<div style="height: 2800000px"></div></div>"""
"""A page that scrolls as far and has nothing to draw."""


class Frames(msgspec.Struct):
    """What was seen, frame by frame."""

    at: list[float]
    top: list[float]
    waiting: int
    """Frames with rows in view whose content had not come yet."""
    uncovered: int
    """Frames with a part of the view where there was no row."""
    disordered: int
    """Frames with rows in view that do not follow one another: one is missing, there twice, or in a wrong place."""

    @property
    def intervals(self) -> list[float]:
        """ms from each frame to the next."""
        return [after - before for before, after in zip(self.at, self.at[1:], strict=False)]

    @property
    def moved(self) -> float:
        """Pixels."""
        return self.top[-1] - self.top[0]


def open_parent(tab: Tab, name: str, within: float) -> float:
    """Click a parent of the root open: ms until its rows are painted. Raises playwright's Error after ``within`` ms."""
    tab.evaluate(f"window.opening = ({OPENING})({[name, within]}); 0")
    twist(tab, name)
    return float(tab.evaluate("window.opening"))


def twist(tab: Tab, name: str) -> None:
    """Click what opens and closes a parent of the root."""
    row = tab.locator(".tree-rows .row").filter(has=tab.locator(".nm").get_by_text(name, exact=True))
    row.locator("[data-twist]").click()


def scroll(tab: Tab, distance: int, speed: int) -> Frames:
    """Scroll the list by so many pixels, so many a second, as a wheel does; negative: up. Afterwards it is at rest."""
    box = tab.locator(".tree-rows").bounding_box()
    assert box is not None
    session = tab.context.new_cdp_session(tab)
    tab.evaluate(WATCH, ".tree-rows")
    session.send("Input.synthesizeScrollGesture", {
        "x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "yDistance": -distance, "speed": speed,
        "gestureSourceType": "mouse", "preventFling": True,
    })  # fmt: skip
    session.detach()
    seen: dict[str, Any] = tab.evaluate("window.seen.ends = true, window.seen")
    tab.evaluate(REST, ".tree-rows")
    return msgspec.convert(seen, Frames)
