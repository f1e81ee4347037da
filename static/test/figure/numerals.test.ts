import { describe, expect, it } from "vitest";
import { NOW, sample, SAMPLES } from "../../gallery/samples";
import { stands, told, type Stand } from "../../src/figure/marks";
import { nodeText } from "../../src/figure/node";
import { groundOf, numeralsFor, placeNumerals, type Ground, type Placed, type Scenery } from "../../src/figure/numerals";
import { watches } from "../../src/figure/arcs";
import { sessionLines } from "../../src/figure/sessions";
import { slotCentre } from "../../src/figure/slots";
import { stageLayout } from "../../src/figure/stage";
import type { Mark } from "../../src/protocol";

const mark = (n: number): Mark => ({ n, at: NOW, on: "node", ref: "" });
const place = (one: Stand) => `${one.mark.n} ${one.spot} ${one.of}`.trim();

function covers(placed: readonly Placed[], ground: Ground): string[] {
  const found: string[] = [];
  placed.forEach((one, i) => {
    for (const other of placed.slice(i + 1)) if (Math.hypot(one.at.x - other.at.x, one.at.y - other.at.y) < one.r + other.r) found.push(`${one.mark.n} lies on ${other.mark.n}`);
    for (const box of ground.words) {
      const away = Math.hypot(Math.max(box.left - one.at.x, 0, one.at.x - box.right), Math.max(box.top - one.at.y, 0, one.at.y - box.bottom));
      if (away < one.r) found.push(`${one.mark.n} lies on words at ${Math.round(box.left)} ${Math.round(box.top)}`);
    }
  });
  return found;
}

describe.each(Object.keys(SAMPLES))("sample %s", (name) => {
  it.each([[358, 0], [640, 460], [912, 480], [1500, 560]])("sets numerals on no words and not on each other at %i x %i", (width, height) => {
    const view = sample(name);
    const { stage, ensemble } = view;
    if (!stage) return;
    const lay = stageLayout(stage, ensemble, { width, height });
    const nodes = Object.values(stage.nodes);
    // Beside the sample's own marks, six that all want the same node, and one at each server.
    const crowd = nodes.slice(0, 3).flatMap((node): Stand[] =>
      (["disc", "words", "znode", "watch", "session", "disc"] as const).map((spot, i) => ({ mark: mark(11 + i), spot, of: node.id })));
    const servers = Object.keys(ensemble?.servers ?? {}).flatMap((id): Stand[] => [{ mark: mark(30), spot: "server", of: id }, { mark: mark(31), spot: "server", of: id }]);
    const wanted = [...stands(told(view.story, null), stage, view.timeline, Object.keys(ensemble?.servers ?? {})), ...crowd, ...servers];
    const texts = new Map(nodes.map((one) => [one.id, nodeText(one, stage, lay.slots, NOW, wanted)]));
    const feet = new Map(nodes.map((one) => [one.id, { x: slotCentre(lay.slots, one.slot).x, y: slotCentre(lay.slots, one.slot).y + lay.slots.firstLine + 60 }]));
    const scene: Scenery = {
      stage, slots: lay.slots, texts, slabs: lay.slabs, now: NOW, watches: watches(stage, lay.slots, "", NOW),
      lines: lay.slots.lines ? sessionLines(nodes, feet, lay.slabs, "") : [], bounds: { left: -10, right: lay.width + 10, top: -8, bottom: lay.height },
    };
    const placed = numeralsFor(wanted, scene);
    expect(covers(placed, groundOf(scene))).toEqual([]);
    // The sample's own marks, which come first, all find a place.
    const own = wanted.filter((one) => one.mark.n < 10 && one.spot !== "none" && one.spot !== "ensemble");
    expect(placed.filter((one) => one.mark.n < 10)).toHaveLength(own.length);
  });
});

it("leaves a numeral out rather than cover a word", () => {
  const ground: Ground = { words: [{ left: 0, right: 40, top: 0, bottom: 20 }], discs: [], lines: [], bounds: { left: -50, right: 300, top: -50, bottom: 50 } };
  const wish = (n: number, spots: { x: number; y: number }[]) => ({ mark: mark(n), r: 8, spots, line: "" });
  expect(placeNumerals([wish(1, [{ x: 20, y: 10 }]), wish(2, [{ x: 44, y: 10 }, { x: 60, y: 10 }]), wish(3, [{ x: 62, y: 10 }])], ground).map((one) => [one.mark.n, one.at.x])).toEqual([[2, 60]]);
});

it("prefers a spot where no line of something else runs", () => {
  const ground: Ground = { words: [], discs: [], lines: [{ id: "own", points: [{ x: 10, y: 0 }] }, { id: "other", points: [{ x: 40, y: 0 }] }], bounds: { left: 0, right: 300, top: -50, bottom: 50 } };
  const spots = [{ x: 40, y: 0 }, { x: 10, y: 0 }, { x: 90, y: 0 }];
  expect(placeNumerals([{ mark: mark(1), r: 8, spots, line: "own" }], ground)[0]!.at.x).toBe(10);
  expect(placeNumerals([{ mark: mark(1), r: 8, spots: spots.slice(0, 1), line: "own" }], ground)[0]!.at.x).toBe(40);
});

it("puts what is of the whole ensemble at its title, and what has no place nowhere", () => {
  const view = sample("sixteen");
  expect(stands(told(view.story, null), view.stage, view.timeline, ["1", "2", "3"]).map(place)).toEqual(["1 disc node-16", "2 znode node-16", "3 disc node-16", "4 ensemble", "5 none"]);
  const lost = { id: "c", at: NOW, parts: [], marks: [{ n: 1, at: NOW, on: "server" as const, ref: "3", label: "server 3 killed" }, { n: 2, at: NOW, on: "server" as const, ref: "", label: "quorum lost" }] };
  expect(stands(lost, view.stage, view.timeline, ["1", "2", "3"]).map(place)).toEqual(["1 server 3", "2 ensemble"]);
});
