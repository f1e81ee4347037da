// 'Find a znode': the field, how what is typed is meant, and what was found.
import { html, nothing, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { Hit } from "../protocol";
import { glyph, icon } from "../style/icons";
import { count, kindWords, plain, sequence } from "./names";
import { nameOf } from "./paths";
import { escaped } from "./rows";
import { MANY, type Seek } from "./seek";
import type { How, In } from "./topics";
import type { Tree } from "./tree";
import "./seek.css";

const WHERE: readonly [In, string][] = [
  ["path", "path"],
  ["data", "data"],
];
const HOW: readonly [How, string, string][] = [
  ["substring", "text", "what is typed, as it is"],
  ["glob", "glob", "* ? [a-c], and ** across several segments"],
  ["regex", "regex", "a regular expression, as RE2 takes it"],
];

export function seekView(tree: Tree): TemplateResult {
  const { seek, finder } = tree;
  const failed = finder.failed && finder.message !== "";
  return html`<div class="seek ${seek.text ? "engaged" : ""}">
    <form class="goto" role="search" @submit=${(event: Event) => submit(event, tree)}>
      ${icon("i-search")}
      <input
        name="path"
        role="combobox"
        placeholder="Find a znode"
        aria-label="Find a znode"
        aria-describedby="goto-said"
        aria-invalid=${failed || seek.problem ? "true" : nothing}
        aria-expanded=${seek.hits.length > 0}
        aria-controls="hits"
        aria-autocomplete="list"
        aria-activedescendant=${seek.active < 0 ? nothing : hitId(seek.active)}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        maxlength="3000"
        .value=${live(seek.text)}
        @input=${(event: Event) => type(event, tree)}
        @keydown=${(event: KeyboardEvent) => press(event, tree)}
      />
      ${seek.text
        ? html`<button type="button" class="goto-clear" aria-label="Clear" @click=${() => leave(tree)}>${icon("i-x")}</button>`
        : html`<kbd aria-hidden="true">/</kbd>`}
    </form>
    <div class="modes" @mousedown=${(event: Event) => event.preventDefault()}>
      <span role="group" aria-label="Search in">
        ${WHERE.map(([where, word]) => mode(word, seek.where === where, "", () => seek.choose({ where })))}
      </span>
      <span role="group" aria-label="What is typed is">
        ${HOW.map(([how, word, words]) => mode(word, seek.how === how, words, () => seek.choose({ how })))}
      </span>
    </div>
    <p class="goto-said ${failed ? "failed" : ""}" id="goto-said" role="status">${finder.message}</p>
    ${seek.goes && !finder.message ? html`<p class="seek-told">Enter goes to this path.</p>` : nothing} ${seek.wanted ? results(tree) : nothing}
  </div>`;
}

function mode(word: string, on: boolean, title: string, choose: () => void): TemplateResult {
  return html`<button type="button" aria-pressed=${on} title=${title || nothing} @click=${choose}>${word}</button>`;
}

function results(tree: Tree): TemplateResult {
  const { seek } = tree;
  const hits = seek.hits;
  return html`<div class="seek-told" aria-live=${seek.busy ? "off" : "polite"}>${told(seek, hits.length)}</div>
    <ol class="hits" id="hits" role="listbox" aria-label="Znodes found" ?hidden=${hits.length === 0}>
      ${guard([seek.value, seek.active], () => repeat(hits, (hit) => hit.path, (hit, at) => hitView(hit, at, tree)))}
    </ol>`;
}

function told(seek: Seek, found: number): TemplateResult {
  const { value, problem } = seek;
  if (problem) return html`<span class="failed">${plain(problem.text)} ${problem.hint ?? ""}</span>`;
  const searched = value?.searched ?? 0;
  const far = value ? `searched ${count(searched)} of ${count(value.of ?? 0)}` : "asking";
  const preview = value?.preview ? html`<span>Only the first ${count(value.preview)} bytes of each znode’s data are searched.</span>` : nothing;
  if (seek.busy) {
    return html`<span>${found ? `${count(found)} found, ${far}` : far}</span>
      <progress max=${value?.of || 1} value=${searched} aria-label="Searched so far"></progress>
      <button type="button" class="seek-do" @click=${() => seek.cancel()}>Cancel</button>${preview}`;
  }
  const words = value?.more ? `The first ${count(found)}; there are more` : found === 0 ? "Nothing found" : `${count(found)} found`;
  const rest = seek.cancelled ? `, cancelled: ${far}` : value?.more ? "" : `, ${far}`;
  return html`<span>${words}${rest}</span>
    ${value?.more && found < MANY ? html`<button type="button" class="seek-do" @click=${() => seek.showMore()}>Show ${count(MANY)}</button>` : nothing}
    ${seek.cancelled ? html`<button type="button" class="seek-do" @click=${() => seek.begin()}>Search again</button>` : nothing}${preview}`;
}

function hitId(at: number): string {
  return `hit-${at}`;
}

function hitView(hit: Hit, at: number, tree: Tree): TemplateResult {
  const sequential = sequence(nameOf(hit.path)) !== null;
  const active = tree.seek.active === at;
  return html`<li
    id=${hitId(at)}
    class=${active ? "found active" : "found"}
    role="option"
    aria-selected=${active}
    aria-label="${plain(hit.path)}, ${kindWords(hit.kind, sequential)}${hit.text ? `: ${plain(hit.text)}` : ""}"
    @mousedown=${(event: Event) => event.preventDefault()}
    @click=${() => go(tree, at)}
  >
    ${glyph(hit.kind, sequential)}
    <span class="found-path"><bdi>${hit.text ? escaped(hit.path) : marked(hit.path, hit.start, hit.end)}</bdi></span>
    ${hit.text ? html`<span class="found-text"><bdi>${line(hit)}</bdi></span>` : nothing}
  </li>`;
}

/** A line of data, with its match marked: a run of spaces says no more than one. */
function line(hit: Hit): TemplateResult {
  const characters = [...(hit.text ?? "")];
  const part = (from: number, to?: number) => characters.slice(from, to).join("").replace(/[ \t]+/g, " ");
  const before = part(0, hit.start).trimStart();
  const match = part(hit.start, hit.end);
  return marked(before + match + part(hit.end).trimEnd(), [...before].length, [...before].length + [...match].length);
}

/** A text with its match marked. Places count characters, not the units of JavaScript's strings. */
function marked(text: string, start: number, end: number): TemplateResult {
  return html`${escaped(text, 0, start)}${end > start ? html`<mark>${escaped(text, start, end)}</mark>` : nothing}${escaped(text, end)}`;
}

function type(event: Event, tree: Tree): void {
  tree.finder.clear();
  tree.seek.type((event.target as HTMLInputElement).value);
}

function go(tree: Tree, at: number): void {
  const hit = tree.seek.hits[at];
  if (!hit) return;
  tree.seek.active = at;
  void tree.finder.go(hit.path);
  tree.redraw();
}

async function submit(event: Event, tree: Tree): Promise<void> {
  event.preventDefault();
  const { seek, finder } = tree;
  if (seek.active >= 0) return go(tree, seek.active);
  if (seek.wanted) return seek.hits.length ? go(tree, 0) : seek.value ? undefined : seek.begin();
  if (await finder.go(seek.text)) {
    seek.clear();
    tree.focus();
  }
}

function press(event: KeyboardEvent, tree: Tree): void {
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
  if (event.key === "Escape") {
    event.stopPropagation();
    leave(tree);
  } else if (by !== undefined && tree.seek.hits.length) {
    event.preventDefault();
    tree.seek.step(by);
    requestAnimationFrame(() => document.getElementById(hitId(tree.seek.active))?.scrollIntoView({ block: "nearest" }));
  }
}

function leave(tree: Tree): void {
  tree.finder.clear();
  tree.seek.clear();
  tree.focus();
}
