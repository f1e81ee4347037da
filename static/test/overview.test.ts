import { html, render } from "lit-html";
import { expect, it } from "vitest";
import { sample } from "../gallery/samples";
import { nodePane } from "../src/page/nodepane";
import { overview } from "../src/page/overview";
import type { Intent, View } from "../src/page/view";

const root = document.body.appendChild(document.createElement("div"));
const text = (what: unknown): string => (render(html`${what}`, root), root.textContent!.replace(/\s+/g, " "));

it("says in an outage who led then, not who leads", () => {
  const view = sample("healthy");
  expect(text(overview(view))).toMatch(/ leads \d/);
  for (const word of ["NO QUORUM", "STALE", "OFFLINE", "BRIDGE GONE"] as const) {
    const cut = { ...view, liveness: { ...view.liveness, word } } as View;
    expect(text(overview(cut))).toMatch(/When ZooKeeper told last, .* led \d/);
    expect(text(overview(cut))).not.toMatch(/ leads \d/);
  }
});

it("can be closed where it tells of a node that is not there any more", () => {
  const asked: Intent[] = [];
  const view = { ...sample("healthy"), send: (intent: Intent) => asked.push(intent) };
  expect(text(nodePane(view, "node-99"))).toContain("not on the stage any more");
  root.querySelector("button")!.click();
  expect(asked).toEqual([{ want: "close-inspector" }]);
});
