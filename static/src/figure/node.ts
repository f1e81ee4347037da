// One node: disc, session ring, name, znode, state; or its gravestone.
import { nothing, svg, type SVGTemplateResult } from "lit-html";
import type { Node, Stage } from "../protocol";
import { CROSS, CROWN, gravestone, PAUSE, ringDash } from "./glyphs";
import { drawLoad, loadTop, type Load } from "./loads";
import type { Stand } from "./marks";
import type { Point, Slots } from "./slots";
import { firstFit, fit, plain, textWidth } from "./text";
import { isBereft, isFrozen, isNew, left, nodeLines, seqName, type Line } from "./words";

export interface NodeText {
  name: string;
  /** The same beside the name, where it has no line of its own; at least its digits. */
  beside: NodeText["znode"];
  /** Parts of the znode's name, as much as fits; null where there is no room or no znode. */
  znode: { head: string; zeros: string; digits: string } | null;
  lines: { text: string; tone: Line["tone"] }[];
  nameSize: number;
  size: number;
  /** Half of the width of the widest line. */
  half: number;
}

/** What is written below a node, cut to its slot. */
export function nodeText(node: Node, stage: Stage, slots: Slots, now: number, stands: Stand[] = []): NodeText {
  // A numeral at the words needs its room beside their line.
  const taken = (["words", "second"] as const).map((spot) => (stands.some((stand) => stand.of === node.id && stand.spot === spot) ? 32 : 0));
  const width = slots.pitch - (slots.detail === "full" ? 8 : 3);
  const { nameSize, size } = slots;
  const whole = plain(node.name);
  const name = slots.detail === "tiny" ? "" : fit(firstFit([whole, whole.replace(/^session /, "")], width, nameSize, true) || whole, width, nameSize, true);
  const znode = node.znode && slots.lineCount > 2 && (slots.detail === "full" || slots.detail === "medium") ? znodeText(node.znode, width, size) : null;
  const beside = node.znode && slots.beside ? besideText(node.znode, slots.pitch - BETWEEN - textWidth(name, nameSize, true) - BESIDE, size, slots.pitch < 118) : null;
  const all = nodeLines(node, stage, now);
  const room = slots.detail === "small" ? 1 : slots.detail === "tiny" ? Math.min(2, slots.lineCount) : slots.lineCount < 4 ? 1 : 2;
  // Where there is room for one line, what is out of the ordinary is said first.
  const chosen = room === 1 && all.length > 1 ? [all.find((one) => one.tone === "fail") ?? all[0]!] : all.slice(0, room);
  if (room === 1 && isFrozen(node)) chosen[0] = { ...chosen[0]!, wordings: ["frozen, session expired", "frozen, expired", "frozen"] };
  // A short slot has no room for an age beside the place.
  // In a crowd all places are written alike.
  const crowd = slots.detail === "small" || slots.detail === "tiny";
  const alike = slots.rows > 1 ? chosen.map((one) => (one.tone === "plain" && one.wordings.length > 1 ? { ...one, wordings: one.wordings.filter((each) => !each.includes(" · ")) } : one)) : chosen;
  const worded = alike.map((one) => (crowd && one.tone === "plain" && / in line$/.test(one.wordings[0]!.split(" · ")[0]!) ? { ...one, wordings: one.wordings.slice(-1) } : one));
  const lines = worded.map((one, row) => ({ tone: one.tone, text: firstFit(one.wordings, width - (taken[row] ?? 0), size, one.tone !== "plain") || fit(one.wordings[one.wordings.length - 1]!, width, size) }));
  const widest = Math.max(textWidth(name, nameSize, true) + (beside ? textWidth(beside.head + beside.zeros + beside.digits, size) + BESIDE : 0), znode ? textWidth(znode.head + znode.zeros + znode.digits, size) : 0, ...lines.map((one) => textWidth(one.text, size, one.tone !== "plain")));
  return { name, beside, znode, lines, nameSize, size, half: widest / 2 };
}

