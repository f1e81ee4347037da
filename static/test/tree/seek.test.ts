import { html, render } from "lit-html";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { digits, Forest } from "../../gallery/forest";
import { sample } from "../../gallery/samples";
import type { View } from "../../src/page/view";
import { treePanel } from "../../src/tree/treepanel";
import { searchTopic } from "../../src/tree/topics";

let forest: Forest;
let view: View;
let root: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "requestAnimationFrame", "performance", "Date"] });
  forest = new Forest(Date.now, 1);
  for (const path of ["/election", "/wide", "/config"]) forest.add(path, {}, path === "/config" ? "retry = <b>never</b>" : "");
  for (let at = 0; at < 3; at += 1) forest.add(`/election/c_${digits(at)}`, { kind: "ephemeral" });
  for (let at = 0; at < 400; at += 1) forest.add(`/wide/item-${at}`);
  root = document.createElement("div");
  document.body.replaceChildren(root);
  view = {
    ...sample("failover"), now: Date.now(), store: forest.store, story: null, selection: null, groups: null,
    send: (intent) => {
      if (intent.want === "select") view = { ...view, selection: intent.what };
    },
  };
  pass();
});

afterEach(() => {
  render(html``, root);
  expect([...forest.open]).toEqual([]);
  vi.useRealTimers();
});

function pass(ms = 100): void {
  for (let at = 0; at < ms; at += 50) {
    vi.advanceTimersByTime(50);
    render(treePanel(view), root);
  }
}
async function settle(ms = 1000): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    pass(50);
    for (let step = 0; step < 4; step += 1) await Promise.resolve();
  }
}
const field = (): HTMLInputElement => root.querySelector<HTMLInputElement>(".goto input")!;
function type(text: string): void {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}
function press(key: string): void {
  field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  pass(50);
}
function click(word: string): void {
  const found = [...root.querySelectorAll<HTMLElement>(".seek button")].find((one) => one.textContent?.trim() === word);
  if (!found) throw new Error(`no button ${word}`);
  found.click();
  pass(50);
}
const submit = (): boolean => root.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
const told = (): string => (root.querySelector(".seek-told")?.textContent ?? "").replace(/\s+/g, " ").trim();
const hits = (): string[] => [...root.querySelectorAll(".found")].map((hit) => hit.querySelector(".found-path")!.textContent!.trim());
const searches = (): string[] => [...forest.open].filter((topic) => topic.startsWith("search"));

test("a search begins when typing rests, shows first hits and how far it is, and ends", () => {
  type("c");
  pass();
  type("c_0");
  pass();
  expect(searches()).toEqual([]);
  pass(200);
  expect(searches()).toEqual([searchTopic("c_0", "path", "substring", 200)]);
  expect(told()).toBe("3 found, searched 162 of 406 Cancel");
  pass(600);
  expect(told()).toBe("3 found, searched 406 of 406");
  expect(hits()).toEqual([0, 1, 2].map((at) => `/election/c_${digits(at)}`));
  expect(root.querySelector(".found mark")?.textContent).toBe("c_0");
  expect(field().getAttribute("aria-expanded")).toBe("true");
});

test("a newer search ends the older one, and Escape ends all", () => {
  type("item");
  pass(600);
  type("item-3");
  pass(600);
  expect(searches()).toEqual([searchTopic("item-3", "path", "substring", 200)]);
  press("Escape");
  expect(searches()).toEqual([]);
  expect(field().value).toBe("");
  expect(root.querySelector(".found")).toBeNull();
});

test("there can be more than are shown, and a thousand can be asked for", () => {
  type("item");
  pass(800);
  expect(told()).toBe("The first 200; there are more Show 1,000");
  click("Show 1,000");
  pass(600);
  expect(hits()).toHaveLength(400);
});

test("a search can be cancelled, and begun again", () => {
  forest.searching = 60_000;
  type("item");
  pass(400);
  expect(told()).toContain("searched 162 of 406");
  click("Cancel");
  expect(searches()).toEqual([]);
  expect(told()).toContain("cancelled: searched 162 of 406");
  expect(hits().length).toBeGreaterThan(100);
  click("Search again");
  expect(searches()).toHaveLength(1);
});

test("the keyboard goes through the hits and to a znode", async () => {
  type("c_0");
  pass(600);
  press("ArrowDown");
  press("ArrowDown");
  expect(root.querySelector(".found.active")?.id).toBe(field().getAttribute("aria-activedescendant"));
  press("ArrowUp");
  press("ArrowDown");
  submit();
  await settle();
  expect(view.selection).toEqual({ kind: "znode", path: `/election/c_${digits(1)}` });
  expect(hits()).toHaveLength(3);
});

test("a hit far away in parents that were never open is brought into view", async () => {
  for (let at = 0; at < 60; at += 1) forest.add(`/a${at}`, {}, "", false);
  for (const path of ["/z", "/z/y", "/z/y/x"]) forest.add(path, {}, "", false);
  for (let at = 0; at < 240; at += 1) forest.add(`/z/y/x/leaf-${at}`);
  await settle();
  type("leaf-37");
  pass(600);
  submit();
  await settle();
  expect(root.querySelector(".row.sel .nm")?.textContent?.trim()).toBe("leaf-37");
  expect(root.querySelector(".tree-rows")!.scrollTop).toBeGreaterThan(60 * 28);
});

test("a path is still gone to, except where it is meant as a pattern", async () => {
  type("/config");
  pass(400);
  expect(searches()).toEqual([]);
  expect(told()).toBe("Enter goes to this path.");
  submit();
  await settle();
  expect(view.selection).toEqual({ kind: "znode", path: "/config" });
  expect(field().value).toBe("");
  type("/wide/item-?9");
  pass(400);
  click("glob");
  pass(600);
  expect(searches()).toEqual([searchTopic("/wide/item-?9", "path", "glob", 200)]);
});

test("data are searched as far as they are kept, which is said; what is in them is text", () => {
  click("data");
  type("<b>never");
  pass(800);
  expect(told()).toContain("1 found");
  expect(told()).toContain("Only the first 1,024 bytes of each znode’s data are searched.");
  expect(root.querySelector(".found-text")?.textContent?.trim()).toBe("retry = <b>never</b>");
  expect(root.querySelector(".found mark")?.textContent).toBe("<b>never");
  expect(root.querySelector(".found b")).toBeNull();
});

test("hostile names are text, what cannot be seen is an escape", () => {
  forest.add("/h-a\u202e<img src=x>");
  type("h-a");
  pass(800);
  expect(hits()).toEqual(["/h-a\\u202E<img src=x>"]);
  expect(root.querySelector("img")).toBeNull();
});

test("a bad expression is refused in words", () => {
  click("regex");
  type("(");
  pass(800);
  expect(told()).toContain("missing )");
  expect(field().getAttribute("aria-invalid")).toBe("true");
  type("c_0+[12]$");
  pass(800);
  expect(hits()).toHaveLength(2);
});

test("a paused page goes on searching", () => {
  forest.store.freeze();
  type("c_0");
  pass(800);
  expect(told()).toContain("3 found");
  forest.store.thaw();
});
