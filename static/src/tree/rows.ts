// How a line of the tree looks. Pure.
import { html, nothing, type TemplateResult } from "lit-html";
import { REDACTED } from "../page/words";
import type { Row } from "../protocol";
import { glyph, icon } from "../style/icons";
import type { Picked } from "../hands/picked";
import type { Line } from "./model";
import { count, kindWords, pieces, plain, sequence, size } from "./names";

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
  return html`<bdi class="seq"><span>${escaped(parts.prefix)}</span><i>${parts.zeros}</i><b>${parts.digits}</b></bdi>`;
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

/** How one line looks. Every line is as high as every other, whatever it holds. */
export interface Looking {
  /** What its face follows from: while all of it is the same, the face need not be drawn again. */
  of: readonly unknown[];
  face: () => Face;
  classes: readonly string[];
  attributes: Attributes;
  /** How far it stands to the right. */
  depth: number;
  /** Whole seconds since it changed, while that is marked. Colours fade by the second: an animation is drawn with each frame. */
  age: number | null;
}

/** What is within a row, and what it is to those who do not see it. */
export interface Face {
  content: TemplateResult;
  label?: string;
  title?: string;
}

/** Null: it has none. */
export type Attributes = Readonly<Record<(typeof ATTRIBUTES)[number], string | null>>;

export const ATTRIBUTES = [
  "id", "data-line", "role", "aria-level", "aria-setsize", "aria-posinset", "aria-expanded", "aria-selected", "aria-checked", "aria-busy",
] as const;

export function lookingOf(line: Line, at: number, looks: Looks): Looking {
  if (line.kind === "tools") return besides([line.kind], 1, html``);
  if (line.kind === "note") return besides([line.kind, line.text], line.depth, html`<span class="row-note">${line.text}</span>`);
  if (line.kind === "ghost") return ghostLooking(line, at, looks);
  if (!line.row || line.path === null) {
    const content = html`<span class="ch"></span><span class="tw"></span><span class="bar"></span>`;
    return item({ of: ["waiting"], face: () => ({ content, label: "Not loaded yet" }), classes: ["waiting"], path: null, among: line }, at, line.depth, looks);
  }
  return znodeLooking(line.row, line.path, line, at, looks);
}

function znodeLooking(row: Row, path: string, line: Extract<Line, { kind: "znode" }>, at: number, looks: Looks): Looking {
  const open = looks.expanded(path);
  const children = row.children ?? 0;
  const changed = mark(row, looks.now, open);
  const numerals = looks.numerals.get(path);
  const classes: string[] = [];
  if (children > 0 && line.depth === 1) classes.push("parent");
  if (changed) classes.push("chg");
  if (looks.owned.has(path)) classes.push("own");
  const face = (): Face => ({
    label: words(row, path, changed, numerals),
    title: `${plain(path)} · ${row.locked ? "locked" : kindWords(row.kind, row.sequential)}${row.redacted ? ` · ${REDACTED}` : ""}`,
    content: html`
      <span class="ch">${changed}</span>
      ${children > 0 ? html`<span class="tw" data-twist>${icon(open ? "i-down" : "i-right")}</span>` : html`<span class="tw"></span>`}
      ${row.locked ? lock : glyph(row.kind, row.sequential)}
      <span class="nm">${nameText(line.depth === 1 ? `/${row.name}` : row.name, row.sequential ?? false)}</span>
      <span class="rt">${row.redacted ? redacted(row) : right(row)}${discs(numerals)}</span>
      <span class="kw" aria-hidden="true">${row.locked ? "" : kindWords(row.kind, row.sequential)}</span>
    `,
  });
  const of = ["znode", row, path, line.depth, open, changed, numerals?.join()];
  const since = changed ? age(row.changed ?? 0, looks.now) : null;
  return { ...item({ of, face, classes, path, among: line, open: children > 0 ? open : undefined }, at, line.depth, looks), age: since };
}

function ghostLooking({ ghost, path, depth }: Extract<Line, { kind: "ghost" }>, at: number, looks: Looks): Looking {
  const numerals = looks.numerals.get(path);
  const sequential = sequence(ghost.name) !== null;
  const face = (): Face => ({
    label: `${plain(ghost.name)}, deleted${ghost.holder ? `, was held by ${ghost.holder}` : ""}${stepWords(numerals)}`,
    content: html`
      <span class="ch">−</span>
      <span class="tw"></span>
      ${ghost.kind ? glyph(ghost.kind, sequential) : html`<span class="gl"></span>`}
      <span class="nm">${nameText(depth === 1 ? `/${ghost.name}` : ghost.name, sequential)}</span>
      <span class="rt">deleted${discs(numerals)}</span>
    `,
  });
  const of = ["ghost", ghost, path, depth, numerals?.join()];
  const since = ghost.faded ? null : age(ghost.at, looks.now);
  return { ...item({ of, face, classes: ghost.faded ? ["gone"] : ["gone", "chg"], path, gone: true }, at, depth, looks), age: since };
}

/** Seconds by the clock, so that all rows grow older in one frame and not each in one of its own. */
function age(at: number, now: number): number {
  return Math.max(0, Math.floor(now / 1000) - Math.floor(at / 1000));
}

/** A line that is nothing in the tree. */
function besides(of: readonly unknown[], depth: number, content: TemplateResult): Looking {
  return { of, face: () => ({ content }), classes: [], attributes: { ...BARE, role: "none" }, depth, age: null };
}

interface Item {
  of: readonly unknown[];
  face: () => Face;
  classes: readonly string[];
  /** Null while it is not known: then it cannot be selected. */
  path: string | null;
  /** It is gone: nothing more can be done to it. */
  gone?: boolean;
  /** Its place among its siblings. */
  among?: { index: number; total: number };
  /** Whether it is expanded; undefined where there is nothing to expand. */
  open?: boolean | undefined;
}

function item({ of, face, classes, path, gone = false, among, open }: Item, at: number, depth: number, looks: Looks): Looking {
  const selected = path !== null && looks.selected === path;
  const pickable = looks.picked !== null && path !== null && !gone;
  const picked = pickable && (looks.picked?.has(path) ?? false);
  const withPick = (): Face => {
    const made = face();
    return { ...made, content: html`<span class="pk" data-pick>${picked ? icon("i-check") : nothing}</span>${made.content}` };
  };
  const attributes = {
    id: rowId(at),
    "data-line": String(at),
    role: "treeitem",
    "aria-level": String(depth),
    "aria-setsize": among ? String(among.total) : null,
    "aria-posinset": among ? String(among.index + 1) : null,
    "aria-expanded": open === undefined ? null : String(open),
    "aria-selected": path === null ? null : String(selected),
    "aria-checked": pickable ? String(picked) : null,
    "aria-busy": path === null ? "true" : null,
  };
  const all = [...classes];
  if (selected) all.push("sel");
  if (picked) all.push("picked");
  if (looks.active === at) all.push("active");
  return { of: [...of, pickable, picked], face: pickable ? withPick : face, classes: all, attributes, depth, age: null };
}

const BARE = Object.fromEntries(ATTRIBUTES.map((name) => [name, null])) as Attributes;

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
