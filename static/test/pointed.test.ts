import { afterEach, beforeEach, expect, it } from "vitest";
import { Pointed } from "../src/page/pointed";

let held = 0;
let pressed = 0;
let button: HTMLButtonElement;
let other: HTMLButtonElement;

beforeEach(() => {
  held = pressed = 0;
  document.body.innerHTML = `<button id="one">Add node</button><button id="two">Kill</button><input />`;
  button = document.querySelector("#one")!;
  other = document.querySelector("#two")!;
  // As a browser does: what has the focus is pressed, unless the key is taken.
  for (const one of [button, other]) one.addEventListener("keydown", (event) => event.key === " " && !event.defaultPrevented && pressed++);
});
afterEach(() => document.body.replaceChildren());
new Pointed(window, () => (held++, true)).start();

const press = (on: Element): KeyboardEvent => {
  const down = new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true });
  on.dispatchEvent(down);
  on.dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true, cancelable: true }));
  return down;
};
const click = (on: HTMLElement): void => {
  on.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  on.focus();
};

it("holds the picture after a click on a button, and does not press that again", () => {
  click(button);
  expect(press(button).defaultPrevented).toBe(true);
  expect([held, pressed]).toEqual([1, 0]);
});

it("leaves Space to a button that the keyboard led to", () => {
  button.focus();
  press(button);
  expect([held, pressed]).toEqual([0, 1]);
});

it("leaves Space to what the keyboard led to after a click elsewhere, and to the clicked one once it led back", () => {
  click(button);
  other.focus();
  press(other);
  button.focus();
  press(button);
  expect([held, pressed]).toEqual([0, 2]);
});

it("holds the picture after a click on a link of the navigation", () => {
  document.body.innerHTML = `<a href="/tree">Tree</a>`;
  const link = document.querySelector("a")!;
  click(link);
  press(link);
  expect(held).toBe(1);
});

it("leaves Space to rows of the tree, where it picks", () => {
  document.body.innerHTML = `<div role="treeitem" tabindex="0">/a</div>`;
  const row = document.querySelector<HTMLElement>("div")!;
  click(row);
  expect(press(row).defaultPrevented).toBe(false);
  expect(held).toBe(0);
});
