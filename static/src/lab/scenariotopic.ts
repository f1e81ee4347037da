// Topic `scenario`, followed from when a lab's page is first drawn.
import type { Store } from "../live/store";
import type { View } from "../page/view";
import type { Play, Scenarios } from "../protocol";

export const SCENARIO_TOPIC = "scenario";

/** A run that has ended is told of on the figure's page for so long, ms. */
const AFTERGLOW = 12_000;

const followed = new WeakSet<Store>();

/** What can be played, and the run; null while nothing is known, and where there is no lab. */
export function scenariosOf(view: View): Scenarios | null {
  if (view.status?.lab !== true) return null;
  if (!followed.has(view.store)) {
    followed.add(view.store);
    view.store.subscribe(SCENARIO_TOPIC, () => view.send({ want: "redraw" }));
  }
  return view.store.value<Scenarios>(SCENARIO_TOPIC);
}

export function underWay(play: Play | undefined): boolean {
  return play?.state === "running" || play?.state === "holding" || play?.state === "putting-back";
}

/** The run that is under way, or has just ended. */
export function freshPlay(view: View): Play | null {
  const play = scenariosOf(view)?.play;
  if (!play) return null;
  return underWay(play) || view.now - (play.ended ?? 0) < AFTERGLOW ? play : null;
}
