// Draws the lanes: spans, cause lines, marks, labels on plates.
import { nothing, svg, type SVGTemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Moment } from "../protocol";
import { CHECK, CROSS } from "./glyphs";
import { LABEL_SIZE, type Cause, type Lanes, type Piece, type PlacedMoment } from "./lanes";
import { numeral } from "./marks";
import { fit, firstFit, plain, textWidth } from "./text";
import { axisTicks, times, type Scale } from "./timescale";
import { clock } from "./words";

const round = (n: number): number => Math.round(n * 10) / 10;

/** The axis with its brackets. `live`: the moment at the right edge is now, or that of the pause. */
export function drawAxis(scale: Scale, width: number, live: boolean, paused: boolean): SVGTemplateResult {
  const narrow = width < 560;
  const edge = paused && live ? `paused at ${clock(scale.end)}` : live ? (narrow ? "now" : `now ${clock(scale.end, 1)}`) : clock(scale.end);
  const edgeFrom = width - textWidth(edge, 14, true) - 10;
  const captions = scale.stretches.map((one) => {
    const ms = Math.max(1, Math.round(one.end - one.start));
    const text = firstFit([`${ms} millisecond${ms === 1 ? "" : "s"}, stretched ${times(one.factor)}`, `${ms} ms, stretched ${times(one.factor)}`, `${ms} ms, ×${times(one.factor).replace(" times", "")}`, `${ms} ms`], one.to - one.from + (scale.stretches.length === 1 ? 30 : -6), 14.6);
    const half = textWidth(text, 14.6) / 2;
    // It stays clear of the words at the right edge.
    return { one, text, x: Math.min((one.from + one.to) / 2, edgeFrom - half - 6), half };
  });
  return svg`
    ${axisTicks(scale, narrow ? 64 : 72).filter((tick) => tick.x < edgeFrom - 32 && captions.every((caption) => Math.abs(tick.x - caption.x) > caption.half + 34)).map((tick) => svg`<text class="tick-words" x=${round(tick.x)} y="17">${clock(tick.at)}</text><path class="axis-tick" d="M${round(tick.x)} 22v5"></path>`)}
    ${captions.map(({ one, text, x }) => svg`<text class="stretch-words" x=${round(x)} y="16">${text}</text><path class="bracket" d="M${round(one.from)} 21v8M${round(one.from)} 25H${round(one.to)}M${round(one.to)} 21v8"></path>`)}
    <text class="edge-words" x=${width} y="17">${edge}</text>`;
}

export function drawLanes(lanes: Lanes, width: number, gutter: number, selected: string, live: boolean, hover: (moment: Moment | null) => void): SVGTemplateResult {
  const { scale, height, step } = lanes;
  const ensemble = lanes.rows.find((row) => row.lane.id === "ensemble");
  return svg`
    <defs><pattern id="timeline-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"></rect><path class="hatch-line" d="M0 0V6"></path></pattern>
      <pattern id="timeline-gap" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="gap-ground" width="7" height="7"></rect><path class="gap-line" d="M0 0V7"></path></pattern></defs>
    ${scale.stretches.map((one) => svg`<rect class="stretch" x=${round(one.from)} y="0" width=${round(one.to - one.from)} height=${height}></rect><path class="stretch-edge" d="M${round(one.from)} 0V${height}M${round(one.to)} 0V${height}"></path>`)}
    ${lanes.rows.map((row) => {
      // The ensemble's line begins where one of its servers was first seen.
      const seen = row.lane.id === "ensemble" ? lanes.pieces.find((one) => one.kind === "alive" && one.y === row.y) : undefined;
      const from = row.lane.id === "znodes" ? gutter : seen ? round(Math.max(seen.from, gutter)) : null;
      return svg`<text class=${row.lane.id === selected ? "lane-name chosen" : "lane-name"} x="0" y=${row.y + 4.5} font-size=${step < 16 ? 13 : 14}>${fit(plain(row.lane.name), gutter - 8, step < 16 ? 13 : 14, row.lane.id === selected)}</text>
        ${from !== null ? svg`<path class="common-line ${row.lane.id}" d="M${from} ${row.y}H${width}"></path>` : nothing}`;
    })}
    ${lanes.folded ? svg`<text class="lanes-folded" x="0" y=${lanes.folded.y + 4.5} font-size=${step < 16 ? 13 : 14}>${fit(lanes.folded.text, width - 8, 14)}</text>` : nothing}
    ${repeat(lanes.pieces.filter((one) => one.kind !== "alive" || one.y !== ensemble?.y), (one) => one.id, (one) => drawPiece(one, height))}
    ${lanes.causes.map(drawCause)}
    ${repeat(lanes.moments.filter((one) => !one.n), (one) => one.moment.id, (one) => drawMoment(one, hover))}
    ${lanes.labels.map((one) => {
      const y = lanes.rows[one.row]!.y;
      return svg`<g class="label ${one.bold ? "strong" : ""} ${one.tone}"><rect class=${one.stretched ? "plate stretched" : "plate"} x=${round(one.x)} y=${y - 8} width=${one.width} height="16"></rect><text x=${round(one.x + 2)} y=${y + 4.6} font-size=${LABEL_SIZE}>${one.text}</text></g>`;
    })}
    ${lanes.gaps.map((one) => svg`<g class="gap-words"><rect x=${round(one.x)} y=${one.y - 12} width=${one.width} height="24" rx="4"></rect><text x=${round(one.x + 8)} y=${one.y + 4.8} font-size=${LABEL_SIZE}>${one.text}</text></g>`)}
    ${lanes.moments.filter((one) => one.n).map((one) => svg`<g @pointerenter=${() => hover(one.moment)} @pointerleave=${() => hover(null)}>${numeral(one.n, round(one.x), one.y, 8.5)}</g>`)}
    ${live ? svg`<path class="live-edge" d="M${width - 1} 0V${height}"></path>` : nothing}`;
}