/** The znode's name in `width`: whole, then without its head, then without its zeros. */
export function znodeText(path: string, width: number, size: number): NodeText["znode"] {
  const { head, zeros, digits } = seqName(path);
  if (!digits) return { head: fit(head, width, size), zeros: "", digits: "" };
  if (textWidth(head + zeros + digits, size) + 2 <= width) return { head, zeros, digits };
  for (const start of [head.length > 3 ? "…" : `${head}…`, "…"]) {
    for (const kept of [zeros, zeros.slice(0, 2), ""]) if (textWidth(start + kept + digits, size) + 2 <= width) return { head: start, zeros: kept, digits };
  }
  return { head: "", zeros: "", digits: fit(digits, width, size) };
}

/** px between a name and the number beside it, and least px to the next slot's name. */
export const BESIDE = 6;
const BETWEEN = 12;

/** The znode's number in `width`, with as much before it as fits; null where not all of its digits do, or it has none. */
function besideText(path: string, width: number, size: number, bare: boolean): NodeText["znode"] {
  const { head, zeros, digits } = seqName(path);
  if (!digits) return null;
  const fits = (before: string): boolean => textWidth(before, size) + textWidth(digits, size, true) + 2 <= width;
  if (!bare && fits(head + zeros)) return { head, zeros, digits };
  // Close together all are written alike, as numbers.
  const short = (bare ? [""] : [head.length > 3 ? "…" : `${head}…`, "…", ""]).find(fits);
  return short === undefined ? null : { head: short, zeros: "", digits };
}

export interface NodeDrawing {
  node: Node;
  stage: Stage;
  slots: Slots;
  centre: Point;
  text: NodeText;
  now: number;
  selected: boolean;
  /** In the order of Tab: one of the nodes is, arrow keys lead to the others. */
  reachable: boolean;
  aria: string;
  mayDismiss: boolean;
  /** Its server is written beside the disc, because there is no line to it. */
  chip: string;
  load: Load | undefined;
  select: () => void;
  dismiss: () => void;
}

export function drawNode(d: NodeDrawing): SVGTemplateResult {
  const { node, slots, centre, text } = d;
  const r = slots.ring;
  const frozen = isFrozen(node);
  const bereft = isBereft(node);
  const dead = node.state === "dead" && !frozen && !bereft;
  const rows = (text.name ? 1 : 0) + (text.znode ? 1 : 0) + text.lines.length;
  const bottom = slots.load && d.load ? loadTop(slots) + slots.load - 2 : slots.firstLine + (rows - 1) * slots.lineStep + 8;
  const plate = Math.min(slots.pitch + 2, Math.max(2 * text.half + 20, r * 2 + 8));
  const state = frozen ? "frozen" : bereft ? "bereft" : dead ? "dead" : node.leads ? "leader" : node.state;
  return svg`<g class="node is-${state}" transform="translate(${centre.x} ${centre.y})">
    <g class="hit" role="button" tabindex=${d.reachable ? 0 : -1} aria-label=${d.aria} aria-pressed=${d.selected} data-x=${centre.x} data-y=${centre.y} @click=${d.select} @keydown=${(event: KeyboardEvent) => press(event, d.select)}>
      <rect class="reach" x=${-slots.pitch / 2 + 2} y=${-r - 8} width=${slots.pitch - 4} height=${r + bottom + 10} rx="8"></rect>
      ${d.selected ? svg`<rect class="plate" x=${-plate / 2} y=${slots.firstLine - slots.nameSize - 2} width=${plate} height=${bottom - slots.firstLine + slots.nameSize + 3} rx="8"></rect>` : nothing}
      ${frozen ? frost(r, node.numeral) : bereft ? widow(r, node) : dead ? stone(r, node.numeral) : disc(d, r)}
      ${words(text, slots)}
      ${d.load ? drawLoad(d.load, slots) : nothing}
      ${d.chip && node.state !== "dead" ? chip(d.chip, r) : nothing}
    </g>
    ${dead && d.mayDismiss ? svg`<g class="dismiss" role="button" tabindex="0" aria-label=${`Dismiss ${plain(node.name)}`} transform="translate(${r * 0.78} ${-r * 0.78})" @click=${d.dismiss} @keydown=${(event: KeyboardEvent) => press(event, d.dismiss)}>
      <title>Dismiss: take this stone off the stage</title><circle class="reach" r="16"></circle><circle r=${Math.min(10, r * 0.4)}></circle><path d=${CROSS}></path></g>` : nothing}
  </g>`;
}

