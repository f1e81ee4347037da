import { html, render } from "lit-html";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { digits, Forest } from "../../gallery/forest";
import { CHANGES, handsOf } from "../../gallery/office";
import { sample } from "../../gallery/samples";
import type { Intent, View } from "../../src/page/view";
import { treePanel } from "../../src/tree/treepanel";
import { znodePane } from "../../src/tree/znodepane";

let forest: Forest;
let view: View;
let sent: Intent[];
let root: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "requestAnimationFrame", "performance", "Date"] });
  forest = new Forest(Date.now, 1);
  forest.add("/election");
  for (let at = 0; at < 3; at += 1) forest.add(`/election/c_${digits(at)}`, { kind: "ephemeral", holder: `node-${at + 1}`, leads: at === 0 });
  forest.add("/wide");
  for (let at = 0; at < 1000; at += 1) forest.add(`/wide/n-${digits(at)}`);
  forest.add("/config", {}, '{"a":1}');
  sent = [];
  root = document.createElement("div");
  document.body.replaceChildren(root);
  view = {
    ...sample("failover"), now: Date.now(), store: forest.store, hands: handsOf(forest.store, () => {}), story: null, selection: null, groups: null,
    send: (intent) => {
      sent.push(intent);
      if (intent.want === "select") view = { ...view, selection: intent.what };
    },
  };
});

afterEach(() => {
  render(html``, root);
  vi.useRealTimers();
});

/** Let frames come in and the page be drawn. */
function pass(ms = 300): void {
  for (let at = 0; at < ms; at += 50) {
    vi.advanceTimersByTime(50);
    draw();
  }
}
function draw(): void {
  view = { ...view, now: Date.now() };
  const path = view.selection?.kind === "znode" ? view.selection.path : null;
  render(html`${treePanel(view)}${path === null ? "" : znodePane(view, path)}`, root);
}
const rows = (): string[] => [...root.querySelectorAll(".row")].map((row) => row.querySelector(".nm")?.textContent?.trim() ?? "").filter(Boolean);
const row = (name: string): HTMLElement => {
  const found = [...root.querySelectorAll<HTMLElement>(".row")].find((one) => one.querySelector(".nm")?.textContent?.trim() === name);
  if (!found) throw new Error(`no row ${name} in ${rows().join(" ")}`);
  return found;
};
const press = (key: string): void => {
  root.querySelector("[role=tree]")?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};
const show = (decoder: string): void => {
  const select = root.querySelector<HTMLSelectElement>(".zn-select") as HTMLSelectElement;
  select.value = decoder;
  select.dispatchEvent(new Event("change"));
  pass();
};
const twist = (name: string): void => {
  row(name).querySelector("[data-twist]")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
};

test("the root's children are shown, and a group is opened by itself", () => {
  draw();
  pass();
  expect(rows()).toEqual(["/config", "/election", "/wide"]);
  view = { ...view, groups: { groups: { "/election": { path: "/election", kind: "election", layout: "course", members: [] } } } };
  pass();
  expect(rows()).toEqual(["/config", "/election", "c_0000000000", "c_0000000001", "c_0000000002", "/wide"]);
  twist("/election");
  pass();
  expect(rows()).toEqual(["/config", "/election", "/wide"]);
});

test("a wide parent has all its lines at once, few of them drawn, and asks for what is in view only", () => {
  draw();
  pass();
  twist("/wide");
  pass();
  const block = root.querySelectorAll(".row").length;
  expect(block).toBeGreaterThan(20);
  expect(block).toBeLessThan(60);
  expect(row("n-0000000000").getAttribute("aria-setsize")).toBe("1000");
  expect(root.querySelector<HTMLElement>(".tree-canvas")?.style.height).toBe(`${(3 + 1 + 1000) * 28}px`);
  const scroller = root.querySelector<HTMLElement>(".tree-rows")!;
  scroller.scrollTop = 700 * 28;
  scroller.dispatchEvent(new Event("scroll"));
  expect(root.querySelectorAll(".row.waiting").length).toBeGreaterThan(0);
  pass();
  expect(root.querySelectorAll(".row.waiting").length).toBe(0);
  expect(row("n-0000000710").getAttribute("aria-posinset")).toBe("711");
  pass(4000);
  const open = [...forest.open].filter((topic) => topic.includes("wide"));
  expect(open).toEqual(["children?path=%2Fwide&offset=600&limit=200"]);
});

