// The lanes of the timeline in px: what lies where in a window. Pure.
import type { Chapter, Lane, Moment, Span, Timeline } from "../protocol";
import { foldedWords, orderLanes } from "./laneorder";
import { placeLabels, type Placed, type Wanted } from "./labels";
import { fit, plain, textWidth } from "./text";
import { burstsOf, scaleFor, type Scale, type Window } from "./timescale";
import { duration } from "./words";

/** px of what is written in the lanes. */
export const LABEL_SIZE = 14;

export interface Row {
  lane: Lane;
  y: number;
}

export interface Piece {
  id: string;
  kind: Span["kind"];
  y: number;
  from: number;
  to: number;
  /** It began before the window, or goes on after it. */
  opensBefore: boolean;
  endsAfter: boolean;
}

export interface PlacedMoment {
  moment: Moment;
  x: number;
  y: number;
  /** Numeral of the chapter that is told; 0 for none. */
  n: number;
}

export interface Cause {
  id: string;
  from: { x: number; y: number };
  to: { x: number; y: number };
  watch: boolean;
}

export interface Lanes {
  rows: Row[];
  step: number;
  height: number;
  scale: Scale;
  pieces: Piece[];
  moments: PlacedMoment[];
  labels: (Placed & { bold: boolean; stretched: boolean; tone: string })[];
  causes: Cause[];
  /** One line for the lanes that have nothing in the window. */
  folded: { y: number; text: string } | null;
  /** What is said of the gaps, on plates of their own. */
  gaps: { x: number; y: number; width: number; text: string }[];
}

/** How much a label of this kind matters. Ordinary writes go without. */
const WEIGHTS: Partial<Record<Moment["kind"], number>> = {
  leads: 8, leading: 8, killed: 7, stopped: 7, exited: 7, expired: 7.5, paused: 7, cut: 7, healed: 6.5, down: 7, resumed: 6.5, suspended: 6, looking: 6,
  reconnected: 5.5, watch: 6, session: 5, created: 4.5, deleted: 4.6, started: 4, following: 3, acknowledged: 3.5, data: 2, other: 2,
};
const BOLD = new Set<Moment["kind"]>(["leads", "leading", "killed", "expired", "paused", "cut"]);
const TO_THE_LEFT = new Set<Moment["kind"]>(["killed", "stopped", "exited", "paused", "cut", "expired", "acknowledged", "session"]);

export interface Room {
  width: number;
  gutter: number;
  step: number;
  /** Fewer labels: only what matters most. */
  spare: boolean;
  /** Lanes that can be seen without scrolling. */
  fits: number;
}

