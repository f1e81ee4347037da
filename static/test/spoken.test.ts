import { render } from "lit-html";
import { expect, it } from "vitest";
import { AT_LATEST, SETTLED, Spoken } from "../src/page/spoken";
import type { View } from "../src/page/view";
import { NOW, sample } from "../gallery/samples";

const root = document.createElement("div");

function heard(spoken: Spoken, view: View): [string, string] {
  spoken.hear(view);
  render(spoken.draw(), root);
  const [polite, urgent] = [...root.querySelectorAll("p")].map((one) => one.textContent ?? "");
  return [polite ?? "", urgent ?? ""];
}

function happening(words: string, clock: number, more: Partial<View> = {}): View {
  const story = { order: ["a"], chapters: { a: { id: "a", at: NOW, parts: [{ kind: "text", text: words }] } } };
  return { ...sample("five"), clock, liveness: { word: "LIVE", since: NOW, why: "", held: false }, ...more, story } as unknown as View;
}

it("tells what happened once it has settled", () => {
  const spoken = new Spoken();
  expect(heard(spoken, happening("node-1 was killed", NOW))[0]).toBe("");
  expect(heard(spoken, happening("node-1 was killed; node-2 leads", NOW + 500))[0]).toBe("");
  expect(heard(spoken, happening("node-1 was killed; node-2 leads", NOW + 500 + SETTLED))[0]).toBe("node-1 was killed; node-2 leads");
});

it("tells a sentence that never settles now and then, not with each of its changes", () => {
  const spoken = new Spoken();
  const told = new Set<string>();
  for (let ms = 0; ms <= 3 * AT_LATEST; ms += 100) told.add(heard(spoken, happening(`${ms} znodes were created`, NOW + ms))[0]);
  told.delete("");
  expect([...told].length).toBeGreaterThanOrEqual(2);
  expect([...told].length).toBeLessThanOrEqual(3);
});

it("tells the loss of quorum at once, and not again while its reason is worded anew", () => {
  const spoken = new Spoken();
  const lost = (why: string) => happening("x", NOW, { liveness: { word: "NO QUORUM", since: NOW, why, held: false } });
  expect(heard(spoken, happening("x", NOW))[1]).toBe("Live");
  expect(heard(spoken, lost("1 of 3 serves."))[1]).toBe("NO QUORUM. 1 of 3 serves.");
  expect(heard(spoken, lost("None serves."))[1]).toBe("NO QUORUM. 1 of 3 serves.");
  expect(heard(spoken, happening("x", NOW))[1]).toBe("Live");
});
