// Where the numerals of a chapter stand: on what they tell of, on no word, no disc and not on each other. Pure.
import type { Mark, Stage } from "../protocol";
import type { Watch } from "./arcs";
import { loadHalf, loadTop, type Load } from "./loads";
import type { Stand } from "./marks";
import { BESIDE, type NodeText } from "./node";
import type { SessionLine } from "./sessions";
import { slabText, type Slab } from "./server";
import { slotCentre, type Point, type Slots } from "./slots";
import { textWidth } from "./text";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Placed {
  mark: Mark;
  at: Point;
  r: number;
}

/** What numerals must not cover: words, discs, marks; and what they should not: lines that tell of something else. */
export interface Ground {
  words: Box[];
  discs: { at: Point; r: number }[];
  /** Rings of nodes: only the numerals of the node itself touch one, where there is another place. */
  rings?: { of: string; at: Point; r: number }[];
  lines: { id: string; points: readonly Point[] }[];
  bounds: Box;
}

export interface Wish {
  mark: Mark;
  r: number;
  /** Best first. */
  spots: Point[];
  /** Id of the line that it is meant to stand on. */
  line: string;
  /** Id of the node that it stands at. */
  of?: string;
  /** From where to where it is clear that it is of that node: beside another's words it would be taken for theirs. */
  home?: { left: number; right: number };
}

const APART = 1.5;

/** A place for each wish, in their order; one that finds none free stands in the sentence, tree and timeline alone. */
export function placeNumerals(wishes: readonly Wish[], ground: Ground): Placed[] {
  const placed: Placed[] = [];
  for (const { mark, r, spots, line, of, home } of wishes) {
    const possible = spots.filter((at) => isFree(at, r, ground, placed));
    const athome = possible.filter((at) => !home || (at.x >= home.left && at.x <= home.right));
    const apart = (athome.length ? athome : possible).filter((at) => (ground.rings ?? []).every((one) => one.of === of || Math.hypot(one.at.x - at.x, one.at.y - at.y) >= one.r + r));
    const free = apart.length ? apart : athome.length ? athome : possible;
    const clear = free.find((at) => ground.lines.every((one) => one.id === line || one.points.every((point) => Math.hypot(point.x - at.x, point.y - at.y) > r + 1)));
    const at = clear ?? free[0];
    if (at) placed.push({ mark, at, r });
  }
  return placed;
}

function isFree(at: Point, r: number, ground: Ground, placed: readonly Placed[]): boolean {
  const { bounds } = ground;
  if (at.x - r < bounds.left || at.x + r > bounds.right || at.y - r < bounds.top || at.y + r > bounds.bottom) return false;
  return (
    placed.every((one) => Math.hypot(one.at.x - at.x, one.at.y - at.y) >= one.r + r + APART) &&
    ground.discs.every((one) => Math.hypot(one.at.x - at.x, one.at.y - at.y) >= one.r + r) &&
    ground.words.every((box) => distance(at, box) >= r)
  );
}

/** From a point to a box; 0 within it. */
function distance(at: Point, box: Box): number {
  return Math.hypot(Math.max(box.left - at.x, 0, at.x - box.right), Math.max(box.top - at.y, 0, at.y - box.bottom));
}

/** The boxes of the lines below a disc, in the order in which they are written. */
export function rowsOf(centre: Point, text: NodeText, slots: Slots): Box[] {
  const widths = [
    ...(text.name ? [{ width: textWidth(text.name, text.nameSize, true) + (text.beside ? textWidth(text.beside.head + text.beside.zeros, text.size) + textWidth(text.beside.digits, text.size, true) + BESIDE : 0), size: text.nameSize }] : []),
    ...(text.znode ? [{ width: textWidth(text.znode.head + text.znode.zeros + text.znode.digits, text.size) + 2, size: text.size }] : []),
    // Capitals of a leader are set wide; a pause mark stands before its word.
    ...text.lines.map((line) => ({ width: textWidth(line.text, text.size, line.tone !== "plain") * (line.tone === "lead" ? 1.17 : 1) + (line.tone === "fail" ? 18 : 0), size: text.size })),
  ];
  return widths.map(({ width, size }, i) => {
    const base = centre.y + slots.firstLine + i * slots.lineStep;
    return { left: centre.x - width / 2, right: centre.x + width / 2, top: base - size * 0.72, bottom: base + size * 0.2 };
  });
}

/** Spots around a disc, from the upper left on, then a step further out. */
function around(centre: Point, ring: number, r: number): Point[] {
  const angles = [225, 200, 245, 180, 160, 340, 315, 0, 20, 140, 40, 262];
  return [0, r].flatMap((more) => angles.map((angle) => {
    const turn = (angle * Math.PI) / 180;
    const far = ring * 0.98 + r * 0.75 + more;
    return { x: centre.x + Math.cos(turn) * far, y: centre.y + Math.sin(turn) * far };
  }));
}

function beside(row: Box, r: number): Point[] {
  const y = (row.top + row.bottom) / 2;
  return [{ x: row.right + r + 3, y }, { x: row.left - r - 3, y }, { x: row.right + 3 * r + 5, y }];
}

export interface Scenery {
  stage: Stage | null;
  slots: Slots;
  texts: ReadonlyMap<string, NodeText>;
  lines: readonly SessionLine[];
  slabs: readonly Slab[];
  watches: readonly Watch[];
  loads?: ReadonlyMap<string, Load>;
  now: number;
  bounds: Box;
}

const radius = (slots: Slots): number => (slots.ring < 34 ? 8.5 : 11);

