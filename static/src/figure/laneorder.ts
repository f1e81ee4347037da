// Which lanes come first where not all fit, and which are folded away because nothing of theirs can be seen. Pure.
import type { Chapter, Lane, Timeline } from "../protocol";
import type { Window } from "./timescale";
import { plain } from "./text";

export interface LaneOrder {
  lanes: Lane[];
  /** Those without anything in the window, for one line of words. */
  folded: Lane[];
}

/** Lanes that belong to no node. */
const COMMON = new Set(["ensemble", "znodes"]);

/** Lanes that the chapter that is told takes place on. */
export function actors(timeline: Timeline, chapter: Chapter | null): Set<string> {
  return new Set((chapter?.marks ?? []).flatMap((mark) => [timeline.moments[mark.moment ?? ""]?.lane ?? "", mark.ref]).filter(Boolean));
}

/** The lanes of what can be seen in the window: `all` that have something, `alive` at its end, and who `leads` there. */
function seen(timeline: Timeline, window: Window): { all: Set<string>; alive: Set<string>; leads: string } {
  const all = new Set<string>();
  const alive = new Set<string>();
  let leads = "";
  let latest = -Infinity;
  for (const { lane, kind, start, end = Infinity } of Object.values(timeline.spans)) {
    if (end <= window.start || start >= window.end) continue;
    all.add(lane);
    if (end >= window.end) alive.add(lane);
    if (kind === "leading" && Math.min(end, window.end) >= latest && !COMMON.has(lane)) {
      latest = Math.min(end, window.end);
      leads = lane;
    }
  }
  for (const { lane, at } of Object.values(timeline.moments)) if (at >= window.start && at <= window.end) all.add(lane);
  return { all, alive, leads };
}

/**
 * In their own order while all fit. Else by worth: who leads, those of the chapter that is told, those that live, the
 * ensemble, the znodes, the rest; and the ensemble always within the first `fits`.
 */
export function orderLanes(timeline: Timeline, window: Window, chapter: Chapter | null, fits: number): LaneOrder {
  const { all, alive, leads } = seen(timeline, window);
  const acts = actors(timeline, chapter);
  const shown = (lane: Lane): boolean => COMMON.has(lane.id) || all.has(lane.id) || acts.has(lane.id);
  const folded = timeline.lanes.filter((lane) => !shown(lane));
  const lanes = timeline.lanes.filter(shown);
  const lines = folded.length ? 1 : 0;
  if (lanes.length + lines <= fits) return { lanes, folded };
  const rank = ({ id }: Lane): number => (id === leads ? 0 : id === "ensemble" ? 3 : id === "znodes" ? 4 : acts.has(id) ? 1 : alive.has(id) ? 2 : 5);
  lanes.sort((a, b) => rank(a) - rank(b));
  const at = lanes.findIndex((lane) => lane.id === "ensemble");
  // The last line in sight says that there are more.
  const last = Math.max(0, fits - 2);
  if (at > last) lanes.splice(last, 0, ...lanes.splice(at, 1));
  return { lanes, folded };
}

/** The lanes that come first, at most `most`, in the order in which they stand in the timeline. */
export function worthiest(timeline: Timeline, window: Window, chapter: Chapter | null, most: number): Timeline {
  const { lanes } = orderLanes(timeline, window, chapter, Math.min(most + 1, timeline.lanes.length - 1));
  const kept = new Set(lanes.slice(0, most).map(({ id }) => id));
  return { ...timeline, lanes: timeline.lanes.filter(({ id }) => kept.has(id)) };
}

/** '3 that have ended: node-2, node-3 and 1 more'; of a window of long ago, those that came later are among them. */
export function foldedWords(folded: readonly Lane[], timeline: Timeline, window: Window): string {
  const ended = new Set(Object.values(timeline.spans).filter((span) => (span.end ?? Infinity) <= window.start).map((span) => span.lane));
  const later = new Set(Object.values(timeline.spans).filter((span) => span.start >= window.end).map((span) => span.lane));
  const over = folded.every(({ id }) => !later.has(id) || ended.has(id));
  const names = folded.slice(0, 4).map((lane) => plain(lane.name));
  const more = folded.length - names.length;
  const list = more ? `${names.join(", ")} and ${more} more` : names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
  return `${folded.length} that ${folded.length === 1 ? (over ? "has ended" : "was not there then") : over ? "have ended" : "were not there then"}: ${list}`;
}
