// Which windows on the children of a parent to look through. Pure.
import { WINDOW } from "./topics";

/** Rows from the beginning of a window to that of the next. They overlap: whatever is in view, one of them holds all of it. */
export const STRIDE = WINDOW / 2;

/** The beginning of the window in whose middle the children from `from` up to, not with, `to` stand. It holds any `STRIDE` of them. */
export function windowFor(from: number, to: number): number {
  return Math.max(0, Math.round(((from + to) / 2 - WINDOW / 2) / STRIDE) * STRIDE);
}

/** The beginnings of the windows that hold these children: one, unless they are more than one is sure to hold. */
export function windowsFor(from: number, to: number): number[] {
  const found = [windowFor(from, Math.min(to, from + STRIDE))];
  for (let end = (found[0] ?? 0) + WINDOW; end < to; end += WINDOW) found.push(end);
  return found;
}
