// Watches: an arc from the watcher to what it watches, longer arcs higher, so that nested ones do not cross.
import { nothing, svg, type SVGTemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Node, Stage } from "../protocol";
import { slotCentre, type Point, type Slots } from "./slots";
import { plain } from "./text";

/** For how long a fired watch is drawn, fading. */
export const FIRED_FOR = 10_000;

export interface Arc {
  path: string;
  /** The arrow's head, a triangle. */
  head: string;
  /** Points from the watcher on: where a numeral may stand, and what others should not cover. */
  points: Point[];
}

const SHARES = Array.from({ length: 24 }, (_, i) => 0.06 + 0.04 * i);

const round = (n: number): number => Math.round(n * 10) / 10;

/**
 * The arc between two discs. `room` is the height above the discs that arcs may use, `longest` the longest distance;
 * `crowned`: a crown stands above the disc that it leads to.
 */
export function arcBetween(from: Point, to: Point, ring: number, room: number, longest: number, crowned = false): Arc {
  const across = to.x - from.x;
  const far = Math.min(1, Math.hypot(across, to.y - from.y) / Math.max(1, longest));
  const side = across < 0 ? -1 : 1;
  // Short arcs leave and arrive more from the side, long ones from above: so they nest. A crown is not run over.
  const leave = ((52 - 34 * far) * Math.PI) / 180;
  const arrive = crowned ? Math.max(leave, 0.6) : leave;
  const start = { x: from.x + side * Math.sin(leave) * (ring + 4), y: from.y - Math.cos(leave) * (ring + 4) };
  const end = { x: to.x - side * Math.sin(arrive) * (ring + 5), y: to.y - Math.cos(arrive) * (ring + 5) };
  const lift = (0.26 + 0.74 * Math.pow(far, 0.95)) * room;
  const peak = Math.min(from.y, to.y) - ring - lift;
  // A cubic whose ends are level reaches three quarters of the way to its control points.
  const controlY = (peak - 0.25 * ((start.y + end.y) / 2)) / 0.75;
  const reach = Math.abs(end.x - start.x) * (0.16 + 0.06 * far);
  const c1 = { x: start.x + side * reach, y: controlY };
  const c2 = { x: end.x - side * reach, y: controlY };
  const angle = Math.atan2(end.y - c2.y, end.x - c2.x);
  const length = Math.min(11, ring * 0.4);
  const neck = { x: end.x - Math.cos(angle) * length, y: end.y - Math.sin(angle) * length };
  const wide = length * 0.48;
  const left = { x: neck.x - Math.sin(angle) * wide, y: neck.y + Math.cos(angle) * wide };
  const right = { x: neck.x + Math.sin(angle) * wide, y: neck.y - Math.cos(angle) * wide };
  const at = (t: number): Point => {
    const u = 1 - t;
    const mix = (a: number, b: number, c: number, d: number): number => u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
    return { x: mix(start.x, c1.x, c2.x, neck.x), y: mix(start.y, c1.y, c2.y, neck.y) };
  };
  return {
    path: `M${round(start.x)} ${round(start.y)}C${round(c1.x)} ${round(c1.y)} ${round(c2.x)} ${round(c2.y)} ${round(neck.x)} ${round(neck.y)}`,
    head: `M${round(end.x)} ${round(end.y)}L${round(left.x)} ${round(left.y)}L${round(right.x)} ${round(right.y)}Z`,
    points: SHARES.map(at),
  };
}

export interface Watch extends Arc {
  id: string;
  /** Ids of the watcher and of what it watches. */
  of: string;
  on: string;
  kind: "watch" | "fired";
  weight: "strong" | "plain" | "pale";
  /** 1 to 0 while a fired one fades. */
  fade: number;
  says: string;
  /** Of a watch on a node in another row: what is watched, written above an arrow that leads there. */
  label?: { text: string; x: number; y: number };
}

/** An arrow upwards from a disc: an arc to another row would run over the words in between. */
function stub(from: Point, ring: number): Arc {
  const y = from.y - ring - 4;
  return {
    path: `M${round(from.x)} ${round(y)}V${round(y - 7)}`, head: `M${round(from.x)} ${round(y - 14)}l-4 8h8z`,
    points: [{ x: from.x, y: y - 6 }, { x: from.x, y: y - 12 }],
  };
}

