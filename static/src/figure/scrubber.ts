// The last ten minutes as a histogram, and the window on it: drawn, dragged, moved by keys. Its right edge is now.
import { svg, type SVGTemplateResult } from "lit-html";
import type { Timeline } from "../protocol";
import type { Window } from "./timescale";
import { clock, duration } from "./words";

export const REACH = 600_000;
const SHORTEST = 2_000;
const BIN = 3_000;

/** Keep a window within the last ten minutes, its length between 2 s and all of them. */
export function clamp(window: Window, now: number): Window {
  const span = Math.min(REACH, Math.max(SHORTEST, window.end - window.start));
  const end = Math.min(now, Math.max(now - REACH + span, window.end));
  return { start: end - span, end };
}

/** The window after a key, or null for a key that means nothing here. `end` at `now` means: live from then on. */
export function moved(window: Window, key: string, now: number, shift = false): Window | null {
  const span = window.end - window.start;
  const by = (ms: number): Window => clamp({ start: window.start + ms, end: window.end + ms }, now);
  const zoom = (factor: number): Window => clamp({ start: window.end - span * factor, end: window.end }, now);
  switch (key) {
    case "ArrowLeft":
      return by(shift ? -span : -span / 4);
    case "ArrowRight":
      return by(shift ? span : span / 4);
    case "PageUp":
      return by(-span);
    case "PageDown":
      return by(span);
    case "ArrowUp":
    case "-":
      return zoom(1.5);
    case "ArrowDown":
    case "+":
      return zoom(1 / 1.5);
    case "Home":
      return clamp({ start: now - REACH, end: now - REACH + span }, now);
    case "End":
      return clamp({ start: now - span, end: now }, now);
    default:
      return null;
  }
}

/** Moments in each bin, oldest first; the last bin ends at `now`. */
export function bins(timeline: Timeline, now: number): number[] {
  const count = REACH / BIN;
  const found = new Array<number>(count).fill(0);
  for (const moment of Object.values(timeline.moments)) {
    const i = count - 1 - Math.floor((now - moment.at) / BIN);
    if (i >= 0 && i < count) found[i]!++;
  }
  return found;
}

/** One path for all bars; heights follow the square root, so that single changes can be seen beside a flood. */
export function bars(counts: readonly number[], left: number, right: number, base: number, height: number): string {
  const most = Math.max(4, ...counts);
  const step = (right - left) / counts.length;
  return counts.map((count, i) => (count ? `M${(left + (i + 0.5) * step).toFixed(1)} ${base}v${(-Math.max(2, Math.sqrt(count / most) * height)).toFixed(1)}` : "")).join("");
}

export interface ScrubberDrawing {
  path: string;
  width: number;
  gutter: number;
  window: Window;
  now: number;
  live: boolean;
  choose: (window: Window) => void;
  goLive: () => void;
}

export const SCRUBBER_HEIGHT = 46;

export function drawScrubber(d: ScrubberDrawing): SVGTemplateResult {
  const { width, gutter, window, now } = d;
  const x = (at: number): number => gutter + ((at - (now - REACH)) / REACH) * (width - gutter);
  const from = Math.max(gutter, x(window.start));
  const to = Math.min(width, x(window.end));
  const wide = Math.max(6, to - from);
  const every = width < 560 ? 240_000 : 120_000;
  const pill = d.live ? 58 : 76;
  const ticks: number[] = [];
  for (let at = Math.ceil((now - REACH) / every) * every; at < now; at += every) if (x(at) < width - pill - 44) ticks.push(at);
  const at = (event: PointerEvent, target: Element): number => {
    const box = target.getBoundingClientRect();
    return now - REACH + (((event.clientX - box.left) / box.width) * REACH);
  };
  const down = (event: PointerEvent): void => {
    const target = event.currentTarget as Element;
    const begin = at(event, target);
    const grabbed = begin > window.start - 4_000 && begin < window.end + 4_000;
    target.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent): void => {
      const here = at(next, target);
      if (grabbed) d.choose(clamp({ start: window.start + here - begin, end: window.end + here - begin }, now));
      else if (Math.abs(here - begin) > SHORTEST) d.choose(clamp({ start: Math.min(begin, here), end: Math.max(begin, here) }, now));
    };
    const up = (last: PointerEvent): void => {
      target.removeEventListener("pointermove", move as EventListener);
      target.removeEventListener("pointerup", up as EventListener);
      target.removeEventListener("pointercancel", up as EventListener);
      if (!grabbed && Math.abs(at(last, target) - begin) <= SHORTEST) {
        const half = (window.end - window.start) / 2;
        d.choose(clamp({ start: begin - half, end: begin + half }, now));
      }
    };
    target.addEventListener("pointermove", move as EventListener);
    target.addEventListener("pointerup", up as EventListener);
    target.addEventListener("pointercancel", up as EventListener);
  };
  const key = (event: KeyboardEvent): void => {
    const next = moved(window, event.key, now, event.shiftKey);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    d.choose(next);
  };
  return svg`<text class="lane-name" x="0" y="20" font-size="14">${width < 560 ? "10 min" : "10 minutes"}</text>
    <path class="bars" d=${d.path}></path><path class="bars-base" d="M${gutter} 24.5H${width}"></path>
    ${ticks.map((tick) => svg`<text class="scrub-tick" x=${x(tick).toFixed(1)} y="40">${clock(tick).slice(0, 5)}</text>`)}
    <g class="scrub" tabindex="0" role="slider" aria-label="Window of the timeline" aria-valuemin="0" aria-valuemax=${REACH / 1000} aria-valuenow=${Math.round((window.end - now + REACH) / 1000)}
      aria-valuetext=${d.live ? `live, the last ${duration(window.end - window.start)}` : `${clock(window.start)} to ${clock(window.end)}`} @keydown=${key}>
      <rect class="scrub-window" x=${from.toFixed(1)} y="2" width=${wide.toFixed(1)} height="25" rx="3"></rect>
      <path class="scrub-grip" d="M${from.toFixed(1)} 9v11"></path>
    </g>
    <rect class="scrub-reach" x=${gutter} y="0" width=${width - gutter} height="28" @pointerdown=${down}></rect>
    <g class=${d.live ? "live-pill" : "live-pill away"} role="button" tabindex=${d.live ? -1 : 0} aria-label=${d.live ? "The timeline follows what happens now" : "Go to now"} transform="translate(${width - pill} 28)" @click=${d.goLive}
      @keydown=${(event: KeyboardEvent) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); d.goLive(); } }}>
      <rect width=${pill} height="18" rx="9"></rect>${d.live ? svg`<circle cx="13" cy="9" r="3.5"></circle><text x="21" y="13.4">Now</text>` : svg`<text x="12" y="13.4">To now</text>`}</g>`;
}
