import { html, render } from "lit-html";
import { beforeEach, expect, test } from "vitest";
import { Bench, target } from "./support";

let bench: Bench;
let opener: HTMLButtonElement;

beforeEach(async () => {
  bench = await Bench.operator();
  opener = document.createElement("button");
  document.body.append(opener);
});

async function menuOf(...targets: Parameters<typeof target>[]): Promise<void> {
  bench.hands.openMenu(bench.view, targets.map((one) => target(...one)), { x: 10, y: 10 }, opener);
  draw();
  await Promise.resolve();
}

function draw(): void {
  render(html`${bench.hands.menu?.view()}`, bench.root);
}

const press = (key: string): void => {
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  draw();
};
const here = (): string => document.activeElement?.querySelector("b")?.textContent ?? document.activeElement?.tagName ?? "";

test("it begins with its first item, and arrows, Home, End and letters go through it", async () => {
  await menuOf(["/app", { children: 2 }]);
  expect(here()).toBe("Copy path");
  press("ArrowUp");
  expect(here()).toBe("Delete with all below…");
  press("ArrowDown");
  press("ArrowDown");
  expect(here()).toBe("Compare…");
  press("m");
  expect(here()).toBe("Move to…");
  press("c");
  expect(here()).toBe("Copy path");
  press("End");
  press("Home");
  expect(here()).toBe("Copy path");
});

test.each(["Escape", "Tab"])("%s closes it, and gives the keyboard back", async (key) => {
  await menuOf(["/app"]);
  press(key);
  expect(bench.hands.menu).toBeNull();
  expect(document.activeElement).toBe(opener);
});

test("a press beside it closes it and nothing else", async () => {
  await menuOf(["/app"]);
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  expect(bench.hands.menu).toBeNull();
  expect(bench.hands.sheet).toBeNull();
});

test("what cannot be done says why, and does nothing", async () => {
  await menuOf(["/app", { children: 2 }]);
  const item = bench.root.querySelector<HTMLElement>('[data-deed="delete"]')!;
  expect(item.getAttribute("aria-disabled")).toBe("true");
  expect(item.textContent).toContain("Refused while it has 2 children.");
  item.click();
  expect(bench.hands.menu).not.toBeNull();
  bench.root.querySelector<HTMLElement>('[data-deed="clear"]')!.click();
  expect(bench.hands.sheet?.kind).toBe("clear");
});

test("each item stands among those that cost as much, each with its consequence", async () => {
  await menuOf(["/app"]);
  const groups = [...bench.root.querySelectorAll("[role=group]")].map((group) => `${group.getAttribute("aria-label")}: ${group.querySelectorAll("[role=menuitem]").length}`);
  expect(groups).toEqual(["Changes nothing: 3", "Adds to the tree: 3", "Changes what is there: 3", "Deletes data: 2"]);
  for (const item of bench.root.querySelectorAll("[role=menuitem] small")) expect(item.textContent).not.toBe("");
});

test("of several znodes only what can be done to all of them", async () => {
  await menuOf(["/a"], ["/b"]);
  expect([...bench.root.querySelectorAll("[role=menuitem] b")].map((one) => one.textContent)).toEqual(["Copy path", "Export…", "Change ACL…", "Delete…"]);
});

test("nothing is changed while the page is cut off", async () => {
  bench.view = { ...bench.view, liveness: { ...bench.view.liveness, held: true } };
  await menuOf(["/app"]);
  expect(bench.root.querySelector('[data-deed="create"]')?.textContent).toContain("Not while the page is cut off.");
  expect(bench.root.querySelector('[data-deed="copy-path"]')?.getAttribute("aria-disabled")).toBeNull();
});

test("a viewer has no menu, no keys and no works", async () => {
  const viewer = new Bench();
  await viewer.hands.learn(["audit.read"]);
  expect(viewer.hands.openMenu(viewer.view, [target("/app")], { x: 0, y: 0 }, null)).toBe(false);
  viewer.hands.act("copy-path", [target("/app")], viewer.view);
  viewer.hands.act("create", [target("/app")], viewer.view);
  expect(viewer.hands.sheet).toBeNull();
  expect(viewer.office.asked).toEqual([]);
});

test("names the keys that work where it was opened: in the tree letters look for names", async () => {
  const keys = (): Record<string, string> =>
    Object.fromEntries([...bench.root.querySelectorAll("[role=menuitem]")].map((item) => [item.querySelector("b")?.textContent ?? "", item.querySelector("kbd")?.textContent ?? ""]));
  bench.hands.edit = () => {};
  await menuOf(["/app"]);
  expect(keys()).toMatchObject({ "Create child…": "n", "Edit data": "e", "Move to…": "m", "Rename…": "F2", "Delete…": "Del" });
  press("Escape");
  opener.setAttribute("role", "tree");
  await menuOf(["/app"]);
  expect(keys()).toMatchObject({ "Create child…": "Ins", "Edit data": "", "Move to…": "", "Rename…": "F2", "Delete…": "Del" });
});
