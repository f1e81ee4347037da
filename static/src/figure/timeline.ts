// The timeline: a lane a node, the ensemble and the znodes; newest at the right; or the same changes as a table.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Moment, Timeline } from "../protocol";
import type { View } from "../page/view";
import { drawAxis, drawLanes } from "./drawlanes";
import { worthiest } from "./laneorder";
import { deltaWords, layLanes, type Lanes } from "./lanes";
import { drawLog, LOG_TOPIC, type LogState } from "./log";
import { told } from "./marks";
import { bars, bins, clamp, drawScrubber, SCRUBBER_HEIGHT } from "./scrubber";
import { sized, type Local, type Size } from "./sized";
import { fit, plain, textWidth } from "./text";
import "./timeline.css";
import "./scrubber.css";
import "./log.css";
import { windowFor, type Window } from "./timescale";
import { clock, zxidWords } from "./words";

/** What of the timeline belongs to this page alone. */
class TimelineState implements Local {
  /** A window that does not end now, chosen by hand. */
  chosen: Window | null = null;
  /** Length of the window that ends now, chosen by hand. */
  span: number | null = null;
  /** The chapter for which these were chosen: another one is shown in a window of its own. */
  chapter: string | null = null;
  /** The moment that details are shown of. */
  detail: string | null = null;
  table = false;
  /** px that the lanes have; 0 while it is not known. */
  box = 0;
  /** They are scrolled to their end. */
  atEnd = false;
  readonly log: LogState = { scrollTop: 0, height: 0 };
  private unsubscribe: (() => void) | null = null;
  private histogram = { of: null as Timeline | null, slot: 0, width: 0, path: "" };

  show(table: boolean, view: View): void {
    this.table = table;
    this.unsubscribe?.();
    this.unsubscribe = table ? view.store.subscribe(LOG_TOPIC, () => view.send({ want: "redraw" })) : null;
    view.send({ want: "redraw" });
  }

  stop(): void {
    this.unsubscribe?.();
    this.unsubscribe = null;
    this.table = false;
  }

  /** The histogram's path, made anew when there is something new or time has moved on by a bar. */
  bars(timeline: Timeline, now: number, gutter: number, width: number): string {
    const slot = Math.floor(now / 3_000);
    const { histogram } = this;
    if (histogram.of !== timeline || histogram.slot !== slot || histogram.width !== width)
      this.histogram = { of: timeline, slot, width, path: bars(bins(timeline, now), gutter, width, 24, 17) };
    return this.histogram.path;
  }
}

export function timelinePanel(view: View): TemplateResult {
  const guess = { width: view.width < 700 ? Math.max(280, view.width - 32) : view.width < 1366 ? view.width - 330 : view.width - 688, height: 0 };
  return html`<div class="timeline">${sized(guess, () => new TimelineState(), (size, state) => draw(view, size, state))}</div>`;
}

/** On a wall all of it is larger, and there are the lanes that matter most. */
const WALL = { zoom: 1.25, lanes: 6 };

/** Height of the lanes that are shown at once; more can be scrolled to. */
function roomFor(view: View): number {
  return view.width < 700 ? 260 : Math.max(120, Math.min(view.height * 0.27, 260));
}

