// What the rest of the page says about rows: the story's numerals, the selection, the time. Pure.
import type { View } from "../page/view";
import type { Chapter } from "../protocol";
import { nameOf, parentOf, ROOT } from "./paths";
import type { Looks } from "./rows";

function chapterIn(view: View | null): Chapter | undefined {
  const id = view?.chapter ?? view?.story?.order.at(-1);
  return id === undefined ? undefined : view?.story?.chapters[id];
}

/** Znodes that the story tells of: by parent, their names with the time. */
export function toldIn(view: View | null): Map<string, Map<string, number>> {
  const told = new Map<string, Map<string, number>>();
  for (const { path, at } of chapterIn(view)?.marks ?? []) {
    if (!path || path === ROOT) continue;
    const names = told.get(parentOf(path)) ?? new Map<string, number>();
    told.set(parentOf(path), names.set(nameOf(path), at));
  }
  return told;
}

/** `late`: ms since the view was made, which count only while time goes on in it. */
export function looksOf(view: View | null, late: number, expanded: (path: string) => boolean, active: number): Looks {
  const numerals = new Map<string, number[]>();
  for (const { path, n } of chapterIn(view)?.marks ?? []) if (path) numerals.set(path, [...(numerals.get(path) ?? []), n]);
  const selection = view?.selection;
  const node = selection?.kind === "node" ? view?.stage?.nodes[selection.id] : undefined;
  return {
    now: (view?.now ?? 0) + (view && !view.paused && !view.liveness.held ? late : 0),
    selected: selection?.kind === "znode" ? selection.path : null,
    owned: new Set(node?.owns),
    numerals,
    expanded,
    active,
    picked: view?.hands.permits.any ? view.hands.picked : null,
  };
}
