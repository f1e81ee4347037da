import { render } from "lit-html";
import { expect, it } from "vitest";
import { chain, node, NOW, sample, stage } from "../../gallery/samples";
import { heading } from "../../src/figure/heading";
import { stands } from "../../src/figure/marks";
import { arrowWords, stageWords } from "../../src/figure/stagewords";
import { overview } from "../../src/page/overview";
import type { View } from "../../src/page/view";
import type { Chapter, Failover, Group, Mark } from "../../src/protocol";

const ELECTION: Group = { path: "/election", kind: "election", layout: "course", members: [], leader: "" };
const REGISTRY: Group = { ...ELECTION, path: "/service_registry", kind: "registry" };

function text(view: View): string {
  const root = document.createElement("div");
  render(heading(view), root);
  root.querySelectorAll(".sr").forEach((one) => one.remove());
  return root.textContent!.replace(/\s+/g, " ").trim();
}

it("calls no herd a chain", () => {
  const nodes = chain([node(0), node(1), node(2)]);
  expect(arrowWords(stage(nodes))).toBe("each arrow is a watch on the one just ahead");
  const herd = nodes.map((one) => (one.watches ? { ...one, watches: "node-1" } : one));
  expect(arrowWords(stage(herd))).toBe("all watch the leader: a herd");
  expect(stageWords(stage(herd), ELECTION)).toBe("Lowest number leads; all watch the leader: a herd.");
  const mixed = chain([node(0), node(1), node(2), node(3)]).map((one) => (one.id === "node-4" ? { ...one, watches: "node-1" } : one));
  expect(arrowWords(stage(mixed))).toBe("each arrow is a watch");
});

const failing = (failover: Failover, groups: Group[] = [ELECTION, REGISTRY]): View => {
  const view = sample("failover", { width: 1600, height: 900 });
  return { ...view, stage: { ...view.stage!, failover }, groups: { groups: Object.fromEntries(groups.map((one) => [one.path, one])) } };
};

it("keeps the caption where a failover was not measured", () => {
  expect(text(failing({ at: NOW - 5_000, before: "node-2", after: "node-5", elect: 3 }))).toContain("Lowest number leads");
});

it("tells how the leader was lost beside how long that took", () => {
  const told = text(failing({ at: NOW - 5_000, before: "node-2", after: "node-5", detect: 4_500, elect: 3, way: "paused" }));
  expect(told).toContain("Lowest number leads.");
  expect(told).toContain("leader paused 4.5 s to detect");
  expect(told).toContain("3 ms to elect");
});

it("says that the stage shows now while an earlier chapter is told", () => {
  const view = sample("failover");
  const earlier: Chapter = { id: "c0", at: NOW - 60_000, parts: [], marks: [] };
  const back = { ...view, chapter: "c0", story: { chapters: { ...view.story!.chapters, c0: earlier }, order: ["c0", ...view.story!.order] } };
  expect(text(back)).toMatch(/The stage shows now, not \d\d:\d\d:\d\d\./);
  expect(text({ ...back, chapter: null })).not.toContain("The stage shows now");
});

it("tells of the address that went where a registry is on the stage", () => {
  const gone = node(3, { state: "dead", since: NOW - 3_000, znode: "/service_registry/n_0000000002", detected: 4_300, actions: ["dismiss"] });
  const registry = stage([gone, node(0, { znode: "/service_registry/n_0000000004" })], { group: "/service_registry", followed: "/election", leader: "" });
  expect(stageWords(registry, REGISTRY, false, NOW)).toBe("node-4 is gone: its address n_…2 went 4.3 s later.");
  expect(stageWords(registry, REGISTRY, false, NOW + 120_000)).toBe("Members of /service_registry. None of them leads.");
  expect(text({ ...failing({ at: 0, before: "", after: "" }), stage: registry })).toContain("Lanes: /election.");
});

it("sets no numeral of an election's watches between members of a registry", () => {
  const view = sample("failover");
  const marks: Mark[] = [{ n: 4, at: NOW, on: "node", ref: "node-5", moment: "w" }];
  const timeline = { ...view.timeline!, moments: { w: { id: "w", lane: "node-5", at: NOW, kind: "watch" as const, label: "watch fired" } } };
  const spot = (group: string) => stands({ id: "c", at: NOW, parts: [], marks }, { ...view.stage!, group, followed: "/election" }, timeline, [])[0]!.spot;
  expect([spot("/election"), spot("/service_registry")]).toEqual(["watch", "none"]);
});

it("offers the group that is gone by its name, so that another can be chosen", () => {
  const view = failing({ at: 0, before: "", after: "" });
  const root = document.createElement("div");
  render(heading({ ...view, stage: { ...view.stage!, group: "/election_herd" } }), root);
  expect(root.querySelector("select")!.value).toBe("/election_herd");
  expect(root.querySelector("option")!.textContent).toBe("/election_herd (gone)");
});

it("says in the side panel who leads the election beside a registry", () => {
  const registry = stage([node(0), node(1)], { group: "/service_registry", followed: "/election", followed_leader: "node-5", leader: "" });
  const root = document.createElement("div");
  render(overview({ ...failing({ at: 0, before: "", after: "" }), stage: registry }), root);
  expect(root.querySelector(".why")!.textContent!.replace(/\s+/g, " ")).toBe("2 members. A registry has no leader; in /election node-5 leads.");
});
