import { html, render } from "lit-html";
import { describe, expect, it } from "vitest";
import { chain, ensemble, NOW, node, sample, server, stage } from "../../gallery/samples";
import { watches } from "../../src/figure/arcs";
import { stands } from "../../src/figure/marks";
import { nodeText } from "../../src/figure/node";
import { groundOf, numeralsFor, placeNumerals, spotsFor, type Scenery } from "../../src/figure/numerals";
import { slotCentre } from "../../src/figure/slots";
import { stageLayout } from "../../src/figure/stage";
import { nodeLines, serverLines } from "../../src/figure/words";
import { killNodeWords, nodeConsequence, actionOf, quorumWithout, serverConsequence, stopNodeWords, type Action } from "../../src/page/consequences";
import { expireAction } from "../../src/sessions/expireaction";
import { placeWords, standing, testimony, type Said } from "../../src/page/standing";
import type { Mark } from "../../src/protocol";

const said = (list: readonly Said[]) => list.map((part) => (typeof part === "string" ? part : part.name)).join("");
const action = (method: string) => actionOf(method) as Action;

describe("a cut-off leader whose session is gone", () => {
  const cut = node(0, { state: "dead", cause: "cut off too long", link: "cut off", connection: "suspended", elected: NOW - 60_000, actions: ["stop", "kill", "pause"] });
  const one = stage([cut, ...chain([node(1), node(2)])], { leader: "node-2" });
  it("is drawn and told as alive without a session", () => {
    expect(nodeLines(cut, one, NOW).map((line) => line.wordings[0])).toEqual(["lives, cut off", "says “I lead”"]);
    expect(placeWords(cut)).toBe("no session");
    expect(said(standing(cut, one, NOW))).toBe("node-1 has lost its session, and its znodes with it. Its process lives, cut off. It may still take itself for the leader.");
    expect(testimony(cut, one)).toEqual({ says: expect.stringContaining("“I lead”"), disagrees: "The tree says that node-2 leads." });
    expect(nodeConsequence(action("node.pause"), cut, one)).toBe("Freezes it. Its session is gone already.");
  });
  it("is none of the dead", () => {
    const killed = node(0, { state: "dead", cause: "kill -9", ended: NOW, actions: ["dismiss"] });
    expect(placeWords(killed)).toBe("gone");
  });
});

describe("without a quorum", () => {
  const dying = node(1, { state: "silent", ended: NOW - 9_000, cause: "kill -9", place: 2, watches: "node-1" });
  const lost = stage([node(0, { place: 1, leads: true }), dying], { leaderless: true });
  it("counts no session down", () => {
    expect(nodeLines(dying, lost, NOW).map((line) => line.wordings[0])).toEqual(["kill -9", "no quorum: session stands"]);
    expect(said(standing(dying, lost, NOW))).toContain("Without a quorum no session expires: its session stands.");
    expect(nodeConsequence(action("node.resume"), { ...dying, state: "paused", actions: ["resume"] }, lost)).toBe("Wakes it. Its session still lives.");
  });
  it("offers no Expire", () => {
    const root = document.createElement("div");
    const view = { ...sample("failover"), may: new Set(["session.expire"]), stage: lost };
    render(html`${expireAction(view, lost.nodes["node-1"]!)}`, root);
    expect(root.textContent).toContain("Not without a quorum: no session can end.");
    expect(root.querySelector("button")!.disabled).toBe(true);
  });
  it("promises no end of a session by Stop or Kill", () => {
    const whole = node(1, { place: 2 });
    expect(nodeConsequence(action("node.stop"), whole, lost)).toBe("Ends its process. Without a quorum its session and its znodes stay.");
    expect(nodeConsequence(action("node.kill"), whole, lost)).toBe("Without a quorum its session and its znodes stay.");
    expect(stopNodeWords(whole, lost)).toContain("its znodes stay until there is one again");
    expect(killNodeWords(whole, lost)).toContain("its znodes stay until there is one again");
  });
});

describe("beside a server that looks for a leader", () => {
  const looking = server(3, { role: "looking", actions: ["stop", "kill", "pause"] });
  const three = ensemble([server(1, { actions: ["stop", "kill", "pause"] }), server(2, { role: "leading" }), looking]);
  it("counts those that serve, not those that answer", () => {
    expect(three.quorum.up).toBe(3);
    expect(serverConsequence(action("server.kill"), looking, three)).toBe("Leaves 2 of 3: the quorum holds, can then lose none.");
    expect(quorumWithout(three.servers["1"]!, three)).toMatchObject({ up: 1, lost: true });
  });
  it("counts one of those that answer less where there is no quorum", () => {
    const none = ensemble([looking, server(1, { role: "looking" }), server(2, { role: "down" })]);
    expect(quorumWithout(looking, none).words).toBe("There is no quorum now. Killing server 3 leaves 1 of 3; 2 are needed.");
  });
});

