// The editor's dialog as it is drawn: what is edited, what became of it meanwhile, and what can be done.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { LARGEST } from "../hands/payload";
import { icon } from "../style/icons";
import { copy } from "../tree/copy";
import { ago, count } from "../tree/names";
import { escaped } from "../tree/rows";
import type { Editing } from "./editing";
import { MODE_WORDS, MODES, type Mode } from "./faults";
import { FORMATS } from "./format";
import { isAnew } from "./session";
import { textWords } from "./textual";
import "./sheet.css";

export function sheet(editing: Editing): TemplateResult {
  const { session, path, surface } = editing;
  return html`
    <header class="edit-head">
      <h2 id="edit-title">${session.conflict ? "Two values of" : "Edit"} <bdi class="edit-path">${escaped(path)}</bdi></h2>
      <p class="edit-what">${what(editing)}</p>
      ${surface && !session.conflict ? tools(editing) : nothing}
    </header>
    <div class="edit-notes">${notes(editing)}</div>
    <div class="edit-body">
      ${editing.opened || session.problem ? nothing : html`<p class="edit-wait">Reading.</p>`}
      <div class="edit-pane" ?hidden=${session.conflict !== null}>${editing.dialog.editorHost}</div>
      <div class="edit-pane" ?hidden=${session.conflict === null || editing.beside?.same === true}>${session.conflict ? sides(editing) : nothing}${editing.dialog.compareHost}</div>
    </div>
    <footer class="edit-foot">${session.conflict && editing.asked !== "leave" ? choices(editing) : foot(editing)}</footer>
  `;
}

function what({ session, opened, pack, length, surface }: Editing): string {
  const { base, conflict } = session;
  if (!base || !opened) return "";
  if (conflict && isAnew(conflict, base)) return `It was deleted and created anew: version ${conflict.version} is in ZooKeeper now. You have edited version ${base.version} of the old one.`;
  if (conflict) return `Version ${conflict.version} is in ZooKeeper now. You have edited version ${base.version}.`;
  const packed = opened.wraps.length ? `${opened.wraps.map(({ label }) => label).join(" and ")}${pack ? "" : ", taken off"}` : "";
  const form = surface?.mode === "hex" ? "bytes" : opened.form ? textWords(opened.form) : "";
  const size = length === null ? "" : `${count(length)} byte${length === 1 ? "" : "s"}${opened.wraps.length && pack ? " inside" : ""}`;
  return [`Version ${base.version}`, packed, form, size].filter(Boolean).join(" · ");
}

function tools(editing: Editing): TemplateResult {
  const { surface, opened } = editing;
  const mode = surface?.mode ?? "text";
  const busy = editing.session.phase !== "editing";
  return html`<div class="edit-tools">
    <label class="edit-mode">
      <span>Edited as</span>
      <select class="zn-select" .value=${live(mode)} ?disabled=${busy} @change=${(event: Event) => editing.turn((event.target as HTMLSelectElement).value as Mode)}>
        ${MODES.map((one) => html`<option value=${one} ?selected=${one === mode}>${MODE_WORDS[one]}</option>`)}
      </select>
    </label>
    ${FORMATS.includes(mode)
      ? html`<button type="button" class="btn-quiet" ?disabled=${busy || editing.formatting} @click=${() => void editing.format()}>${mode === "hex" ? "Even lines" : "Lay out"}</button>`
      : nothing}
    ${mode === "json" ? html`<button type="button" class="btn-quiet" ?disabled=${busy} @click=${() => void editing.format(true)}>On one line</button>` : nothing}
    ${opened?.wraps.length
      ? html`<label class="edit-pack"><input type="checkbox" .checked=${live(editing.pack)} ?disabled=${busy} @change=${(event: Event) => editing.setPack((event.target as HTMLInputElement).checked)} />
          Save as ${opened.wraps.map(({ label }) => label).join(" and ")} again</label>`
      : nothing}
  </div>`;
}

function notes(editing: Editing) {
  const { session, opened, draft, desk, path } = editing;
  const { moved, gone, problem, unknown, conflict } = session;
  return html`
    ${draft && session.phase !== "opening" && !conflict
      ? note("plain", html`This is your draft of ${new Date(draft.at).toLocaleTimeString()}, made of version ${draft.version}.`, button("Throw it away", () => void editing.afresh()))
      : nothing}
    ${opened?.why ? note("plain", opened.why) : nothing}
    ${gone
      ? note(
          "problem",
          html`<b>Somebody has deleted this znode.</b> What you have typed is here.`,
          button("Copy it", () => void copy(editing.text).then((done) => editing.say(done ? "Copied." : "The browser does not let this page use the clipboard."))),
          desk.permits.may("znode.create", path) ? button("Create it again", () => void editing.recreate()) : nothing,
        )
      : moved
        ? note("unknown", html`<b>${moved.anew ? `It was deleted and created anew, as version ${moved.version}` : `Somebody has changed it to version ${moved.version}`}</b>, ${ago(Math.max(0, Date.now() - moved.at))}.`, button(conflict ? "Show that one" : "Show both", () => void session.look()))
        : nothing}
    ${problem ? note("problem", html`<b>${problem.text}</b> ${problem.hint ?? ""}`) : nothing} ${unknown ? doubt(editing) : nothing}
    ${editing.unkept && editing.dirty ? note("plain", "The browser has no room to keep this over a reload.") : nothing}
    ${editing.length !== null && editing.length > LARGEST && !(opened?.wraps.length && editing.pack)
      ? note("problem", html`<b>It has ${count(editing.length)} bytes.</b> A znode takes ${count(LARGEST)} at most, unless servers are set up otherwise.`)
      : nothing}
  `;
}