test("what is looked at stays where it is, in whatever moment others come above it", () => {
  draw();
  pass(1000);
  twist("/wide");
  pass(1000);
  const scroller = root.querySelector<HTMLElement>(".tree-rows")!;
  scroller.scrollTop = 30 * 28;
  scroller.dispatchEvent(new Event("scroll"));
  pass();
  const looked = `n-${digits(40)}`;
  const place = (): number => Number(/translateY\((-?[\d.]+)px\)/.exec(row(looked).style.transform)?.[1]) - scroller.scrollTop;
  const before = place();
  const moved: number[] = [];
  // Each second the scroll bar follows; between two seconds something may have come that is not laid out yet.
  for (let at = 0; at < 300; at += 1) {
    forest.add(`/wide/n-${digits(3)}-${at}`, {}, "", false);
    vi.advanceTimersByTime(7);
    if (place() !== before) moved.push(place() - before);
  }
  expect(moved).toEqual([]);
  expect(scroller.scrollTop).toBeGreaterThan(100 * 28);
});

test("opening asks for children at once, and scrolling draws anew only what comes into view", () => {
  draw();
  pass(1000);
  twist("/wide");
  expect([...forest.open].some((topic) => topic.startsWith("children?path=%2Fwide&"))).toBe(true);
  pass();
  const scroller = root.querySelector<HTMLElement>(".tree-rows")!;
  const scroll = (line: number) => {
    scroller.scrollTop = line * 28;
    scroller.dispatchEvent(new Event("scroll"));
    return rows();
  };
  const first = scroll(60);
  expect(first[0]).toBe(`n-${digits(60 - 12 - 4)}`);
  expect(scroll(66)).toEqual(first);
  expect(scroll(72)[0]).toBe(`n-${digits(72 - 12 - 4)}`);
  forest.add("/wide/a", {}, "", false);
  pass();
  expect(rows()).toHaveLength(first.length);
  expect(row(`n-${digits(72)}`).getAttribute("aria-posinset")).toBe("74");
});

test("while the view moves, what changes in it is drawn a few times a second, and all of it once it rests", () => {
  draw();
  pass(1000);
  twist("/wide");
  pass();
  const scroller = root.querySelector<HTMLElement>(".tree-rows")!;
  const seen = new Set<string | null>();
  for (let at = 0; at < 60; at += 1) {
    scroller.scrollTop = 100 * 28 + (at % 2);
    scroller.dispatchEvent(new Event("scroll"));
    forest.write(`/wide/n-${digits(100)}`, "x".repeat(at));
    vi.advanceTimersByTime(17);
    seen.add(row(`n-${digits(100)}`).textContent);
  }
  expect(seen.size).toBeGreaterThan(6);
  expect(seen.size).toBeLessThan(15);
  vi.advanceTimersByTime(400);
  expect(row(`n-${digits(100)}`).textContent).toContain("59 B");
});

test("a wide parent can be ordered and filtered", () => {
  draw();
  pass();
  twist("/wide");
  pass();
  const select = root.querySelector<HTMLSelectElement>(".tree-tools select")!;
  select.value = "newest";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  pass();
  expect(rows()[3]).toBe("n-0000000999");
  const input = root.querySelector<HTMLInputElement>(".tree-tools input")!;
  input.value = "77";
  input.dispatchEvent(new Event("input", { bubbles: true }));
  pass(600);
  expect(rows().slice(3)).toEqual(["n-0000000977", "n-0000000877", "n-0000000779", "n-0000000778", "n-0000000777", "n-0000000776", "n-0000000775", "n-0000000774", "n-0000000773", "n-0000000772", "n-0000000771", "n-0000000770", "n-0000000677", "n-0000000577", "n-0000000477", "n-0000000377", "n-0000000277", "n-0000000177", "n-0000000077"]);
  input.value = "no such";
  input.dispatchEvent(new Event("input", { bubbles: true }));
  pass(600);
  expect(root.querySelector(".row-note")?.textContent).toContain("No child");
});

