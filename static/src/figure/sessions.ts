// Session lines: from a node to the server that its session is on.
import { nothing, svg, type SVGTemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Node } from "../protocol";
import type { Slab } from "./server";
import type { Point } from "./slots";

export interface SessionLine {
  node: Node;
  path: string;
  /** Where it meets its server. */
  end: Point;
  /** Where a numeral may stand on it, best first. */
  spots: Point[];
  kind: "alive" | "silent" | "selected";
  /** What became of the link below it, in words; '' while nothing did. */
  link: string;
}

/** Lines from `feet` (below each node's words) to the tops of the slabs, spread so that they cross as little as can be. */
export function sessionLines(nodes: readonly Node[], feet: ReadonlyMap<string, Point>, slabs: readonly Slab[], selected: string): SessionLine[] {
  const lines: SessionLine[] = [];
  for (const slab of slabs) {
    const here = nodes.filter((one) => one.server === slab.server.id && one.state !== "dead" && one.state !== "starting" && feet.has(one.id));
    here.sort((a, b) => feet.get(a.id)!.x - feet.get(b.id)!.x);
    const from = slab.x + Math.min(28, slab.width * 0.2) + (slab.flag ? 12 : 0);
    const to = slab.x + slab.width - Math.min(44, slab.width * 0.2);
    here.forEach((node, i) => {
      const foot = feet.get(node.id)!;
      const x = from + ((to - from) * (i + 1)) / (here.length + 1);
      const end = { x: Math.round(x), y: slab.y - 1 };
      const rise = Math.max(14, (end.y - foot.y) * 0.52);
      const silent = node.state === "silent" || node.state === "paused" || node.connection === "suspended" || node.connection === "lost";
      lines.push({
        node, end, path: `M${foot.x} ${foot.y}C${foot.x} ${foot.y + rise} ${end.x} ${end.y - rise} ${end.x} ${end.y}`,
        spots: [0.5, 0.38, 0.62, 0.26, 0.74].map((t) => ({ x: foot.x + (end.x - foot.x) * t * t * (3 - 2 * t), y: along(t, foot.y, foot.y + rise, end.y - rise, end.y) })),
        kind: silent ? "silent" : node.id === selected ? "selected" : "alive", link: node.link ?? "",
      });
    });
  }
  return lines.sort((a, b) => Number(a.kind !== "alive") - Number(b.kind !== "alive"));
}

/** A cubic at `t`. */
function along(t: number, a: number, b: number, c: number, d: number): number {
  const u = 1 - t;
  return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
}

/** Where the line is broken: a gap with a cross; a wave where it is merely slow. */
function linkMark({ spots, link }: SessionLine): SVGTemplateResult {
  const { x, y } = spots[0]!;
  return svg`<g class="link-break" transform=${`translate(${x.toFixed(1)} ${y.toFixed(1)})`}><title>${link}</title><circle r="9"></circle><path d=${link === "slow" ? "M-6 0C-4 -4 -2 -4 0 0S4 4 6 0" : "M-4 -4L4 4M4 -4L-4 4"}></path></g>`;
}

/** `beats`: a dot travels along each line; only where motion is welcome and what is shown is live. */
export function drawSessions(lines: readonly SessionLine[], beats: boolean): SVGTemplateResult {
  return svg`${repeat(lines, (one) => one.node.id, (one) => {
    const id = `session-${one.node.slot}`;
    return svg`<g class="session-line ${one.kind} ${one.link ? (one.link === "slow" ? "slow" : "broken") : ""}"><path id=${id} d=${one.path}></path><circle cx=${one.end.x} cy=${one.end.y} r="4.5"></circle>${
      beats && one.kind !== "silent" && !one.link
        ? svg`<circle class="beat" r="3.4"><animateMotion dur="1.333s" begin=${`-${((one.node.slot * 0.31) % 1.333).toFixed(2)}s`} repeatCount="indefinite" calcMode="spline" keyTimes="0;1" keySplines=".3 0 .7 1"><mpath href=${`#${id}`}></mpath></animateMotion></circle>`
        : nothing
    }${one.link ? linkMark(one) : nothing}</g>`;
  })}`;
}
