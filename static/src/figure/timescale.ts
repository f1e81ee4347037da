// Time to px and back. Bursts, which are over in milliseconds, are stretched so that their order can be seen.

export interface Burst {
  start: number;
  end: number;
  /** Moments in it. */
  count: number;
}

export interface Stretch extends Burst {
  /** px of its bracket. */
  from: number;
  to: number;
  /** How many times it is stretched against the time around it. */
  factor: number;
}

export interface Scale {
  start: number;
  end: number;
  left: number;
  right: number;
  stretches: readonly Stretch[];
  x(at: number): number;
  at(x: number): number;
}

/** Longest pause within a burst, ms. */
export const PAUSE = 50;

/** Runs of moments that follow each other within `pause` ms. Times need not be sorted; runs of one are no bursts. */
export function burstsOf(times: readonly number[], pause = PAUSE): Burst[] {
  const sorted = [...times].sort((a, b) => a - b);
  const found: Burst[] = [];
  let run: Burst | null = null;
  for (const at of sorted) {
    if (run && at - run.end <= pause) {
      run.end = at;
      run.count++;
    } else {
      run = { start: at, end: at, count: 1 };
      found.push(run);
    }
  }
  return found.filter((one) => one.count > 1 && one.end - one.start >= 1 && one.end - one.start <= 20 * pause);
}

/**
 * A scale over [start, end] on [left, right] that stretches these bursts. `weight` says which matter most; those that
 * find no room, or need none because the time around them is as wide, are left as they are.
 */
export function scaleFor(start: number, end: number, left: number, right: number, bursts: readonly Burst[], weight: (burst: Burst) => number = (one) => one.count): Scale {
  const span = Math.max(1, end - start);
  const width = Math.max(1, right - left);
  const wanted = bursts.filter((one) => one.start >= start && one.end <= end).sort((a, b) => weight(b) - weight(a) || b.start - a.start);
  const chosen: { burst: Burst; pad: number; px: number }[] = [];
  let room = width * 0.58;
  for (const burst of wanted) {
    if (chosen.length === 3) break;
    const most = width * (chosen.length ? 0.22 : 0.42);
    const px = Math.min(most, room, 40 + 42 * burst.count);
    const natural = ((burst.end - burst.start) / span) * width;
    if (px < 56 || px < natural * 1.5) continue;
    chosen.push({ burst, px, pad: (burst.end - burst.start) * 0.12 + 0.5 });
    room -= px;
  }
  chosen.sort((a, b) => a.burst.start - b.burst.start);
  const pieces: { from: number; to: number; x: number; px: number }[] = [];
  const stretchedTime = chosen.reduce((sum, one) => sum + (one.burst.end - one.burst.start) + 2 * one.pad, 0);
  const stretchedPx = chosen.reduce((sum, one) => sum + one.px, 0);
  const rate = (width - stretchedPx) / Math.max(1, span - stretchedTime);
  const stretches: Stretch[] = [];
  let time = start;
  let x = left;
  const add = (to: number, px: number): void => {
    pieces.push({ from: time, to, x, px });
    time = to;
    x += px;
  };
  for (const { burst, pad, px } of chosen) {
    const from = Math.max(time, burst.start - pad);
    const to = Math.min(end, burst.end + pad);
    if (from > time) add(from, (from - time) * rate);
    const begin = x;
    add(to, px);
    stretches.push({ ...burst, from: begin, to: x, factor: px / Math.max(0.001, to - from) / rate });
  }
  // Whatever rounding at the edges left over goes to the last piece, so that the end is the right edge.
  if (time < end || !pieces.length) add(end, Math.max(0, right - x));
  const last = pieces[pieces.length - 1]!;
  last.px = right - last.x;
  const lastStretch = stretches[stretches.length - 1];
  if (lastStretch && lastStretch.from === last.x) lastStretch.to = right;
  const within = (value: number, from: number, to: number): number => (to > from ? (value - from) / (to - from) : 0);
  return {
    start, end, left, right, stretches,
    x(at) {
      if (at <= start) return left;
      if (at >= end) return right;
      const piece = pieces.find((one) => at <= one.to) ?? last;
      return piece.x + within(at, piece.from, piece.to) * piece.px;
    },
    at(px) {
      if (px <= left) return start;
      if (px >= right) return end;
      const piece = pieces.find((one) => px <= one.x + one.px) ?? last;
      return piece.from + within(px, piece.x, piece.x + piece.px) * (piece.to - piece.from);
    },
  };
}

/** '270 times', to two figures. */
export function times(factor: number): string {
  const digits = Math.max(0, Math.floor(Math.log10(Math.max(1, factor))) - 1);
  const step = 10 ** digits;
  return `${(Math.round(factor / step) * step).toLocaleString("en")} times`;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((s) => s * 1000);

/** Moments for the axis at full seconds, at least `apart` px from each other and outside of stretches. */
export function axisTicks(scale: Scale, apart: number): { at: number; x: number }[] {
  const stretched = scale.stretches.reduce((sum, one) => sum + one.to - one.from, 0);
  const rate = (scale.right - scale.left - stretched) / (scale.end - scale.start);
  const step = STEPS.find((one) => one * rate >= apart) ?? 600_000;
  const found: { at: number; x: number }[] = [];
  for (let at = Math.ceil(scale.start / step) * step; at <= scale.end; at += step) {
    const x = scale.x(at);
    if (x - scale.left < apart / 2.4 || scale.right - x < apart / 2.4) continue;
    if (scale.stretches.some((one) => x > one.from - apart / 2.2 && x < one.to + apart / 2.2)) continue;
    if (found.length && x - found[found.length - 1]!.x < apart) continue;
    found.push({ at, x });
  }
  return found;
}

export interface Window {
  start: number;
  end: number;
}

export const USUAL = 24_000;

/** The window that shows a chapter, or the last seconds; it ends now while it can. */
export function windowFor(chapter: { at: number; end?: number; open?: boolean } | null, chosen: boolean, now: number): Window {
  if (!chapter) return { start: now - USUAL, end: now };
  const over = chapter.open ? now : (chapter.end ?? chapter.at);
  if (!chosen) {
    // The newest is followed as long as it is in reach; then time just goes on.
    const since = now - chapter.at + 2_500;
    return since > 45_000 ? { start: now - USUAL, end: now } : { start: now - Math.max(14_000, since), end: now };
  }
  const span = Math.max(12_000, (over - chapter.at) * 1.7);
  const middle = (chapter.at + over) / 2;
  const end = Math.min(now, middle + span / 2);
  return { start: end - span, end };
}
