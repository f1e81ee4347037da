// How each server's line is drawn: a colour and a pattern, the same in all plots, so that neither has to be told alone. Pure.
import { byNumber, type Picture } from "./series";

/** `hue` names a colour of the page's style; `dash` is in pixels, [] a line without gaps. */
export interface Stroke {
  hue: number;
  dash: readonly number[];
}

export const HUES = 5;
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3], [14, 4]];

/** Servers of all plots by their numbers, each with its stroke. The first five differ in both; any two of 25 in one. */
export function strokesOf(picture: Picture): Map<string, Stroke> {
  const servers = new Set(picture.panels.flatMap(({ tracks }) => tracks.map(({ server }) => server)).filter(Boolean));
  return new Map([...servers].sort(byNumber).map((server, rank) => [server, strokeOf(rank)]));
}

const strokeOf = (rank: number): Stroke => ({ hue: rank % HUES, dash: DASHES[(rank + Math.floor(rank / HUES)) % DASHES.length]! });