/** The numerals of these stands on the stage; those of the ensemble as a whole stand at its title. */
export function numeralsFor(stands: readonly Stand[], scene: Scenery): Placed[] {
  const wishes = stands.flatMap((stand): Wish[] => {
    const r = stand.spot === "server" ? 11 : radius(scene.slots);
    const spots = stand.spot === "none" || stand.spot === "ensemble" ? [] : spotsFor(stand, scene, r);
    const node = scene.stage?.nodes[stand.of];
    const x = node ? slotCentre(scene.slots, node.slot).x : 0;
    const half = scene.slots.pitch / 2;
    // Lines lead out of the slot, and what stands on one is clear.
    const home = node && ["disc", "words", "second", "znode"].includes(stand.spot) ? { left: x - half, right: x + half } : undefined;
    return spots.length ? [{ mark: stand.mark, r, spots, of: stand.of, ...(home ? { home } : {}), line: stand.spot === "watch" ? (firedBy(stand.of, scene)?.id ?? "") : stand.spot === "session" ? `session ${stand.of}` : "" }] : [];
  });
  return placeNumerals(wishes, groundOf(scene));
}

const firedBy = (id: string, scene: Scenery): Watch | undefined => scene.watches.find((one) => one.of === id && one.kind === "fired");

/** Everything that the stage shows besides the numerals. */
export function groundOf(scene: Scenery): Ground {
  const { stage, slots, slabs } = scene;
  const ground: Ground = { words: [], discs: [], rings: [], lines: [], bounds: scene.bounds };
  for (const node of Object.values(stage?.nodes ?? {})) {
    const text = scene.texts.get(node.id);
    if (!text) continue;
    const centre = slotCentre(slots, node.slot);
    const r = slots.ring;
    ground.discs.push({ at: centre, r: r * 0.78 });
    ground.rings?.push({ of: node.id, at: centre, r: r + 2 });
    ground.words.push(...rowsOf(centre, text, slots));
    const load = scene.loads?.get(node.id);
    if (load && slots.load) ground.words.push(box(centre.x, centre.y + loadTop(slots) + slots.load / 2 - 4, loadHalf(load, slots), slots.load / 2));
    if (node.state === "dead") ground.discs.push({ at: { x: centre.x + r * 0.78, y: centre.y - r * 0.78 }, r: 10 });
    else if (!slots.lines && node.server) ground.words.push(box(centre.x + r * 0.78, centre.y + r * 0.72, 10, 8));
    if (node.leads) ground.words.push(box(centre.x, centre.y - r - 16, 16, 11));
  }
  for (const watch of scene.watches) {
    ground.lines.push({ id: watch.id, points: watch.points });
    const tip = /^M(-?[\d.]+) (-?[\d.]+)/.exec(watch.kind === "watch" ? watch.head : "");
    if (tip) ground.discs.push({ at: { x: Number(tip[1]), y: Number(tip[2]) }, r: 7 });
    if (watch.label) ground.words.push(box(watch.label.x, watch.label.y - 5, textWidth(watch.label.text, 13.5) / 2, 6));
  }
  for (const line of scene.lines) ground.lines.push({ id: `session ${line.node.id}`, points: [...line.spots, line.end] });
  for (const slab of slabs) {
    const { title, role, roleBelow, size } = slabText(slab, scene.now);
    const inset = slab.square ? slab.square + 20 : 8;
    const width = textWidth(roleBelow ? title : `${title} ${role}`, size, true);
    ground.words.push({ left: slab.x + inset, right: slab.x + inset + width, top: slab.y + 11, bottom: slab.y + slab.height });
    if (slab.square) ground.words.push({ left: slab.x + 10, right: slab.x + 10 + slab.square, top: slab.y + (slab.height - slab.square) / 2, bottom: slab.y + slab.height });
    if (slab.flag) ground.words.push(box(slab.x + 15, slab.y - 9, 8, 10));
  }
  return ground;
}

function box(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** Where a stand may be shown, best first; none where it has no place on the stage. */
export function spotsFor({ spot, of }: Stand, scene: Scenery, r: number): Point[] {
  if (spot === "server") {
    const slab = scene.slabs.find((one) => one.server.id === of);
    return slab ? [18, 43, 68, 93].filter((inset) => inset < slab.width - r).map((inset) => ({ x: slab.x + slab.width - inset, y: slab.y - 1 })) : [];
  }
  const node = scene.stage?.nodes[of];
  const text = scene.texts.get(of);
  if (!node || !text) return [];
  const centre = slotCentre(scene.slots, node.slot);
  const disc = around(centre, scene.slots.ring, r);
  const rows = rowsOf(centre, text, scene.slots);
  const heads = (text.name ? 1 : 0) + (text.znode ? 1 : 0);
  const line = rows[heads] ? beside(rows[heads], r) : [];
  if (spot === "words") return [...line, ...disc];
  if (spot === "second") return [...(rows[heads + 1] ? beside(rows[heads + 1]!, r) : []), ...line, ...disc];
  if (spot === "znode") return [...(text.znode ? beside(rows[heads - 1]!, r) : text.name ? beside(rows[0]!, r) : []), ...line, ...disc];
  // A watch that fired long ago is no longer drawn; the one that its node has now did not fire.
  if (spot === "watch") return [...(firedBy(of, scene)?.points.slice(1, 16) ?? []), ...disc];
  if (spot === "session") {
    const session = scene.lines.find((one) => one.node.id === of);
    return [...(session ? session.spots : []), ...disc];
  }
  return disc;
}