function press(event: KeyboardEvent, then: () => void): void {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  then();
}

function disc(d: NodeDrawing, r: number): SVGTemplateResult {
  const { node, now, stage } = d;
  const rest = left(node, now);
  const unheard = node.state === "paused" || node.state === "silent";
  const part = node.state === "starting" || node.connection === "lost" ? 0 : rest ?? (unheard && !stage.leaderless ? 0 : 1);
  const thin = r < 30;
  const stroke = thin ? 3 : 4.5;
  const inner = r * 0.74;
  const digits = plain(node.numeral).slice(0, 4);
  // Three digits are set smaller rather than cut.
  const most = r * (thin ? 0.82 : 0.71);
  const size = Math.min(most, (most * inner * 1.5) / Math.max(1, textWidth(digits, most, true)));
  const text = fit(digits, inner * 1.7, size, true);
  const crown = Math.min(1, Math.max(0.6, r / 42));
  return svg`
    ${isNew(node, now) ? svg`<circle class="ripple" r=${r * 1.17}></circle>` : nothing}
    <circle class="track" r=${r} stroke-width=${stroke}></circle>
    ${part > 0 ? svg`<circle class=${unheard && stage.leaderless ? "session stands" : unheard ? "session dying" : node.connection === "suspended" ? "session unheard" : "session"} r=${r} stroke-width=${unheard ? stroke * 1.33 : stroke} stroke-dasharray=${part < 1 ? ringDash(r, part) : node.connection === "suspended" || (unheard && stage.leaderless) ? "3 6" : nothing} transform="rotate(-90)"></circle>` : nothing}
    ${node.leads && !unheard
      ? svg`<circle class="lead-line" r=${r * 0.82} stroke-width=${thin ? 1.5 : 2.25}></circle><circle class="lead-line" r=${r * 0.7} stroke-width=${thin ? 1.5 : 2.25}></circle><circle class="gold" r=${r * 0.62}></circle>`
      : unheard
        ? svg`<circle class="hatched" fill="url(#stage-hatch)" r=${inner} stroke-width=${thin ? 1.75 : 2.25} stroke-dasharray=${thin ? "4 3" : "6 4"}></circle><circle class=${node.leads ? "gold ringed" : "core"} r=${r * 0.44}></circle>`
        : svg`<circle class=${node.state === "starting" ? "disc starting" : "disc"} r=${inner} stroke-width=${thin ? 1.75 : 2.25}></circle>`}
    ${node.leads ? svg`<path class="crown" d=${CROWN} transform="translate(0 ${-r - 6}) scale(${crown})"></path>` : nothing}
    <text class="digit" y=${size * 0.34} font-size=${unheard ? size * 0.8 : size}>${text}</text>`;
}

function stone(r: number, digits: string): SVGTemplateResult {
  const shape = gravestone(r);
  return svg`<circle class="ghost-ring" r=${r}></circle><path class="stone" d=${shape.stone}></path><path class="ground" d=${shape.ground}></path><path class="ground" d=${shape.cross}></path>
    <text class="digit" y=${r * 0.42} font-size=${r * 0.6}>${fit(plain(digits), r, r * 0.6, true)}</text>`;
}

