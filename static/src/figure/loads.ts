// What the workload puts on each node: tasks before it as a bar, and in words with its rate. Nothing where no workload runs.
import { nothing, svg, type SVGTemplateResult } from "lit-html";
import type { Stage, Workload } from "../protocol";
import type { View } from "../page/view";
import type { Slots } from "./slots";
import "./loads.css";
import { firstFit, textWidth } from "./text";

export interface Load {
  /** Of the bar, 0 to 1. */
  part: number;
  tone: "worker" | "lead" | "fail";
  /** From long to short. */
  wordings: string[];
}

/** Tasks of a full bar: what a worker has before it at the most, and what waits at the most (zkbridge/workload.py). */
const FULL = 24;
const FULL_WAITING = 500;

const SIZE = 14;
const BAR = 6;

/** The workload, while it is at work. */
export function working(view: View): Workload | null {
  const workload = view.store.value<Workload>("workload");
  return workload?.state === "making" || workload?.state === "finishing" ? workload : null;
}

/** '35/s', '3.4/s', '0/s'. */
export function rateWords(rate: number): string {
  return `${rate >= 9.95 || rate === 0 ? Math.round(rate) : rate.toFixed(1)}/s`;
}

/** What stands at each node, by its id. A leader shows what waits; the dead, what is left under their names. */
export function loadsOf(workload: Workload | null, stage: Stage | null): Map<string, Load> {
  const loads = new Map<string, Load>();
  if (!workload || !stage) return loads;
  const sums = new Map<string, { queue: number; rate: number; left: number; here: boolean }>();
  for (const worker of Object.values(workload.workers ?? {})) {
    if (!worker.node) continue;
    const sum = sums.get(worker.node) ?? { queue: 0, rate: 0, left: 0, here: false };
    if (worker.gone) sum.left += worker.queue ?? 0;
    else {
      sum.queue += worker.queue ?? 0;
      sum.here = true;
    }
    sum.rate += worker.rate ?? 0;
    sums.set(worker.node, sum);
  }
  for (const node of Object.values(stage.nodes)) {
    const sum = sums.get(node.id);
    if (node.id === stage.leader) {
      const waiting = workload.waiting ?? 0;
      loads.set(node.id, { part: waiting / FULL_WAITING, tone: "lead", wordings: [`${waiting} to hand out`, `${waiting} waiting`, `${waiting}`] });
    } else if (sum?.left) {
      loads.set(node.id, { part: sum.left / FULL, tone: "fail", wordings: [`${sum.left} left behind`, `${sum.left} left`, `${sum.left}`] });
    } else if (sum?.here) {
      const { queue } = sum;
      loads.set(node.id, { part: queue / FULL, tone: "worker", wordings: [`${queue} queued · ${rateWords(sum.rate)}`, `${queue} · ${rateWords(sum.rate)}`, `${queue}`] });
    }
  }
  return loads;
}

/** In a crowd the bar alone. */
const bare = (slots: Slots): boolean => slots.rows > 1;

/** Room that bars and words take below each node, px. */
export function loadRoom(slots: Slots): number {
  return bare(slots) ? BAR + 6 : BAR + 6 + 19;
}

/** The same slots, with that room below each row. */
export function withLoads(slots: Slots): Slots {
  const room = loadRoom(slots);
  return { ...slots, load: room, rowHeight: slots.rowHeight + room, height: slots.height + room * slots.rows };
}

/** From the centre of a disc to the top of its bar: below all lines that any node may have. */
export function loadTop(slots: Slots): number {
  return slots.firstLine + (slots.lineCount - 1) * slots.lineStep + 10;
}

/** Half of the width that is written on. */
export function loadHalf(load: Load, slots: Slots): number {
  const text = wordsOf(load, slots);
  return Math.max(barWidth(slots), text ? textWidth(text, SIZE) : 0) / 2;
}

export function drawLoad(load: Load, slots: Slots): SVGTemplateResult {
  const width = barWidth(slots);
  const full = Math.min(1, Math.max(0, load.part)) * (width - 2);
  const top = loadTop(slots);
  const text = wordsOf(load, slots);
  return svg`<g class="load is-${load.tone}"><title>${load.wordings[0]}</title>
    <rect class="load-track" x=${-width / 2} y=${top} width=${width} height=${BAR} rx="2"></rect>
    ${full > 0 ? svg`<rect class="load-full" x=${-width / 2 + 1} y=${top + 1} width=${Math.max(2, full)} height=${BAR - 2} rx="1"></rect>` : nothing}
    ${text ? svg`<text class="load-words" y=${top + BAR + 16} font-size=${SIZE}>${text}</text>` : nothing}
  </g>`;
}

function wordsOf(load: Load, slots: Slots): string {
  if (bare(slots)) return "";
  // Close together all are written alike, as numbers.
  return firstFit(slots.pitch < 66 ? load.wordings.slice(-1) : load.wordings, slots.pitch - 4, SIZE);
}

function barWidth(slots: Slots): number {
  return Math.round(Math.min(72, slots.pitch - 10, Math.max(24, slots.ring * 1.5)));
}

/** The workload in one line, for the heading of the stage. */
export function workloadLine(workload: Workload): string {
  const { tasks = 0, done = 0, rate = 0, violated = 0 } = workload;
  const wrong = violated ? `; ${violated.toLocaleString("en")} not in exactly one place` : "";
  return `${done.toLocaleString("en")} of ${tasks.toLocaleString("en")} tasks are done, ${rateWords(rate)}${wrong}.`;
}
