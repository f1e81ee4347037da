// Pieces that the sheets are made of: a path, a field, a choice with its consequence, what went wrong, the answers.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Problem } from "../protocol";
import { icon } from "../style/icons";
import { escaped } from "../tree/rows";
import { plain } from "../tree/names";
import { nameOf } from "../tree/paths";
import { brief } from "../page/words";
import "./sheets.css";

/** A path as text: what cannot be seen as escapes; it may break after each '/'. */
export function pathText(path: string): TemplateResult {
  const segments = path.split("/").slice(1);
  return html`<bdi class="sheet-path" title=${plain(path)}>${segments.map((segment) => html`/<wbr />${escaped(segment)}`)}</bdi>`;
}

/** Up to so many characters a path stands in the heading itself. */
const SHORT = 28;

/** 'Delete /config?'; of a long path only its end, and the whole below. */
export function heading(verb: string, path: string, tail = ""): TemplateResult {
  const whole = plain(path);
  if (whole.length <= SHORT) return html`<h2 id="dialog-title">${verb} ${whole}${tail}</h2>`;
  return html`<h2 id="dialog-title">${verb} ${brief(nameOf(path))}${tail}</h2>
    <p class="sheet-what">${pathText(path)}</p>`;
}

export interface Field {
  label: string;
  value: string;
  /** Said below it while there is no fault. */
  hint?: unknown;
  fault?: string;
  /** What stands before it, and cannot be changed. */
  before?: unknown;
  /** What is meant where nothing is typed. */
  placeholder?: string;
  first?: boolean;
  mono?: boolean;
  type?: "text" | "password" | "number";
  input(value: string): void;
}

/** A line to type into. The fault is said at once, but not of a field that nobody has touched. */
export function field({ label, value, hint, fault = "", before, placeholder = "", first = false, mono = true, type = "text", input }: Field): TemplateResult {
  const id = `field-${label.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class="field-line" data-mono=${mono} data-fault=${fault !== ""}>
      ${before === undefined ? nothing : html`<span class="field-before">${before}</span>`}
      <input
        id=${id}
        type=${type}
        .value=${live(value)}
        placeholder=${placeholder}
        ?autofocus=${first}
        spellcheck="false"
        autocomplete=${type === "password" ? "new-password" : "off"}
        autocapitalize="off"
        aria-invalid=${fault !== ""}
        aria-describedby="${id}-said"
        @input=${(event: Event) => input((event.target as HTMLInputElement).value)}
      />
    </div>
    <p class="said" id="${id}-said" data-fault=${fault !== ""} aria-live="polite">${fault || (hint ?? nothing)}</p>
  </div>`;
}

export interface Choice<T extends string> {
  value: T;
  label: unknown;
  words: unknown;
  /** Why it cannot be chosen; '' where it can. */
  off?: string;
}

/** Several ways of which one is chosen, each with what it means in one line. */
export function choices<T extends string>(name: string, title: string, chosen: T, ways: readonly Choice<T>[], choose: (value: T) => void): TemplateResult {
  return html`<fieldset class="choices">
    <legend>${title}</legend>
    ${ways.map(
      ({ value, label, words, off = "" }) => html`<label class="choice" aria-disabled=${off !== ""}>
        <input type="radio" name=${name} value=${value} .checked=${live(value === chosen)} ?disabled=${off !== ""} @change=${() => choose(value)} />
        <b>${label}</b><span>${off || words}</span>
      </label>`,
    )}
  </fieldset>`;
}

export function tick(label: unknown, words: unknown, on: boolean, change: (on: boolean) => void): TemplateResult {
  return html`<label class="choice tick">
    <input type="checkbox" .checked=${live(on)} @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} />
    <b>${label}</b><span>${words}</span>
  </label>`;
}

/** What went wrong, in the words that came. Nothing of what was typed is lost. */
export function problemNote(problem: Problem | null): TemplateResult | typeof nothing {
  if (!problem) return nothing;
  return html`<p class="note" role="alert" data-tone=${problem.code === "unknown" ? "unknown" : "problem"}>
    ${icon("i-warn")}<span><b>${problem.text}</b> ${problem.hint ?? ""}</span>
  </p>`;
}

export function note(tone: "plain" | "problem" | "unknown", words: unknown): TemplateResult {
  return html`<p class="note" data-tone=${tone}>${icon(tone === "plain" ? "i-info" : "i-warn")}<span>${words}</span></p>`;
}

export interface Answer {
  label: string;
  /** It deletes or overwrites. */
  grave?: boolean;
  off?: boolean;
  busy?: boolean;
  /** What it says meanwhile. */
  busyLabel?: string;
  /** The form has no field: the focus is on an answer. */
  first?: boolean;
  cancel: () => void;
  cancelLabel?: string;
}

/** Cancel, and what the form is for; Enter sends it. Of what has no undo, Cancel has the focus: nobody does it by an Enter too many. */
export function answers({ label, grave = false, off = false, busy = false, busyLabel = "Under way…", first = false, cancel, cancelLabel = "Cancel" }: Answer): TemplateResult {
  return html`<div class="answers">
    <button type="button" class="btn-quiet" ?autofocus=${first && grave} @click=${cancel}>${cancelLabel} <kbd>Esc</kbd></button>
    <button type="submit" class=${grave ? "btn-grave" : "btn-main"} ?autofocus=${first && !grave} ?disabled=${off && !busy} aria-busy=${busy}>
      ${busy ? busyLabel : label}${busy || off || (first && grave) ? nothing : html` <kbd>Enter</kbd>`}
    </button>
  </div>`;
}

/** A form that never leaves the page. */
export function form(content: TemplateResult, submit: () => void): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    submit();
  };
  return html`<form class="sheet" novalidate @submit=${send}>${content}</form>`;
}