/** A process that is stopped and has lost its session: the hatched disc of a pause, its ring empty, struck through. */
function frost(r: number, digits: string): SVGTemplateResult {
  const thin = r < 30;
  const inner = r * 0.74;
  const size = r * 0.6;
  return svg`<circle class="ghost-ring" r=${r}></circle><circle class="hatched" fill="url(#stage-hatch)" r=${inner} stroke-width=${thin ? 1.75 : 2.25} stroke-dasharray=${thin ? "4 3" : "6 4"}></circle>
    <circle class="core" r=${r * 0.44}></circle><path class="struck" d=${`M${-r * 0.72} ${r * 0.72}L${r * 0.72} ${-r * 0.72}`}></path>
    <circle class="core" r=${r * 0.36}></circle><text class="digit" y=${size * 0.34} font-size=${size}>${fit(plain(digits), r, size, true)}</text>
    <g class="frozen-mark" transform=${`translate(${r * 0.74} ${-r * 0.74})`}><rect x=${-Math.min(10, r * 0.36)} y=${-Math.min(10, r * 0.36)} width=${2 * Math.min(10, r * 0.36)} height=${2 * Math.min(10, r * 0.36)} rx="4"></rect><path d=${PAUSE} transform=${`scale(${Math.min(0.9, r * 0.03)})`}></path></g>`;
}

/** A process that lives without a session: its disc, no ring; a broken link where it is cut off. */
function widow(r: number, node: Node): SVGTemplateResult {
  const thin = r < 30;
  const size = r * (thin ? 0.82 : 0.71);
  const cut = Boolean(node.link && node.link !== "slow");
  return svg`<circle class="ghost-ring" r=${r}></circle><circle class="disc" r=${r * 0.74} stroke-width=${thin ? 1.75 : 2.25}></circle>
    <text class="digit" y=${size * 0.34} font-size=${size}>${fit(plain(node.numeral), r * 1.2, size, true)}</text>
    ${cut ? svg`<g class="cut-mark" transform=${`translate(${r * 0.74} ${-r * 0.74})`}><circle r=${Math.min(10, r * 0.38)}></circle><path d="M-4 -4L4 4M4 -4L-4 4" transform=${`scale(${Math.min(1, r * 0.03)})`}></path></g>` : nothing}`;
}

function words(text: NodeText, slots: Slots): SVGTemplateResult {
  let y = slots.firstLine - slots.lineStep;
  const next = (): number => (y += slots.lineStep);
  return svg`
    ${text.name ? svg`<text class="node-name" y=${next()} font-size=${text.nameSize}>${text.name}${text.beside ? svg`<tspan class="beside" dx=${BESIDE} font-size=${text.size}><tspan class="pale">${text.beside.head}${text.beside.zeros}</tspan><tspan class="digits">${text.beside.digits}</tspan></tspan>` : nothing}</text>` : nothing}
    ${text.znode ? svg`<text class="znode" y=${next()} font-size=${text.size}>${text.znode.head ? svg`<tspan class=${text.znode.digits ? "pale" : ""}>${text.znode.head}</tspan>` : nothing}${text.znode.zeros ? svg`<tspan class="pale">${text.znode.zeros}</tspan>` : nothing}<tspan class="digits">${text.znode.digits}</tspan></text>` : nothing}
    ${text.lines.map((line) => {
      const at = next();
      const paused = slots.detail !== "tiny" && line.tone === "fail" && line.text === "paused";
      return svg`<text class="line ${line.tone} ${slots.detail === "tiny" ? "tight" : ""}" x=${paused ? 9 : 0} y=${at} font-size=${text.size}>${line.text}</text>${paused ? svg`<path class="pause-mark" d=${PAUSE} transform="translate(${-textWidth("paused", text.size, true) / 2 - 4} ${at - 5})"></path>` : nothing}`;
    })}`;
}

/** The number of its server, in a small square: the shape that servers have. The 's' tells it from a numeral of the story. */
function chip(server: string, r: number): SVGTemplateResult {
  return svg`<g class="server-chip" transform="translate(${r * 0.78} ${r * 0.72})"><title>${`session on server ${plain(server)}`}</title><rect x="-10" y="-8" width="20" height="16" rx="3"></rect><text y="4.4" font-size="12.5">${fit(`s${plain(server)}`, 18, 12.5, true)}</text></g>`;
}
