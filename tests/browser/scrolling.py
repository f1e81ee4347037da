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
  const seen = (window.seen = { at: [], top: [], waiting: 0, uncovered: 0, disordered: 0, ends: false });
  const look = (now) => {
    if (seen.ends) return;
    seen.at.push(now);
    seen.top.push(list.scrollTop);
    const rows = [...list.querySelectorAll(".row")];
    if (rows.length) {
      const view = list.getBoundingClientRect();
      const boxes = rows.map((row) => row.getBoundingClientRect());
      const inView = rows.filter((row, at) => boxes[at].bottom > view.top && boxes[at].top < view.bottom);
      if (inView.some((row) => row.classList.contains("waiting"))) seen.waiting += 1;
      if (boxes[0].top > view.top || boxes.at(-1).bottom < view.bottom) seen.uncovered += 1;
      const below = inView.filter((row) => row.matches("[aria-level='2']"));
      const places = below.map((row) => Number(row.getAttribute("aria-posinset")));
      if (places.some((place, at) => at && place !== places[at - 1] + 1 && place !== 1)) seen.disordered += 1;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""

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
    """Frames with rows in view that do not follow one another."""

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
    """Scroll the list by so many pixels, so many a second, as a wheel does; negative: up."""
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
    return msgspec.convert(seen, Frames)
