// What topic `plots` tells, laid out for drawing: one place for each bucket of the span, empty where nothing is known. Pure.
import type { Plots } from "../protocol";

export type Kind = NonNullable<Plots["lines"]>[number]["kind"];
export type Values = (number | null)[];

/** One line of a plot. `server` is '' for the whole ensemble. */
export interface Track {
  server: string;
  least: Values;
  mean: Values;
  most: Values;
}

export interface Panel {
  kind: Kind;
  tracks: Track[];
}

export interface Picture {
  /** Seconds since 1970 at which each bucket begins. */
  times: number[];
  /** ms of a bucket. */
  step: number;
  panels: Panel[];
  /** Buckets of which anything is known. */
  known: boolean[];
}

export const KINDS: readonly Kind[] = ["rate", "latency", "average", "lag", "connections", "outstanding"];

/** The span that ends at `now`, ms on the bridge's clock. */
export function pictureOf(plots: Plots, now: number): Picture {
  const { step } = plots;
  const rows = plots.rows ?? {};
  const lines = plots.lines ?? [];
  const size = Math.round(plots.length / step);
  // The bucket that is open has no row yet.
  const newest = Math.max(0, ...Object.keys(rows).map(Number).filter(Number.isFinite));
  const last = Math.max(newest, Math.floor(now / step) - 1);
  const first = last - size + 1;
  const tracks = lines.map(({ server = "" }): Track => ({ server, least: empty(size), mean: empty(size), most: empty(size) }));
  const known = new Array<boolean>(size).fill(false);
  for (const [number, text] of Object.entries(rows)) {
    const at = Number(number) - first;
    if (!(at >= 0 && at < size)) continue;
    known[at] = true;
    text.split(" ").forEach((cell, index) => {
      const track = tracks[index];
      if (!track || cell === "-" || cell === "") return;
      const parts = cell.split("/").map(Number);
      track.least[at] = parts[0]!;
      track.mean[at] = parts[1] ?? parts[0]!;
      track.most[at] = parts[2] ?? parts[0]!;
    });
  }
  const panels = KINDS.map((kind) => ({
    kind,
    tracks: tracks.filter((_, index) => lines[index]!.kind === kind).sort((a, b) => byNumber(a.server, b.server)),
  })).filter(({ tracks }) => tracks.length);
  return { times: Array.from({ length: size }, (_, at) => ((first + at) * step) / 1000), step, panels, known };
}

const empty = (size: number): Values => new Array<number | null>(size).fill(null);

export const byNumber = (a: string, b: string): number => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);

/** Least, mean and most of a line over the whole span, and its newest value; null where it has none. */
export interface Summary {
  least: number;
  mean: number;
  most: number;
  /** Of the newest bucket; null where nothing is known of it. */
  last: number | null;
}

export function summaryOf(track: Track): Summary | null {
  const means = track.mean.filter((value) => value !== null);
  if (!means.length) return null;
  const least = track.least.reduce<number>((found, value) => (value === null ? found : Math.min(found, value)), Infinity);
  const most = track.most.reduce<number>((found, value) => (value === null ? found : Math.max(found, value)), -Infinity);
  return { least, mean: means.reduce((sum, value) => sum + value, 0) / means.length, most, last: newest(track) };
}

/** The newest value, unless it is more than two buckets old. */
function newest(track: Track): number | null {
  const { mean } = track;
  for (let at = mean.length - 1; at >= Math.max(0, mean.length - 3); at -= 1) if (mean[at] !== null) return mean[at]!;
  return null;
}

/** Stretches of buckets of which nothing is known: from the first up to, not with, the last. */
export function gaps(known: readonly boolean[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let from = -1;
  for (let at = 0; at <= known.length; at += 1) {
    if (at < known.length && !known[at]) {
      if (from < 0) from = at;
    } else if (from >= 0) {
      found.push({ from, to: at });
      from = -1;
    }
  }
  return found;
}

/** Three digits at most, whole numbers as they are: '0.42', '12.5', '1,203'. */
export function brief(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : 2)));
}

/** The next round number above, so that the scale does not move with each value. */
export function ceiling(most: number | null | undefined): number {
  if (!most || most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= most * 1.05) ?? 20;
  return step * power;
}