const DOUBTS = {
  asking: "Whether it was saved is not known.",
  applied: "It turns out that it was saved.",
  "not-applied": "It turns out that it was not saved.",
  "cannot-tell": "Whether it was saved is not known.",
};

function doubt({ session }: Editing) {
  const { unknown } = session;
  if (!unknown) return nothing;
  const look = unknown.verdict === "cannot-tell" ? button("Look at what is there", () => void session.look()) : nothing;
  return note("unknown", html`<b>${DOUBTS[unknown.verdict]}</b> ${unknown.words} ${unknown.verdict === "asking" ? "Finding out." : nothing}`, look);
}

function sides({ session }: Editing): TemplateResult {
  return html`<div class="edit-sides"><span class="is-theirs">In ZooKeeper: version ${session.conflict?.version}</span><span class="is-mine">Yours, not saved</span></div>`;
}

function choices(editing: Editing): TemplateResult {
  const { session, beside } = editing;
  const { version } = session.conflict ?? { version: 0 };
  const busy = session.phase === "saving";
  if (beside?.same)
    return html`<p class="edit-said">Both say the same: there is nothing to save.</p>
      <div class="answers edit-choices"><button type="button" class="btn-main" @click=${() => editing.close()}>Close <kbd>Esc</kbd></button></div>`;
  return html`<p class="edit-said">Nothing is saved until you choose.</p>
    <div class="answers edit-choices">
      <button type="button" class="btn-quiet" ?disabled=${busy} @click=${() => editing.editOn()}>Edit on <kbd>Esc</kbd></button>
      <button type="button" class="btn-quiet" ?disabled=${busy} @click=${() => editing.takeTheirs()}>Take version ${version}</button>
      <button type="button" class="btn-grave" ?disabled=${busy} aria-busy=${busy} @click=${() => void editing.keepMine()}>${busy ? "Saving…" : `Save mine over version ${version}`}</button>
    </div>`;
}

function foot(editing: Editing): TemplateResult {
  const { session, asked, faults, dirty, surface } = editing;
  const [first] = faults;
  if (asked === "leave")
    return html`<p class="edit-said" role="alert"><b>Close without saving?</b></p>
      <div class="answers">
        <button type="button" class="btn-quiet" @click=${() => editing.close(true)}>Keep the draft</button>
        <button type="button" class="btn-grave" @click=${() => editing.close()}>Throw it away</button>
        <button type="button" class="btn-main" @click=${() => editing.answer(null)}>Go on editing <kbd>Esc</kbd></button>
      </div>`;
  if (asked === "faulty" && surface)
    return html`<p class="edit-said" role="alert"><b>${MODE_WORDS[surface.mode]} with a fault.</b> ${first ? `${placeOf(first)}: ${first.words}` : ""}</p>
      <div class="answers">
        ${surface.mode === "hex" ? nothing : html`<button type="button" class="btn-grave" @click=${() => void editing.save(true)}>Save all the same</button>`}
        <button type="button" class="btn-main" @click=${() => (editing.answer(null), first && surface.go(first))}>Go there</button>
      </div>`;
  const saving = session.phase === "saving";
  return html`<p class="edit-said" aria-live="polite">
      ${editing.note
        ? editing.note
        : first && surface
          ? html`<button type="button" class="edit-fault" @click=${() => surface.go(first)}>${icon("i-warn")}<span><b>${placeOf(first)}</b> ${first.words}${faults.length > 1 ? ` And ${faults.length - 1} more.` : ""}</span></button>`
          : nothing}
    </p>
    <div class="answers">
      <button type="button" class="btn-quiet" ?disabled=${saving} @click=${() => editing.leave()}>${dirty ? "Cancel" : "Close"} <kbd>Esc</kbd></button>
      ${surface ? html`<button type="button" class="btn-main" ?disabled=${saving || !dirty || session.gone} aria-busy=${saving} @click=${() => void editing.save()}>${saving ? "Saving…" : "Save"} <kbd>${MOD} S</kbd></button>` : nothing}
    </div>`;
}

const MOD = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";

const placeOf = ({ line, column }: { line: number; column: number }): string => `Line ${line}, column ${column}`;

function note(tone: "plain" | "problem" | "unknown", words: unknown, ...buttons: unknown[]): TemplateResult {
  return html`<div class="note" data-tone=${tone} role=${tone === "plain" ? "note" : "status"}>${icon(tone === "plain" ? "i-info" : "i-warn")}<span>${words}</span>${buttons}</div>`;
}

function button(label: string, act: () => void): TemplateResult {
  return html`<button type="button" class="link" @click=${act}>${label}</button>`;
}