export function layLanes(timeline: Timeline, window: Window, chapter: Chapter | null, room: Room): Lanes {
  const { step } = room;
  const order = orderLanes(timeline, window, chapter, room.fits);
  const rows = order.lanes.map((lane, i) => ({ lane, y: i * step + step / 2 + 2 }));
  const rowOf = new Map(rows.map((row, i) => [row.lane.id, i]));
  const numerals = new Map((chapter?.marks ?? []).filter((one) => one.moment).map((one) => [one.moment!, one.n]));
  const inside = Object.values(timeline.moments).filter((one) => one.at >= window.start && one.at <= window.end && rowOf.has(one.lane));
  const turn = (one: Moment): number => numerals.get(one.id) ?? 99;
  inside.sort((a, b) => a.at - b.at || turn(a) - turn(b) || (a.id < b.id ? -1 : 1));
  const told = chapter?.marks?.flatMap((mark) => (mark.moment ? [timeline.moments[mark.moment]?.at ?? NaN] : [])) ?? [];
  const scale = scaleFor(window.start, window.end, room.gutter, room.width, burstsOf(inside.map((one) => one.at)), (burst) =>
    told.filter((at) => at >= burst.start && at <= burst.end).length * 1_000 + Math.min(burst.count, 20));
  const stretchAt = (at: number): number => scale.stretches.findIndex((one) => at >= one.start && at <= one.end);

  const moments = inside.map((moment): PlacedMoment => ({ moment, x: scale.x(moment.at), y: rows[rowOf.get(moment.lane)!]!.y, n: numerals.get(moment.id) ?? 0 }));
  separate(moments, 17);
  // A span begins and ends where the mark of its beginning and end stands.
  const shown = new Map(moments.map((one) => [`${one.moment.lane} ${one.moment.at}`, one.x]));
  const edge = (lane: string, when: number): number => shown.get(`${lane} ${when}`) ?? scale.x(when);
  const at = new Map(moments.map((one) => [one.moment.id, one]));

  const pieces = Object.values(timeline.spans).flatMap((span): Piece[] => {
    const row = rowOf.get(span.lane);
    const end = span.end ?? window.end;
    if (row === undefined || end <= window.start || span.start >= window.end) return [];
    return [{ id: span.id, kind: span.kind, y: rows[row]!.y, from: edge(span.lane, span.start), to: Math.max(edge(span.lane, span.start), edge(span.lane, end)), opensBefore: span.start < window.start, endsAfter: span.end === undefined || span.end > window.end }];
  });
  const wanted: (Wanted & { bold: boolean; tone: string })[] = [];
  for (const one of moments) {
    const burst = scale.stretches[stretchAt(one.moment.at)];
    const want = labelOf(one, rowOf.get(one.moment.lane)!, burst?.start ?? null, room.spare);
    if (want) wanted.push(burst || !isPiled(one, moments) ? want : { ...want, wordings: [] });
  }
  for (const span of Object.values(timeline.spans)) {
    const row = rowOf.get(span.lane);
    const piece = pieces.find((one) => one.id === span.id);
    if (row === undefined || !piece) continue;
    if (span.kind === "silent" || span.kind === "paused") {
      const lasted = (span.end ?? window.end) - span.start;
      const text = `${span.kind === "silent" ? "silent " : ""}${duration(lasted)}`;
      wanted.push({ id: `span ${span.id}`, row, x: piece.from, mark: 10, weight: 5.2, side: "right", bold: true, tone: "fail", wordings: fits([text], true).filter((w) => w.width + 20 < piece.to - piece.from) });
    } else if (span.kind === "leading" && piece.opensBefore) {
      const text = span.end === undefined || span.end > window.end ? "leads" : "led";
      wanted.push({ id: `span ${span.id}`, row, x: piece.from, mark: 6, weight: 5.1, side: "right", bold: true, tone: "", wordings: fits([text], true).filter((w) => w.width + 16 < piece.to - piece.from) });
    }
  }
  const byId = new Map(wanted.map((one) => [one.id, one]));
  const labels = placeLabels(wanted, room.gutter + 1, room.width - 3).map((placed) => {
    const want = byId.get(placed.id)!;
    const middle = placed.x + placed.width / 2;
    return { ...placed, bold: want.bold, tone: want.tone, stretched: scale.stretches.some((one) => middle >= one.from && middle <= one.to) };
  });

  const causes = moments.flatMap((one): Cause[] => {
    const cause = one.moment.cause ? at.get(one.moment.cause) : undefined;
    if (!cause || cause.y === one.y) return [];
    const together = stretchAt(one.moment.at) >= 0 && stretchAt(one.moment.at) === stretchAt(cause.moment.at);
    if (!together && Math.abs(one.x - cause.x) > 40) return [];
    return [{ id: one.moment.id, from: { x: cause.x, y: cause.y }, to: { x: one.x, y: one.y }, watch: one.moment.kind === "watch" }];
  });
  const folded = order.folded.length ? { y: rows.length * step + step / 2 + 2, text: foldedWords(order.folded, timeline, window) } : null;
  const height = (rows.length + (folded ? 1 : 0)) * step + 4;
  const plates: Lanes["gaps"] = [];
  for (const piece of pieces.filter((one) => one.kind === "gap")) {
    const span = timeline.spans[piece.id]!;
    const end = span.end ?? window.end;
    const word = inside.find((one) => one.kind === "gap" && one.lane === span.lane && (Math.abs(one.at - end) < 100 || Math.abs(one.at - span.start) < 100));
    const label = plain(word?.label ?? "not seen");
    const text = fit(/\d/.test(label) ? label : `Zooscope saw nothing for ${duration(end - span.start)}`, room.width - room.gutter - 24, LABEL_SIZE);
    const width = textWidth(text, LABEL_SIZE) + 16;
    const x = Math.min(Math.max((piece.from + piece.to - width) / 2, room.gutter + 4), room.width - width - 6);
    // It covers neither marks nor labels: where there is no such place, the hatching alone tells of the gap.
    const free = (y: number): boolean =>
      plates.every((one) => Math.abs(one.y - y) > 26 || one.x > x + width + 4 || one.x + one.width + 4 < x) &&
      moments.every((one) => Math.abs(one.y - y) > 20 || one.x < x - 10 || one.x > x + width + 10) &&
      labels.every((one) => Math.abs(rows[one.row]!.y - y) > 20 || one.x > x + width || one.x + one.width < x);
    // Lanes further down may be out of sight.
    const sight = Math.min(height, room.fits * step);
    const y = [sight / 2, ...rows.map((row) => row.y)].filter((at) => at >= 14 && at <= sight - 14).find(free);
    if (y !== undefined) plates.push({ x, width, y, text });
  }
  return { rows, step, height, scale, pieces, moments, labels, causes, folded, gaps: plates };
}

