// The entries of an ACL as a form.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../style/icons";
import { plain } from "../tree/names";
import type { AclDraft } from "./acldraft";
import { aceFault, ALL, isMasked, lockouts, PERMS, permWords, SCHEMES, whoWords, type Draft } from "./aces";
import { note } from "./form";
import "./acl.css";

const SCHEME_WORDS: Record<string, string> = {
  world: "anyone (world)",
  auth: "as Zooscope (auth)",
  digest: "a user (digest)",
  ip: "an address (ip)",
  x509: "a certificate (x509)",
  sasl: "a principal (sasl)",
};

/** `whole`: whether an ACL becomes these entries, so that whoever is not among them is shut out. */
export function aclForm(draft: AclDraft, changed: () => void, whole = true): TemplateResult {
  const after = (act: () => void) => (): void => {
    act();
    changed();
  };
  return html`<div class="aces">
    ${draft.entries.map((entry, at) =>
      entryForm(entry, at, (what) => after(() => draft.change(at, what))(), after(() => draft.remove(at))),
    )}
    <button type="button" class="zn-quiet" @click=${after(() => draft.add())}>${icon("i-plus")}Add an entry</button>
    ${draft.fault || !whole ? nothing : lockouts(draft.entries).map(({ who, words }) => note(who === "everybody" ? "problem" : "unknown", words))}
  </div>`;
}

function entryForm(entry: Draft, at: number, change: (what: Partial<Draft>) => void, remove: () => void): TemplateResult {
  const who = plain(whoWords(entry));
  const fault = aceFault(entry);
  const schemes: readonly string[] = SCHEMES.includes(entry.scheme) ? SCHEMES : [entry.scheme, ...SCHEMES];
  return html`<fieldset class="ace">
    <legend class="sr">Entry ${at + 1}</legend>
    <div class="ace-who">
      <select
        aria-label="Who entry ${at + 1} is for"
        @change=${(event: Event) => change({ scheme: (event.target as HTMLSelectElement).value, id: "", user: "", password: "" })}
      >
        ${schemes.map((scheme) => html`<option value=${scheme} .selected=${live(scheme === entry.scheme)}>${SCHEME_WORDS[scheme] ?? plain(scheme)}</option>`)}
      </select>
      ${identity(entry, at, change)}
      <button type="button" class="icon-btn" aria-label=${`Remove entry ${at + 1}: ${who}`} title="Remove this entry" @click=${remove}>${icon("i-x")}</button>
    </div>
    <div class="ace-perms" role="group" aria-label=${`What entry ${at + 1} permits`}>
      ${PERMS.map(
        ({ letter, word, words }) => html`<label title=${words.join(", ")}>
          <input type="checkbox" .checked=${live(entry.perms.includes(letter))} @change=${() => change({ perms: turned(entry.perms, letter) })} />${word}
        </label>`,
      )}
    </div>
    <p class="said" data-fault=${fault !== ""}>${fault || `${who} ${permWords(entry.perms)}.`}</p>
  </fieldset>`;
}

function identity(entry: Draft, at: number, change: (what: Partial<Draft>) => void): TemplateResult | typeof nothing {
  const line = (label: string, value: string, set: (value: string) => Partial<Draft>, type = "text", placeholder = label.toLowerCase()) => html`<input
    type=${type}
    aria-label="${label} of entry ${at + 1}"
    placeholder=${placeholder}
    spellcheck="false"
    autocomplete=${type === "password" ? "new-password" : "off"}
    .value=${live(value)}
    @input=${(event: Event) => change(set((event.target as HTMLInputElement).value))}
  />`;
  switch (entry.scheme) {
    case "world":
    case "auth":
      return html`<span class="ace-fixed"></span>`;
    case "digest": {
      const kept = isMasked(entry);
      return html`${line("User", entry.user, (user) => ({ user, id: "" }))}
        ${line("Password", entry.password, (password) => ({ password }), "password", kept ? "as it is" : "password")}`;
    }
    default:
      return line("Identity", entry.id, (id) => ({ id }), "text", PLACEHOLDERS[entry.scheme]);
  }
}

const PLACEHOLDERS: Record<string, string> = { ip: "10.1.0.0/16", x509: "CN=worker", sasl: "worker@EXAMPLE.ORG" };

function turned(perms: string, letter: string): string {
  const has = perms.includes(letter);
  return [...ALL].filter((one) => (one === letter ? !has : perms.includes(one))).join("");
}
