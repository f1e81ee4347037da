// The data of a znode: decoded as seems best or as chosen, or its bytes; and the way to its editor.
import { html, nothing, type TemplateResult } from "lit-html";
import { hasDraft } from "../edit/drafts";
import { targetOfZnode } from "../hands/target";
import type { View } from "../page/view";
import { REDACTED } from "../page/words";
import { icon } from "../style/icons";
import { chooser, chosenWords, shownWords } from "./chooser";
import { hex } from "./content";
import { copyButton } from "./copybutton";
import { toHex } from "./decoded";
import { count, size, type Piece } from "./names";
import { nameOf } from "./paths";
import { escaped } from "./rows";
import { nameSaid } from "./urlname";
import { SOME, type ZnodeState } from "./znode";
import "./datatab.css";

export function dataTab(view: View, state: ZnodeState): TemplateResult {
  const { preview = 0, stat } = state.last ?? {};
  const length = stat?.data_length ?? preview;
  if (state.last?.redacted) return html`${named(state)}${warned(REDACTED, "i-unseen")}`;
  return html`${named(state)} ${length === 0 ? html`<div class="zn-meta"><span class="zn-empty">No data.</span>${editButton(view, state)}</div>` : data(view, state, preview, length)}`;
}

function data(view: View, state: ZnodeState, preview: number, length: number): TemplateResult {
  if (preview === 0) return html`<p class="zn-empty">${exactly(length)}, none of it read yet.</p>`;
  state.ask(view);
  const { content, decoded, shown } = state;
  const cut = preview < length && !decoded;
  return html`<div class="zn-meta">
      <span>${shownWords(content, decoded)}, ${cut ? html`first ${size(preview)} of ${size(length)}` : exactly(length)}</span>
      ${editButton(view, state)}
    </div>
    ${chooser(state.chosen, content, decoded, state.decoders.all, (decoder) => state.choose(decoder))}
    ${said(chosenWords(state.path, state.chosen))} ${warned(decoded?.warning || problem(state))}
    ${shown.bytes ? hexView(state, shown.bytes) : linesView(state)} ${copyShown(state, cut ? preview : null)}`;
}

function copyShown(state: ZnodeState, cut: number | null): TemplateResult {
  const { bytes, text } = state.shown;
  const label = cut !== null ? `Copy the first ${size(cut)}` : bytes ? "Copy as hex" : state.decoded ? "Copy as shown" : "Copy data";
  return copyButton(state, "data", label, bytes ? toHex(bytes) : text);
}

/** What the name says, where it is percent-encoded. */
function named(state: ZnodeState) {
  const found = nameSaid(nameOf(state.path));
  if (!found) return nothing;
  return html`<section class="zn-named" aria-label="What the name says">
    <h3>The name says</h3>
    <p class="zn-named-said">${escaped(found.said)}</p>
    ${found.parameters.length
      ? html`<dl>${found.parameters.map(({ name, value }) => html`<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`)}</dl>`
      : nothing}
  </section>`;
}

function editButton(view: View, state: ZnodeState) {
  if (state.goneAt !== null) return nothing;
  const targets = targetOfZnode(state.path, state.last);
  if (!view.hands.deeds([state.path]).some(({ id }) => id === "edit")) return nothing;
  return html`<button type="button" class="btn-quiet zn-edit" ?disabled=${view.liveness.held} @click=${() => view.hands.act("edit", targets, view)}>${icon("i-edit")}${hasDraft(state.path) ? "Go on editing" : "Edit"}</button>`;
}

const said = (words: string) => (words ? html`<p class="zn-choice">${words}</p>` : nothing);

const warned = (words: string, sign = "i-info") => (words ? html`<p class="zn-warning" role="status">${icon(sign)}<span>${escaped(words)}</span></p>` : nothing);

function problem(state: ZnodeState): string {
  const found = state.problem;
  return found ? `Not decoded: ${found.text}` : "";
}

function exactly(bytes: number): string {
  return bytes === 1 ? "1 byte" : bytes < 10_000 ? `${count(bytes)} bytes` : `${size(bytes)} (${count(bytes)} bytes)`;
}

function linesView(state: ZnodeState): TemplateResult {
  const all = state.lines();
  const shown = state.all ? all : all.slice(0, SOME);
  return html`<pre class="code" tabindex="0" aria-label="Data">${shown.map((line) => html`<span>${line.map(pieceView)}</span>`)}</pre>
    ${more(state, all.length - shown.length, "line")}`;
}

function hexView(state: ZnodeState, bytes: Uint8Array): TemplateResult {
  const rows = Math.ceil(bytes.length / 8);
  const shown = state.all ? rows : Math.min(rows, SOME);
  const text = hex(bytes, 0, shown);
  return html`<pre class="code hex" tabindex="0" aria-label="Data in hex">${text.map(([at, digits, ascii]) => html`<span><i>${at}</i> ${digits} <b>${ascii}</b></span>`)}</pre>
    ${more(state, rows - shown, "row")}`;
}

function more(state: ZnodeState, left: number, word: string) {
  if (left <= 0) return nothing;
  return html`<button type="button" class="zn-quiet" @click=${() => state.change({ all: true })}>
    Show the other ${count(left)} ${word}${left === 1 ? "" : "s"}
  </button>`;
}

function pieceView(piece: Piece) {
  return piece.escape ? html`<span class="esc">${piece.text}</span>` : piece.text;
}