function fits(texts: string[], bold: boolean): Wanted["wordings"] {
  return texts.map((text) => ({ text, width: Math.ceil(textWidth(text, LABEL_SIZE, bold)) + 4 }));
}

/** '+6 ms' */
export function deltaWords(delta: number | undefined): string {
  return delta === undefined ? "" : `+${duration(delta)}`;
}

const weightOf = (one: PlacedMoment): number => (WEIGHTS[one.moment.kind] ?? 2) + (one.n ? 10 : 0);

/** px within which marks that are not unfolded are one heap, of which only the weightiest has its label. */
const HEAP = 26;

function isPiled(one: PlacedMoment, all: readonly PlacedMoment[]): boolean {
  return all.some((other) => other !== one && other.y === one.y && Math.abs(other.x - one.x) < HEAP
    && (weightOf(other) > weightOf(one) || (weightOf(other) === weightOf(one) && other.moment.at > one.moment.at)));
}

/** `burst`: when the unfolded burst that it is in began; all times in it count from there. */
function labelOf(one: PlacedMoment, row: number, burst: number | null, spare: boolean): (Wanted & { bold: boolean; tone: string }) | null {
  const { moment, n } = one;
  if (moment.kind === "gap") return null;
  const stretched = burst !== null;
  const ordinary = moment.lane === "znodes" && !stretched && !n;
  const weight = weightOf(one);
  const mark = n ? 9 : moment.kind === "data" || (moment.lane === "znodes" && !stretched) ? 2 : 6;
  const all = plain(moment.label);
  const label = all.length > 60 ? `${all.slice(0, 48)}…` : all;
  const delta = burst === null || moment.at <= burst ? "" : deltaWords(moment.at - burst);
  const long = delta ? `${label} ${delta}` : label;
  const bold = BOLD.has(moment.kind);
  const texts = ordinary ? [] : spare && !n && weight < 6 ? (delta ? [delta] : []) : [long, ...(delta ? [label, delta, delta.replace(" ms", "")] : [])];
  if (moment.kind === "acknowledged") texts.splice(1, 1);
  // Who did it is left out before what was done.
  if (/^(killed|process ended)\b.* by /.test(label) && texts.length) texts.push(label.replace(/(, stopped)? by .*$/, ""));
  return { id: moment.id, row, x: one.x, mark, weight, side: TO_THE_LEFT.has(moment.kind) ? "left" : "right", bold, tone: "", wordings: fits(texts, bold) };
}

/** Numerals in one lane stand beside each other. Whatever is later moves with them, so that no cause comes right of its effect. */
function separate(moments: PlacedMoment[], apart: number): void {
  const last = new Map<number, number>();
  let floor = -Infinity;
  for (const one of moments) {
    const before = one.n ? last.get(one.y) : undefined;
    one.x = Math.max(one.x, floor, before === undefined ? -Infinity : before + apart);
    floor = one.x;
    if (one.n) last.set(one.y, one.x);
  }
}