function drawPiece(piece: Piece, height: number): unknown {
  const { y } = piece;
  const from = round(piece.from);
  const to = round(piece.to);
  if (to - from < 0.5) return nothing;
  switch (piece.kind) {
    case "leading":
      return svg`<rect class="leading-bar" x=${from} y=${y - 4} width=${to - from} height="8"></rect>`;
    case "silent":
    case "paused":
      return svg`<path class="wedge" fill="url(#timeline-hatch)" d="M${from} ${y - 5.5}L${to} ${y - 1}V${y + 1}L${from} ${y + 5.5}Z"></path>`;
    case "down":
      return svg`<path class="down-line" d="M${from} ${y}H${to}"></path>`;
    case "gap":
      return svg`<rect class="gap" fill="url(#timeline-gap)" x=${from} y="0" width=${to - from} height=${height}></rect><path class="gap-edge" d="${zigzag(from, height)}${zigzag(to, height)}"></path>`;
    default:
      return svg`<path class="alive-line" d="M${from} ${y}H${to}"></path>`;
  }
}

function zigzag(x: number, height: number): string {
  let path = `M${x} 0`;
  for (let y = 5, i = 0; y <= height + 4; y += 5, i++) path += `L${x + (i % 2 ? -2.5 : 2.5)} ${Math.min(y, height)}`;
  return path;
}

function drawCause(cause: Cause): SVGTemplateResult {
  const { from, to } = cause;
  // Neighbouring lanes have no room for an arrow: a line says enough.
  if (Math.abs(to.y - from.y) < 26) return svg`<g class=${cause.watch ? "cause of-watch" : "cause"}><path d="M${round(from.x)} ${from.y}L${round(to.x)} ${to.y}"></path></g>`;
  const down = to.y > from.y ? 1 : -1;
  const start = from.y + down * 8;
  const end = to.y - down * 9;
  const bend = Math.abs(end - start) * 0.5;
  const path = `M${round(from.x)} ${start}C${round(from.x)} ${start + down * bend} ${round(to.x)} ${end - down * bend} ${round(to.x)} ${end}`;
  return svg`<g class=${cause.watch ? "cause of-watch" : "cause"}><path d=${path}></path><path class="cause-head" d="M${round(to.x)} ${end + down * 2}l-3.5 ${-down * 6.5}h7z"></path></g>`;
}

function drawMoment(one: PlacedMoment, hover: (moment: Moment | null) => void): SVGTemplateResult {
  const { moment, y } = one;
  return svg`<g class="moment is-${moment.kind} on-${moment.lane === "znodes" || moment.lane === "ensemble" ? moment.lane : "node"}" transform="translate(${round(one.x)} ${y})" @pointerenter=${() => hover(moment)} @pointerleave=${() => hover(null)}>
    <rect class="reach" x="-5" y="-9" width="10" height="18"></rect>${shape(moment)}</g>`;
}

function shape(moment: Moment): SVGTemplateResult {
  if (moment.lane === "znodes") {
    if (moment.kind === "deleted") return svg`<path class="tick gone" d="M0 -6V6"></path>`;
    if (moment.kind === "gap") return svg`<circle class="hollow" r="3.5"></circle>`;
    return svg`<path class="tick" d="M0 -5V5"></path>`;
  }
  switch (moment.kind) {
    case "killed":
    case "stopped":
    case "exited":
    case "down":
      return svg`<circle class="bad" r="7.5"></circle><path class="on-bad" d=${CROSS}></path>`;
    case "paused":
      return svg`<rect class="bad" x="-8" y="-8" width="16" height="16" rx="3"></rect><path class="on-bad" d="M-2.8 -4V4M2.8 -4V4"></path>`;
    case "cut":
      return svg`<circle class="bad" r="7.5"></circle><path class="on-bad" d="M-5 0H-2.2M2.2 0H5M-1.8 -4L1.8 4"></path>`;
    case "healed":
      return svg`<circle class="node-hollow" r="6.5"></circle><path class="inside" d="M-3.6 0H3.6"></path>`;
    case "resumed":
    case "started":
      return svg`<circle class="node-hollow" r="6.5"></circle><path class="inside" d="M-2 -3.2L3.4 0L-2 3.2Z"></path>`;
    case "leads":
    case "leading":
      return svg`<circle class="gold" r="6"></circle>`;
    case "acknowledged":
      return svg`<rect class="plate" x="-7" y="-7" width="14" height="14"></rect><path class="check" d=${CHECK}></path>`;
    case "watch":
      return svg`<circle class="watch-dot" r="4.5"></circle>`;
    case "session":
    case "reconnected":
      return svg`<circle class="node-hollow" r="5.5"></circle>`;
    case "expired":
    case "suspended":
    case "looking":
      return svg`<circle class="bad" r="4.5"></circle>`;
    case "deleted":
      return svg`<circle class="bad" r="3.5"></circle>`;
    case "created":
      return svg`<circle class="node-dot" r="4.5"></circle>`;
    default:
      return svg`<path class="tick" d="M0 -5V5"></path>`;
  }
}
