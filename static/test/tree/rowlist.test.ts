import { beforeEach, expect, test } from "vitest";
import type { Line } from "../../src/tree/model";
import { RowList } from "../../src/tree/rowlist";
import type { Looks } from "../../src/tree/rows";
import { random } from "./random";

let block: HTMLElement;
let rows: RowList;
const looks: Looks = { now: 10_000, selected: null, owned: new Set(), numerals: new Map(), expanded: () => false, active: -1, picked: null };

beforeEach(() => {
  block = document.createElement("div");
  rows = new RowList();
});

const kept = new Map<string, Extract<Line, { kind: "znode" }>["row"]>();

function line(name: string, index: number): Line {
  const row = kept.get(name) ?? { name, kind: "persistent" as const };
  kept.set(name, row);
  return { kind: "znode", parent: "/", index, depth: 2, total: 1000, path: `/${name}`, row };
}

function draw(names: string[], from = 0, looking = looks): void {
  rows.draw(block, names.map((name, at) => [from + at, line(name, from + at)] as [number, Line]), looking, (at) => at * 28);
}

const texts = (): (string | undefined)[] => [...block.children].map((row) => row.querySelector(".nm")?.textContent?.trim());
const names = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `n${from + at}`);

test("a line that stays keeps its element and its place; one that comes takes the element of one that left", () => {
  draw(names(0, 40));
  const before = [...block.children];
  const watched: MutationRecord[] = [];
  const observer = new MutationObserver((records) => watched.push(...records));
  observer.observe(block, { childList: true, subtree: true, characterData: true });
  draw(names(8, 48), 8);
  watched.push(...observer.takeRecords());
  expect(texts()).toEqual(names(8, 48));
  const after = [...block.children];
  expect(after.slice(0, 32)).toEqual(before.slice(8));
  expect(new Set(after)).toEqual(new Set(before));
  const touched = new Set(watched.flatMap(({ target, addedNodes }) => [target, ...addedNodes]).map((node) => after.find((row) => row.contains(node))).filter(Boolean));
  expect(touched.size).toBe(8);
  expect((after[0] as HTMLElement).style.transform).toBe("translateY(224px)");
});

test("nothing is written into a row of which nothing changed", async () => {
  draw(names(0, 40));
  let records = 0;
  const observer = new MutationObserver((some) => (records += some.length));
  observer.observe(block, { childList: true, subtree: true, characterData: true, attributes: true });
  draw(names(0, 40));
  records += observer.takeRecords().length;
  expect(records).toBe(0);
  kept.set("n7", { name: "n7", kind: "persistent", size: 5, version: 3, changed: 9_500, change: "data" });
  draw(names(0, 40));
  const changed = observer.takeRecords();
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.every(({ target }) => block.children[7]?.contains(target))).toBe(true);
  expect(block.children[7]?.className).toBe("row chg");
  expect((block.children[7] as HTMLElement).style.getPropertyValue("--age")).toBe("1");
  kept.delete("n7");
});

test("whatever comes, goes and changes places, the rows stand in the order of the lines", () => {
  const any = random(7);
  let order = names(0, 30);
  for (let round = 0; round < 300; round += 1) {
    const at = any.below(order.length + 1);
    const step = any.below(5);
    if (step === 0) order.splice(at, 0, ...names(1000 + round * 10, 1000 + round * 10 + any.below(5)));
    else if (step === 1) order.splice(at, any.below(6));
    else if (step === 2) order = [...order.slice(at), ...order.slice(0, at)];
    else if (step === 3) order = order.slice(any.below(3)).concat(names(5000 + round * 10, 5000 + round * 10 + any.below(4)));
    else order.sort(() => any.below(3) - 1);
    draw(order, any.below(500));
    expect(texts()).toEqual(order);
  }
});

test("a znode that two windows hold at a time is shown twice and not lost", () => {
  draw(["a", "b", "b", "c"]);
  expect(texts()).toEqual(["a", "b", "b", "c"]);
  draw(["a", "b", "c"]);
  expect(texts()).toEqual(["a", "b", "c"]);
});