test("what comes, changes and goes is marked by sign as well as by colour", () => {
  draw();
  pass();
  twist("/election");
  pass();
  forest.add(`/election/c_${digits(3)}`, { kind: "ephemeral" }, "", false);
  forest.remove(`/election/c_${digits(1)}`);
  forest.write("/config", "{}");
  pass();
  const signs = Object.fromEntries([...root.querySelectorAll(".row")].map((one) => [one.querySelector(".nm")?.textContent?.trim(), one.querySelector(".ch")?.textContent]));
  expect(signs).toMatchObject({ "c_0000000003": "+", "c_0000000001": "−", "/config": "~", "c_0000000000": "" });
  expect(row("c_0000000001").className).toContain("gone");
  expect(row("c_0000000001").getAttribute("aria-label")).toContain("deleted");
  expect(rows().indexOf("c_0000000001")).toBe(rows().indexOf("c_0000000000") + 1);
  pass(12_000);
  expect(rows()).not.toContain("c_0000000001");
  expect(row("c_0000000003").querySelector(".ch")?.textContent).toBe("");
});

test("the story's numerals stand on its rows, also on one that is gone", () => {
  const mark = (n: number, path: string) => ({ n, at: 1, on: "znode" as const, ref: path, path });
  const told = { id: "c1", at: 1, parts: [], marks: [mark(1, "/election/c_0000000000"), mark(2, `/election/c_${digits(1)}`)] };
  view = { ...view, story: { chapters: { c1: told }, order: ["c1"] } };
  forest.remove(`/election/c_${digits(1)}`);
  draw();
  pass();
  twist("/election");
  pass(12_000);
  expect(row("c_0000000000").querySelector(".num")?.textContent).toBe("1");
  expect(row("c_0000000001").querySelector(".num")?.textContent).toBe("2");
  expect(row("c_0000000001").getAttribute("aria-label")).toContain("step 2 of the story");
});

test("keys go through the tree", () => {
  draw();
  pass();
  const tree = root.querySelector<HTMLElement>("[role=tree]")!;
  const active = (): string | undefined => document.getElementById(tree.getAttribute("aria-activedescendant") ?? "")?.querySelector(".nm")?.textContent?.trim();
  press("Home");
  expect(active()).toBe("/config");
  press("ArrowDown");
  press("ArrowRight");
  pass();
  expect(row("/election").getAttribute("aria-expanded")).toBe("true");
  press("ArrowRight");
  expect(active()).toBe("c_0000000000");
  press("End");
  expect(active()).toBe("/wide");
  press("c");
  expect(active()).toBe("/config");
  press("c");
  expect(active()).toBe("c_0000000000");
  press("ArrowLeft");
  expect(active()).toBe("/election");
  press("Enter");
  expect(view.selection).toEqual({ kind: "znode", path: "/election" });
  press("ArrowLeft");
  pass();
  expect(rows()).toEqual(["/config", "/election", "/wide"]);
});

test("the selected node's znodes are lit, the selected znode is framed", () => {
  draw();
  pass();
  twist("/election");
  const node = { ...view.stage!.nodes["node-4"]!, owns: ["/election/c_0000000002"] };
  view = { ...view, selection: { kind: "node", id: "node-4" }, stage: { ...view.stage!, nodes: { "node-4": node } } };
  pass();
  expect(row("c_0000000002").className).toContain("own");
  view = { ...view, selection: { kind: "znode", path: "/config" } };
  pass();
  expect(row("/config").getAttribute("aria-selected")).toBe("true");
});

test("where data is redacted, the line and the inspector say so", () => {
  forest.add("/keys", { redacted: true }, "opensesame");
  forest.add("/vault", { redacted: true });
  forest.add("/vault/x", { redacted: true });
  pass();
  expect(row("/keys").querySelector(".rt")!.textContent).toBe("data not shown");
  expect(row("/keys").getAttribute("aria-label")).toContain("data not shown to you");
  expect(row("/vault").querySelector(".rt")!.textContent).toBe("1data not shown");
  expect(row("/config").querySelector(".rt")!.textContent).not.toContain("shown");
  view = { ...view, selection: { kind: "znode", path: "/keys" } };
  pass();
  const panel = root.querySelector("#zn-panel")!;
  expect(panel.textContent).toContain("Data of znodes here is not shown to you.");
  expect(panel.querySelector(".code, .zn-edit")).toBeNull();
});

async function go(path: string): Promise<string> {
  const input = root.querySelector<HTMLInputElement>(".goto input")!;
  input.value = path;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  root.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  for (let turn = 0; turn < 60; turn += 1) {
    pass(50);
    for (let step = 0; step < 4; step += 1) await Promise.resolve();
  }
  return root.querySelector(".goto-said")!.textContent ?? "";
}

