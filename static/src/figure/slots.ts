// Where nodes stand. Slots are fixed: the layout depends on the width and on how many slots are in use, in
// steps, never on which nodes come or go.

/** How much is written below a disc: all four lines; short wordings; name and place; place alone. */
export type Detail = "full" | "medium" | "small" | "tiny";

export interface Slots {
  columns: number;
  rows: number;
  pitch: number;
  /** Radius of the session ring; the disc is 0.74 of it. */
  ring: number;
  detail: Detail;
  /** Room above a row of discs for arcs and the crown. */
  arcRoom: number;
  /** From the centre of a disc to the first baseline below it, and from line to line. */
  firstLine: number;
  lineStep: number;
  /** px of a node's name, and of what is written below it. */
  nameSize: number;
  size: number;
  /** Lines below a disc, its name and its znode among them. */
  lineCount: number;
  /** There is no line for the znode: as much of it as fits stands beside the name. */
  beside: boolean;
  rowHeight: number;
  height: number;
  /** Room that the workload takes below each row, where there is one. */
  load?: number;
  /** All sessions can be drawn as lines to the servers: there is one row, so none crosses labels. */
  lines: boolean;
}

/** Slots of a row that are in step: the row grows only when one of these is passed. */
const STEPS = [7, 9, 12, 14, 16, 20, 24];
const MOST_IN_ROW = 12;

/** px that a name and a number of two digits beside it take, with what parts them from the next. */
export const NUMBERED = 90;

/** How close rows stand: at ease; compact discs with name, znode and state; with name and state alone. */
export type Closeness = 0 | 1 | 2;
const RINGS = { 0: 52, 1: 28, 2: 25 };

/** On a wall, names and numbers grow with the room that a slot has: px of the name by its least pitch. */
const WALL: readonly [pitch: number, size: number][] = [[180, 25], [148, 22], [118, 20], [84, 17]];

/** `wall`: it is shown to a room, and read from its last row. */
export function slotsFor(width: number, count: number, closeness: Closeness = 0, wall = false): Slots {
  const closest = width < 560 ? 50 : 64;
  const most = Math.max(4, Math.floor(width / closest));
  const rows = Math.ceil(Math.max(1, count) / Math.min(most, MOST_IN_ROW)) === 1 ? 1 : Math.max(2, Math.ceil(count / most));
  const wanted = Math.ceil(count / rows);
  const columns = Math.min(most, STEPS.find((step) => step >= wanted) ?? wanted);
  const pitch = width / columns;
  const compact = rows > 1 && closeness > 0;
  const ring = Math.min(compact ? RINGS[closeness] : 52, Math.max(12, Math.min(pitch * 0.4, 14 + pitch * 0.215)));
  const detail: Detail = pitch >= 112 ? "full" : pitch >= 72 ? "medium" : pitch >= 58 ? "small" : "tiny";
  const arcRoom = rows === 1 ? Math.min(104, Math.max(66, pitch * 0.76)) : ring * 0.95 + (detail === "tiny" || compact ? 6 : 12);
  const usual = detail === "full" ? 17 : 15;
  const nameSize = Math.max(usual, wall ? (WALL.find(([least]) => pitch >= least)?.[1] ?? 0) - (compact ? 3 : 0) : 0);
  const grown = nameSize - usual;
  const size = (detail === "tiny" ? 14 : 15) + (grown ? nameSize - 17 : 0);
  const lineStep = (compact ? 17 : detail === "full" ? 19 : 18) + Math.round(grown * 0.9);
  const firstLine = ring + (compact ? 19 : detail === "tiny" ? 20 : detail === "small" ? 21 : 25) + Math.round(grown * 0.6);
  const written = detail === "full" || detail === "medium" ? 4 : detail === "tiny" && rows > 1 ? 1 : 2;
  const lineCount = compact ? Math.min(written, 4 - closeness) : written;
  const rowHeight = arcRoom + ring + firstLine + (lineCount - 1) * lineStep + (compact ? 6 : 8);
  const beside = lineCount < 3 && pitch >= NUMBERED;
  return { columns, rows, pitch, ring, detail, arcRoom, firstLine, lineStep, nameSize, size, lineCount, beside, rowHeight, height: rows * rowHeight, lines: rows === 1 };
}

export interface Point {
  x: number;
  y: number;
}

/** Centre of the disc in a slot. */
export function slotCentre(slots: Slots, slot: number): Point {
  const row = Math.floor(slot / slots.columns);
  return { x: (slot % slots.columns) * slots.pitch + slots.pitch / 2, y: row * slots.rowHeight + slots.arcRoom + slots.ring };
}

export type Direction = "left" | "right" | "up" | "down";

/** Index of the point that an arrow key leads to from `from`, or -1: the nearest ahead, straight ahead before aside. */
export function neighbour(points: readonly Point[], from: number, direction: Direction): number {
  const start = points[from];
  if (!start) return -1;
  let best = -1;
  let least = Infinity;
  points.forEach((point, i) => {
    const dx = point.x - start.x;
    const dy = point.y - start.y;
    const [ahead, aside] = direction === "left" ? [-dx, dy] : direction === "right" ? [dx, dy] : direction === "up" ? [-dy, dx] : [dy, dx];
    if (ahead <= 1 || ((direction === "left" || direction === "right") && Math.abs(dy) > 30)) return;
    const cost = ahead + 3 * Math.abs(aside);
    if (cost < least) {
      least = cost;
      best = i;
    }
  });
  return best;
}