function draw(view: View, size: Size, state: TimelineState): unknown {
  const { now } = view;
  if (!view.timeline) return html`<p class="timeline-empty">${view.liveness.word === "LIVE" ? "Reading what happened." : nothing}</p>`;
  const chapter = told(view.story, view.chapter);
  if (state.chapter !== view.chapter) {
    state.chapter = view.chapter;
    state.chosen = state.span = null;
  }
  const window = state.chosen ? clamp(state.chosen, now) : state.span ? { start: now - state.span, end: now } : windowFor(chapter, view.chapter !== null, now);
  const live = now - window.end < 1;
  const timeline = view.present ? worthiest(view.timeline, window, chapter, WALL.lanes) : view.timeline;
  const zoom = view.present ? WALL.zoom : 1;
  const width = Math.max(240, size.width / zoom);
  const narrow = width < 560;
  const gutter = narrow ? 66 : 92;
  const step = timeline.lanes.length > 14 ? 17 : timeline.lanes.length > 9 ? 16 : timeline.lanes.length > 8 ? 18 : 20;
  const guess = view.height < 850 && !narrow ? 5 : 10;
  const fits = view.present ? WALL.lanes + 1 : state.box ? Math.max(2, Math.floor((state.box - 4) / step)) : guess;
  const lanes = layLanes(timeline, window, chapter, { width, gutter, step, spare: narrow, fits });
  const lines = lanes.rows.length + (lanes.folded ? 1 : 0);
  const scrolls = lanes.rows.length > 5 && !view.present;
  const more = scrolls && lines > fits ? lines - (fits - 1) : 0;
  const tall = Math.min(lanes.height, roomFor(view));
  const hover = (moment: Moment | null): void => {
    if ((moment?.id ?? null) === state.detail) return;
    state.detail = moment?.id ?? null;
    view.send({ want: "redraw" });
  };
  const choose = (next: Window): void => {
    const ends = now - next.end < 1_000;
    state.chosen = ends ? null : next;
    state.span = ends ? next.end - next.start : null;
    view.send({ want: "redraw" });
  };
  const goLive = (): void => {
    state.chosen = state.span = null;
    if (view.chapter !== null) view.send({ want: "chapter", id: null });
    view.send({ want: "redraw" });
  };
  return html`
    ${view.present ? nothing : html`<div class="timeline-modes" role="group" aria-label="How to show what happened">
      <button aria-pressed=${!state.table} @click=${() => state.show(false, view)}>Lanes</button><button aria-pressed=${state.table} @click=${() => state.show(true, view)}>Log</button>
    </div>`}
    ${state.table && !view.present
      ? html`<div class="log-frame ${tall > 200 ? "tall" : ""}">${drawLog(view, state.log, 260)}</div>`
      : html`<svg class="timeline-svg axis" width=${width * zoom} height=${30 * zoom} viewBox="0 0 ${width} 30" aria-hidden="true">${drawAxis(lanes.scale, width, live, view.paused !== null)}</svg>
        <div class=${`lanes ${scrolls ? "scrolls" : ""} ${lanes.rows.length > 12 ? "crowd" : ""} ${more ? "more" : ""}`} data-step=${step}>
          <div class="lanes-box" @scroll=${(event: Event) => scrolled(event, state, view)}>
            <svg class="timeline-svg" width=${width * zoom} height=${lanes.height * zoom} viewBox="0 0 ${width} ${lanes.height}" tabindex="0" role="group"
              aria-label=${`Timeline, ${clock(window.start)} to ${clock(window.end)}, ${lanes.moments.length} events. Left and right lead from one to the next.`}
              @keydown=${(event: KeyboardEvent) => step_(event, lanes, state, view)} @blur=${() => hover(null)}>
              ${drawLanes(lanes, width, gutter, view.selection?.kind === "node" ? view.selection.id : "", live, hover)}
              ${detail(lanes, state.detail, width, timeline)}
            </svg>
          </div>
          ${scrolls ? sized({ width, height: 0 }, () => ({}), (box) => measured(box.height, state, view, lanes.height)) : nothing}
          ${more ? html`<button class="lanes-more" @click=${turn}>${state.atEnd ? "▴ Back to the first lanes" : `▾ ${moreWords(lanes, fits - 1)}`}</button>` : nothing}
        </div>`}
    ${view.present ? nothing : html`<svg class="timeline-svg scrubber" width=${width} height=${SCRUBBER_HEIGHT} viewBox="0 0 ${width} ${SCRUBBER_HEIGHT}" role="group" aria-label="The last ten minutes">
      ${drawScrubber({ path: state.bars(timeline, now, gutter, width), width, gutter, window, now, live, choose, goLive })}
    </svg>`}
    <p class="sr" aria-live="polite">${momentWords(lanes.moments.find((one) => one.moment.id === state.detail)?.moment, timeline)}</p>
    ${timeline.cut ? html`<p class="timeline-cut">${timeline.cut} older events were left out.</p>` : nothing}`;
}