test("a path that is typed is opened and shown, however wide its parent", async () => {
  draw();
  pass();
  expect(await go(`/wide/n-${digits(876)}`)).toBe("");
  expect(view.selection).toEqual({ kind: "znode", path: `/wide/n-${digits(876)}` });
  expect(row("n-0000000876").getAttribute("aria-selected")).toBe("true");
});

test("a path that is bad or absent is refused in words", async () => {
  draw();
  pass();
  expect(await go("//wide")).toContain("has '//' in it");
  expect(await go("/wide/a/b")).toBe("There is no znode /wide/a/b. The nearest above it is /wide.");
  expect(view.selection).toBeNull();
});

test("hostile names are text", () => {
  for (const name of ["<img src=x onerror=alert(1)>", "a\u202egpj", "__proto__", "constructor"]) forest.add(`/h-${name}`, {}, "<script>alert(1)</script>");
  draw();
  pass();
  expect(rows()).toEqual(expect.arrayContaining(["/h-<img src=x onerror=alert(1)>", "/h-a\\u202Egpj", "/h-__proto__", "/h-constructor"]));
  view = { ...view, selection: { kind: "znode", path: "/h-<img src=x onerror=alert(1)>" } };
  pass();
  expect(root.querySelector(".zn .code")?.textContent).toBe("<script>alert(1)</script>");
  expect(root.querySelectorAll("img, script")).toHaveLength(0);
});

test("the inspector shows data in its best form, and what is gone as past", () => {
  view = { ...view, selection: { kind: "znode", path: "/config" } };
  draw();
  pass();
  const pane = (): string => (root.querySelector(".zn")?.textContent ?? "").replace(/\s+/g, " ");
  expect(pane()).toContain("JSON, UTF-8, 7 bytes");
  expect(root.querySelector(".code")?.textContent).toBe('{  "a": 1}');
  show("text");
  expect(root.querySelector(".code")?.textContent).toBe('{"a":1}');
  forest.remove("/config");
  pass(3400);
  expect(pane()).toMatch(/Deleted 3 s ago/);
  expect(root.querySelector(".zn")?.className).toContain("past");
  expect(root.querySelector(".code")?.textContent).toBe('{"a":1}');
  forest.add("/config", {}, "[]", false);
  pass();
  expect(pane()).not.toContain("Deleted");
  root.querySelector<HTMLElement>("#zn-tab-stat")?.click();
  pass();
  expect(pane()).toContain("czxid");
});

test("nothing stays subscribed when the panels leave the page", () => {
  view = { ...view, selection: { kind: "znode", path: "/config" } };
  draw();
  pass();
  expect(forest.open.size).toBeGreaterThan(1);
  render(html``, root);
  expect([...forest.open]).toEqual([]);
});

