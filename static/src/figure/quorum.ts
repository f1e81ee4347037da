// The quorum: a square a voter, a bar at the majority, and the words.
import { svg, type SVGTemplateResult } from "lit-html";
import type { Ensemble } from "../protocol";
import { inOrder } from "./server";
import { plain, textWidth } from "./text";

export interface Meter {
  squares: { x: number; state: "up" | "down" }[];
  bar: number;
  side: number;
  width: number;
}

/** Squares of those that are up first, so that they can be compared with the bar. */
export function meterFor(ensemble: Ensemble): Meter {
  const { quorum } = ensemble;
  const side = quorum.size > 7 ? 10 : 15;
  const step = side + 4;
  const size = Math.min(quorum.size, 40);
  // Votes may weigh anything: more than fit are drawn in proportion.
  const scaled = (count: number): number => (quorum.size > size ? Math.round((count / quorum.size) * size) : count);
  const squares = Array.from({ length: size }, (_, i) => ({ x: i * step, state: i < scaled(quorum.up) ? ("up" as const) : ("down" as const) }));
  return { squares, bar: scaled(quorum.needs) * step - 2, side, width: size * step - 4 };
}

export function quorumWords(ensemble: Ensemble): { strong: string; rest: string } {
  const { quorum } = ensemble;
  const words = plain(quorum.words);
  if (inOrder(ensemble).length === 1 && quorum.size <= 1) return { strong: "one server", rest: quorum.held ? "no other can take over" : words };
  return { strong: quorum.held ? "quorum" : "no quorum:", rest: words };
}

/** Drawn to the left of `right`. */
export function drawQuorum(ensemble: Ensemble, right: number, y: number): { drawing: SVGTemplateResult; width: number } {
  const meter = meterFor(ensemble);
  const words = quorumWords(ensemble);
  const text = textWidth(`${words.strong} `, 16, true) + textWidth(words.rest, 16) + 4;
  const width = meter.width + 12 + text;
  const x = right - width;
  const drawing = svg`<g class="quorum ${ensemble.quorum.held ? "held" : "lost"}" role="img" aria-label=${`${words.strong.replace(":", "")}: ${words.rest}`}>
    <g transform="translate(${x} ${y - meter.side + 2})">
      ${meter.squares.map((one) => svg`<rect class=${one.state} x=${one.x} width=${meter.side} height=${meter.side} rx="2"></rect>`)}
      <path class="majority" d="M${meter.bar} -5V${meter.side + 5}"></path>
    </g>
    <text x=${right} y=${y} font-size="16" text-anchor="end"><tspan class="strong">${words.strong}</tspan><tspan dx="4">${words.rest}</tspan></text></g>`;
  return { drawing, width };
}
