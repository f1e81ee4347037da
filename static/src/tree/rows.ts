// How a line of the tree looks.
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { styles } from "../style/styles";
import { REDACTED } from "../page/words";
import type { Row } from "../protocol";
import { glyph, icon } from "../style/icons";
import type { Picked } from "../hands/picked";
import type { Line } from "./model";
import { count, kindWords, pieces, plain, sequence, size } from "./names";
import { since } from "./since";

/** How long a change is marked, ms; as long as the bridge keeps ghosts. */
export const MARKED = 10_000;

/** What rows need to know beside themselves. */
export interface Looks {
  now: number;
  selected: string | null;
  /** Paths of the selected node's znodes. */
  owned: ReadonlySet<string>;
  /** Numerals of the story by path. */
  numerals: ReadonlyMap<string, readonly number[]>;
  expanded: (path: string) => boolean;
  active: number;
  /** What is picked; null where this person cannot do anything to several znodes. */
  picked: Pick<Picked, "has" | "size"> | null;
}

/** A name as text: what cannot be seen as escapes, the zeros of a sequence number pale. */
export function nameText(name: string, sequential: boolean): TemplateResult {
  const parts = sequential ? sequence(name) : null;
  if (!parts) return html`<bdi>${escaped(name)}</bdi>`;
  return html`<bdi class="seq">${escaped(parts.prefix)}<i>${parts.zeros}</i><b>${parts.digits}</b></bdi>`;
}

/** Text, or its characters from `from` up to `to`, with what cannot be seen as escapes. */
export function escaped(text: string, from = 0, to = Infinity) {
  return pieces(text, from, to).map((piece) => (piece.escape ? html`<span class="esc">${piece.text}</span>` : piece.text));
}

const lock = html`<svg class="gl" aria-hidden="true" viewBox="0 0 16 16">
  <rect x="3" y="7" width="10" height="7" rx="1.5" fill="currentColor" />
  <path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0V7" fill="none" stroke="currentColor" stroke-width="1.8" />
</svg>`;

const crown = html`<svg class="crown" aria-hidden="true"><use href="#i-crown"></use></svg>`;

/** '+', '~' or '±' while a change is fresh, '' after. Children that change are seen themselves in an expanded parent. */
export function mark(row: Row, now: number, expanded: boolean): "" | "+" | "~" | "±" {
  if (row.changed == null || now - row.changed >= MARKED) return "";
  if (row.change === "created") return "+";
  if (row.change === "data") return "~";
  return row.change === "children" && !expanded ? "±" : "";
}

const MARK_WORDS = { "": "", "+": "just created", "~": "data just changed", "±": "children just changed" } as const;

export function rowId(line: number): string {
  return `tree-line-${line}`;
}

/** One line. Every line is as high as every other, whatever it holds. */
export function rowView(line: Line, at: number, looks: Looks): TemplateResult {
  if (line.kind === "tools") return html`<div class="row" role="none"></div>`;
  if (line.kind === "note") {
    return html`<div class="row" role="none" style=${indent(line.depth)}><span class="row-note">${line.text}</span></div>`;
  }
  if (line.kind === "ghost") return ghostView(line, at, looks);
  if (!line.row || line.path === null) return waitingView(line, at, looks);
  const { row, path } = line;
  const open = looks.expanded(path);
  const children = row.children ?? 0;
  const changed = mark(row, looks.now, open);
  const numerals = looks.numerals.get(path);
  const shown = line.depth === 1 ? `/${row.name}` : row.name;
  const classes: string[] = [];
  if (children > 0 && line.depth === 1) classes.push("parent");
  if (changed) classes.push("chg");
  if (looks.owned.has(path)) classes.push("own");
  const item: Item = {
    classes,
    path,
    label: words(row, path, changed, numerals),
    title: `${plain(path)} · ${row.locked ? "locked" : kindWords(row.kind, row.sequential)}${row.redacted ? ` · ${REDACTED}` : ""}`,
    among: line,
    open: children > 0 ? open : undefined,
  };
  return itemView(item, at, line.depth, looks, html`
    ${changed ? keyed(row.changed, html`<span class="glow" ${since(looks.now - (row.changed ?? 0))}></span>`) : nothing}
    <span class="ch">${changed}</span>
    ${children > 0 ? html`<span class="tw" data-twist>${icon(open ? "i-down" : "i-right")}</span>` : html`<span class="tw"></span>`}
    ${row.locked ? lock : glyph(row.kind, row.sequential)}
    <span class="nm">${nameText(shown, row.sequential ?? false)}</span>
    <span class="rt">${row.redacted ? redacted(row) : right(row)}${discs(numerals)}</span>
    <span class="kw" aria-hidden="true">${row.locked ? "" : kindWords(row.kind, row.sequential)}</span>
  `);
}