describe("picking several", () => {
  const click = (name: string, more: MouseEventInit = {}, at = ".nm"): void => {
    row(name).querySelector(at)?.dispatchEvent(new MouseEvent("click", { bubbles: true, ...more }));
    pass();
  };
  const hit = (key: string, more: KeyboardEventInit = {}): void => {
    root.querySelector("[role=tree]")?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
    pass();
  };
  const picked = (): readonly string[] => view.hands.picked.paths;

  beforeEach(() => {
    void view.hands.learn(CHANGES);
    draw();
    pass();
    twist("/election");
    pass();
  });

  test("with Ctrl and with Shift, by path, whatever comes and goes meanwhile", () => {
    click("/config");
    // What is merely shown is not picked along.
    click("c_0000000001", { ctrlKey: true });
    expect(picked()).toEqual(["/election/c_0000000001"]);
    click("/config", { ctrlKey: true });
    click("c_0000000001", { ctrlKey: true });
    click("c_0000000001", { ctrlKey: true });
    expect(picked()).toEqual(["/config", "/election/c_0000000001"]);
    click("/wide", { shiftKey: true });
    expect(picked()).toEqual(["/config", "/election/c_0000000001", "/election/c_0000000002", "/wide"]);
    expect(root.querySelector(".bulk")?.textContent).toContain("4 picked");
    forest.add("/aaa", {}, "", false);
    forest.remove("/election/c_0000000002");
    pass();
    expect(picked()).toEqual(["/config", "/election/c_0000000001", "/wide"]);
    expect(row("c_0000000001").getAttribute("aria-checked")).toBe("true");
    expect(row("/aaa").getAttribute("aria-checked")).toBe("false");
    expect(row("c_0000000002").getAttribute("aria-checked")).toBeNull();
    click("/aaa");
    expect(picked()).toEqual([]);
  });

  test("stay picked while their windows are out of view", () => {
    twist("/wide");
    pass();
    click("n-0000000003", { ctrlKey: true });
    const scroller = root.querySelector<HTMLElement>(".tree-rows")!;
    scroller.scrollTop = 800 * 28;
    scroller.dispatchEvent(new Event("scroll"));
    pass(4000);
    expect([...forest.open].some((topic) => topic.includes("wide&offset=0"))).toBe(false);
    expect(picked()).toEqual(["/wide/n-0000000003"]);
    scroller.scrollTop = 0;
    scroller.dispatchEvent(new Event("scroll"));
    pass();
    expect(row("n-0000000003").getAttribute("aria-checked")).toBe("true");
  });

  test("a range over rows that are not loaded says how many are missing", () => {
    twist("/wide");
    pass();
    click("n-0000000003");
    hit("End");
    pass(3000);
    click("n-0000000998", { shiftKey: true });
    expect(view.hands.toasts.shown.at(-1)?.text).toMatch(/rows between them are not loaded/);
    expect(picked().length).toBeGreaterThan(100);
  });

  test("with the keyboard: the space bar, Shift and the arrows, Escape; and the menu key", () => {
    hit("Home");
    hit(" ");
    expect(picked()).toEqual(["/config"]);
    hit("ArrowDown", { shiftKey: true });
    hit("ArrowDown", { shiftKey: true });
    expect(picked()).toEqual(["/config", "/election", "/election/c_0000000000"]);
    hit("F10", { shiftKey: true });
    expect(view.hands.menu?.title).toBe("3 znodes");
    view.hands.menu?.close();
    hit("Escape");
    expect(picked()).toEqual([]);
    hit("ContextMenu");
    expect(view.hands.menu?.title).toBe("/election/c_0000000000");
    view.hands.menu?.close();
    hit("Delete");
    expect(view.hands.sheet?.kind).toBe("delete");
  });

  test("a key for a znode is for the line that the keyboard is on, also where another one is shown, and for none that is gone", () => {
    click("/config");
    hit("Home");
    hit("ArrowDown");
    expect(view.selection).toMatchObject({ path: "/config" });
    hit("F2");
    expect(view.hands.sheet?.kind).toBe("transfer");
    expect(view.hands.sheet).toMatchObject({ path: "/election" });
    view.hands.close();
    click("c_0000000000");
    forest.remove("/election/c_0000000000");
    pass();
    hit("Delete");
    expect(view.hands.sheet).toBeNull();
  });

  test("a right click means the row, or all that is picked with it", () => {
    const menu = (name: string): string | undefined => {
      row(name).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
      const title = view.hands.menu?.title;
      view.hands.menu?.close();
      return title;
    };
    expect(menu("/config")).toBe("/config");
    click("/config", { ctrlKey: true });
    click("/wide", { ctrlKey: true });
    expect(menu("/wide")).toBe("2 znodes");
    expect(menu("/election")).toBe("/election");
  });

  test("a finger that rests opens the menu, one that slips does not", () => {
    const touch = (kind: string, x: number): void => {
      const event = new PointerEvent(kind, { bubbles: true, pointerType: "touch", clientX: x, clientY: 5 });
      row("/config").dispatchEvent(event);
    };
    touch("pointerdown", 5);
    touch("pointermove", 30);
    pass(700);
    expect(view.hands.menu).toBeNull();
    touch("pointerdown", 5);
    pass(700);
    expect(view.hands.menu?.title).toBe("/config");
    view.hands.menu?.close();
    click("/config");
    expect(view.selection).toBeNull();
  });

  test("none of it is there for a viewer", () => {
    void view.hands.learn([]);
    pass();
    click("/config", { ctrlKey: true });
    hit(" ");
    hit("Delete");
    const event = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
    row("/config").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
    expect(picked()).toEqual([]);
    expect(view.hands.menu).toBeNull();
    expect(view.hands.sheet).toBeNull();
    expect(root.querySelectorAll(".bulk, .pk, .deed-bar, .root-bar")).toHaveLength(0);
    expect(row("/config").getAttribute("aria-checked")).toBeNull();
  });
});