/** The strut asks for the height of all lanes; what there is of it is measured, and known at the next drawing. */
function measured(height: number, state: TimelineState, view: View, natural: number): TemplateResult {
  if (height && height !== state.box) {
    state.box = height;
    queueMicrotask(() => view.send({ want: "redraw" }));
  }
  return html`<svg class="lanes-strut" width="1" height=${natural} aria-hidden="true"></svg>`;
}

function scrolled(event: Event, state: TimelineState, view: View): void {
  const { scrollTop, clientHeight, scrollHeight } = event.currentTarget as Element;
  const atEnd = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 2;
  if (atEnd === state.atEnd) return;
  state.atEnd = atEnd;
  view.send({ want: "redraw" });
}

/** On by as many lanes as are in sight; from the end back to the first. */
function turn(event: Event): void {
  const box = (event.currentTarget as Element).parentElement!.querySelector(".lanes-box")!;
  const end = box.scrollTop > 0 && box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
  box.scrollTo({ top: end ? 0 : box.scrollTop + box.clientHeight });
}

/** '3 more lanes: node-7, znodes and 1 more' */
export function moreWords(lanes: Pick<Lanes, "rows" | "folded">, shown: number): string {
  const hidden = lanes.rows.slice(shown).map(({ lane }) => plain(lane.name));
  if (!hidden.length) return `more: ${lanes.folded?.text ?? ""}`;
  const names = hidden.slice(0, 3);
  const rest = hidden.length - names.length;
  return `${hidden.length} more lane${hidden.length === 1 ? "" : "s"}: ${names.join(", ")}${rest ? ` and ${rest} more` : ""}`;
}

/** Arrow keys lead through the events in their order; Enter shows the znode or node, Escape ends. */
function step_(event: KeyboardEvent, lanes: Lanes, state: TimelineState, view: View): void {
  const list = lanes.moments;
  const at = list.findIndex((one) => one.moment.id === state.detail);
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const next = at < 0 ? list.length - 1 : Math.min(list.length - 1, Math.max(0, at + (event.key === "ArrowLeft" ? -1 : 1)));
    state.detail = list[next]?.moment.id ?? null;
  } else if (event.key === "Escape" && state.detail) state.detail = null;
  else if (event.key === "Enter" && at >= 0) {
    const { moment } = list[at]!;
    if (moment.path) view.send({ want: "select", what: { kind: "znode", path: moment.path } });
    else if (view.stage?.nodes[moment.lane]) view.send({ want: "select", what: { kind: "node", id: moment.lane } });
  } else return;
  event.preventDefault();
  event.stopPropagation();
  view.send({ want: "redraw" });
}

/** A moment in full: its time, what it was, how long after what, its zxid. */
export function momentWords(moment: Moment | undefined, timeline: Timeline): string {
  if (!moment) return "";
  const cause = timeline.moments[moment.cause ?? ""];
  const delta = moment.delta ? `${deltaWords(moment.delta)} after ${cause ? `“${plain(cause.label)}”` : "the burst began"}` : "";
  return [clock(moment.at, 3), plain(moment.label), delta, moment.zxid ? `zxid ${zxidWords(moment.zxid)}` : "", plain(moment.path ?? "")].filter(Boolean).join(" · ");
}

function detail(lanes: Lanes, id: string | null, width: number, timeline: Timeline): unknown {
  const one = id ? lanes.moments.find((each) => each.moment.id === id) : undefined;
  if (!one) return nothing;
  const text = fit(momentWords(one.moment, timeline), width - 24, 14, true);
  const wide = textWidth(text, 14) + 20;
  const x = Math.max(0, Math.min(width - wide, one.x - wide / 2));
  const y = one.y > 40 ? one.y - 38 : one.y + 12;
  return svg`<g class="detail"><circle cx=${one.x} cy=${one.y} r="10"></circle><rect x=${x} y=${y} width=${wide} height="26" rx="5"></rect><text x=${x + 10} y=${y + 18} font-size="14">${text}</text></g>`;
}