/** The longest distance that an arc of this stage spans, at least that of four slots: so short arcs stay low. */
export function longestWatch(stage: Stage, slots: Slots): number {
  let most = Math.min(4, slots.columns - 1);
  for (const node of Object.values(stage.nodes))
    for (const other of [node.watches, node.fired?.on]) {
      const end = other ? stage.nodes[other] : undefined;
      if (end) most = Math.max(most, Math.abs((node.slot % slots.columns) - (end.slot % slots.columns)));
    }
  return most * slots.pitch;
}

/** Every arc to draw, pale ones first: with several rows all but those of the selected node and of the leader are pale. */
export function watches(stage: Stage, slots: Slots, selected: string, now: number): Watch[] {
  const list: Watch[] = [];
  const crowded = slots.rows > 1;
  const room = slots.arcRoom - (slots.rows === 1 ? 6 : 2);
  const longest = longestWatch(stage, slots);
  const row = (one: Node): number => Math.floor(one.slot / slots.columns);
  const between = (a: Node, b: Node): Arc & Pick<Watch, "label"> => {
    const from = slotCentre(slots, a.slot);
    if (row(a) === row(b)) return across(a, b);
    const top = from.y - slots.ring;
    const name = plain(b.numeral).slice(0, 4);
    // Between close rows there is room beside the arrow only.
    const label = slots.pitch > 90 ? { text: `watches ${name}`, x: from.x, y: top - 22 } : { text: name, x: from.x - 6 - 3.5 * name.length, y: top - 7 };
    return { ...stub(from, slots.ring), label };
  };
  const across = (a: Node, b: Node): Arc => arcBetween(slotCentre(slots, a.slot), slotCentre(slots, b.slot), slots.ring, room, longest, b.leads);
  for (const node of Object.values(stage.nodes)) {
    const ahead = node.watches ? stage.nodes[node.watches] : undefined;
    if (ahead && ahead !== node && node.state !== "dead") {
      const chosen = node.id === selected || ahead.id === selected;
      const leads = ahead.id === stage.leader;
      list.push({
        ...between(node, ahead), id: `${node.id} ${ahead.id}`, of: node.id, on: ahead.id, kind: "watch", fade: 1, says: `${plain(node.name)} watches ${plain(ahead.name)}`,
        weight: node.id === selected ? "strong" : crowded && !chosen && !leads ? "pale" : "plain",
      });
    }
    const fired = node.fired;
    const was = fired ? stage.nodes[fired.on] : undefined;
    if (fired && was && was !== node && now - fired.at < FIRED_FOR)
      list.push({
        ...between(node, was), id: `${node.id} ${was.id} fired`, of: node.id, on: was.id, kind: "fired", weight: "plain", fade: 1 - Math.max(0, now - fired.at) / FIRED_FOR,
        says: `${plain(node.name)}’s watch on ${plain(was.name)} fired`,
      });
  }
  const rank = { pale: 0, plain: 1, strong: 2 };
  return list.sort((a, b) => rank[a.weight] - rank[b.weight]);
}

/** Arcs and their heads, and above all of them the words: a later arc would go through an earlier one's. */
export function drawWatches(list: Watch[]): SVGTemplateResult {
  return svg`${repeat(list, (one) => one.id, (one) =>
    one.kind === "fired"
      ? svg`<path class="arc fired" d=${one.path} opacity=${(0.15 + 0.85 * one.fade).toFixed(2)}><title>${one.says}</title></path>`
      : svg`<g class="watch ${one.weight}"><title>${one.says}</title><path class="arc" d=${one.path}></path><path class="arc-head" d=${one.head}></path></g>`,
  )}${repeat(list, (one) => one.id, (one) =>
    one.kind !== "fired" && one.label
      ? svg`<g class="watch ${one.weight}"><text class="watch-words" x=${one.label.x} y=${one.label.y}>${one.label.text}</text></g>`
      : nothing,
  )}`;
}