it("tells how long links are cut by the cut, not by the role", () => {
  const cut = server(1, { link: "partly cut off", since: NOW - 480_000, link_since: NOW - 9_000 });
  expect(serverLines(cut, NOW)[1]).toEqual(["for 9 s"]);
});

describe("numerals", () => {
  const mark: Mark = { n: 2, at: NOW - 10_000, on: "session", ref: "node-1", label: "session expired" };
  const spot = (more: Parameters<typeof node>[1]) => stands({ id: "c", at: NOW, parts: [], marks: [mark] }, stage([node(0, more)]), null, [])[0]!.spot;
  it("of a session that ended stand on no line of a later one", () => {
    expect(spot({ joined: NOW - 5_000 })).toBe("disc");
    expect(spot({ joined: NOW - 60_000 })).toBe("session");
    expect(spot({ state: "dead", joined: NOW - 60_000 })).toBe("second");
  });

  const crowd = Array.from({ length: 8 }, (_, slot) => node(slot, slot % 2 ? { state: "dead", cause: "kill -9", ended: NOW, detected: 4_200, actions: ["dismiss"] } : {}));
  const scene = (nodes: typeof crowd): Scenery => {
    const one = stage(chain(nodes));
    const lay = stageLayout(one, sample("failover").ensemble, { width: 812, height: 460 });
    const texts = new Map(Object.values(one.nodes).map((each) => [each.id, nodeText(each, one, lay.slots, NOW)]));
    return { stage: one, slots: lay.slots, texts, slabs: lay.slabs, now: NOW, watches: watches(one, lay.slots, "", NOW), lines: [], bounds: { left: -10, right: 822, top: -8, bottom: lay.height } };
  };

  it("of how long a session lived on stand beside that line", () => {
    const set = scene(crowd);
    const spots = (of: "words" | "second") => spotsFor({ mark, spot: of, of: "node-2" }, set, 8)[0]!.y;
    expect(spots("second")).toBeGreaterThan(spots("words") + 10);
  });

  it("touch no neighbour where there is another place", () => {
    const set = scene(crowd);
    const ground = groundOf(set);
    for (const n of [1, 3, 5]) {
      const [placed] = numeralsFor([{ mark: { ...mark, n }, spot: "disc", of: `node-${n}` }], set);
      const touched = ground.rings!.filter((one) => one.of !== `node-${n}` && Math.hypot(one.at.x - placed!.at.x, one.at.y - placed!.at.y) < one.r + placed!.r);
      expect(touched).toEqual([]);
    }
    const wish = { mark, r: 8, spots: [{ x: 0, y: 0 }], line: "", of: "a" };
    expect(placeNumerals([wish], { ...ground, words: [], discs: [], lines: [], rings: [{ of: "b", at: { x: 4, y: 0 }, r: 9 }] })).toHaveLength(1);
  });

  it("stand in the slot of their own node where there is room", () => {
    const ground = { words: [], discs: [], lines: [], bounds: { left: -100, right: 400, top: -50, bottom: 50 } };
    const wish = { mark, r: 8, spots: [{ x: -30, y: 0 }, { x: 20, y: 0 }], line: "", of: "a", home: { left: 0, right: 100 } };
    expect(placeNumerals([wish], ground)[0]!.at.x).toBe(20);
    expect(placeNumerals([{ ...wish, spots: wish.spots.slice(0, 1) }], ground)[0]!.at.x).toBe(-30);
  });

  it("cover no arrowhead", () => {
    const set = scene([node(0), node(1)]);
    const head = /^M([\d.]+) ([\d.]+)/.exec(set.watches[0]!.head)!;
    const [placed] = numeralsFor([{ mark, spot: "disc", of: "node-1" }], set);
    expect(Math.hypot(Number(head[1]) - placed!.at.x, Number(head[2]) - placed!.at.y)).toBeGreaterThan(placed!.r + 4);
    expect(slotCentre(set.slots, 0).x).toBeGreaterThan(0);
  });
});