function ghostView(line: Extract<Line, { kind: "ghost" }>, at: number, looks: Looks): TemplateResult {
  const { ghost, path, depth } = line;
  const numerals = looks.numerals.get(path);
  const sequential = sequence(ghost.name) !== null;
  const name = depth === 1 ? `/${ghost.name}` : ghost.name;
  const label = `${plain(ghost.name)}, deleted${ghost.holder ? `, was held by ${ghost.holder}` : ""}${stepWords(numerals)}`;
  return itemView({ classes: ghost.faded ? ["gone"] : ["gone", "chg"], path, label, gone: true }, at, depth, looks, html`
    ${ghost.faded ? nothing : keyed(ghost.at, html`<span class="glow" ${since(looks.now - ghost.at)}></span>`)}
    <span class="ch">−</span>
    <span class="tw"></span>
    ${ghost.kind ? glyph(ghost.kind, sequential) : html`<span class="gl"></span>`}
    <span class="nm">${nameText(name, sequential)}</span>
    <span class="rt">deleted${discs(numerals)}</span>
  `);
}

function waitingView(line: Extract<Line, { kind: "znode" }>, at: number, looks: Looks): TemplateResult {
  const item: Item = { classes: ["waiting"], path: null, label: "Not loaded yet", among: line };
  return itemView(item, at, line.depth, looks, html`<span class="ch"></span><span class="tw"></span><span class="bar"></span>`);
}

/** What a line is to those who do not see it, and how it stands out for those who do. */
interface Item {
  classes: readonly string[];
  /** Null while it is not known: then it cannot be selected. */
  path: string | null;
  label: string;
  title?: string;
  /** It is gone: nothing more can be done to it. */
  gone?: boolean;
  /** Its place among its siblings. */
  among?: { index: number; total: number };
  /** Whether it is expanded; undefined where there is nothing to expand. */
  open?: boolean | undefined;
}

function itemView({ classes, path, label, title, gone = false, among, open }: Item, at: number, depth: number, looks: Looks, content: TemplateResult): TemplateResult {
  const selected = path !== null && looks.selected === path;
  const pickable = looks.picked !== null && path !== null && !gone;
  const picked = pickable && (looks.picked?.has(path) ?? false);
  return html`<div
    class=${["row", ...classes, selected ? "sel" : "", picked ? "picked" : "", looks.active === at ? "active" : ""].filter(Boolean).join(" ")}
    id=${rowId(at)}
    data-line=${at}
    role="treeitem"
    aria-level=${depth}
    aria-setsize=${among?.total ?? nothing}
    aria-posinset=${among ? among.index + 1 : nothing}
    aria-expanded=${open === undefined ? nothing : String(open)}
    aria-selected=${path === null ? nothing : String(selected)}
    aria-checked=${pickable ? String(picked) : nothing}
    aria-busy=${path === null ? "true" : nothing}
    aria-label=${label}
    title=${title ?? nothing}
    style=${indent(depth)}
  >${pickable ? html`<span class="pk" data-pick>${picked ? icon("i-check") : nothing}</span>` : nothing}${content}</div>`;
}

function right(row: Row) {
  const children = row.children ?? 0;
  if (row.locked) return "locked";
  if (row.leads || row.holder) return html`${row.leads ? crown : nothing}${row.holder ? html`<bdi>${plain(row.holder)}</bdi>` : nothing}`;
  if (children >= 1000) return html`<span><b class="bigcount">${count(children)}</b> children</span>`;
  if (children > 0) return String(children);
  if (!row.size) return "";
  return `${size(row.size)}${row.version ? `, v${row.version}` : ""}`;
}

/** Its size would be of what is not shown. */
function redacted(row: Row) {
  const before = row.children || row.leads || row.holder ? right(row) : "";
  return before ? html`${before}<span class="unseen">data not shown</span>` : html`<span class="unseen">data not shown</span>`;
}

function discs(numerals: readonly number[] | undefined) {
  return (numerals ?? []).map((n) => html`<span class="num" aria-hidden="true">${n}</span>`);
}

function words(row: Row, path: string, changed: keyof typeof MARK_WORDS, numerals: readonly number[] | undefined): string {
  const children = row.children ?? 0;
  const parts = [plain(path.slice(path.lastIndexOf("/") + 1)), row.locked ? "locked" : kindWords(row.kind, row.sequential)];
  if (row.redacted) parts.push("data not shown to you");
  if (children) parts.push(children === 1 ? "1 child" : `${count(children)} children`);
  if (row.holder) parts.push(`held by ${plain(row.holder)}`);
  if (row.leads) parts.push("leads");
  if (changed) parts.push(MARK_WORDS[changed]);
  return parts.join(", ") + stepWords(numerals);
}

function stepWords(numerals: readonly number[] | undefined): string {
  return numerals?.length ? `, step ${numerals.join(" and ")} of the story` : "";
}

function indent(depth: number) {
  return styles({ "--in": String(Math.min(depth - 1, 24)) });
}
