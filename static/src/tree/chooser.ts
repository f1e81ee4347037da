// How the data of a znode is shown: by itself as seems best, or as a person chose.
import { html, nothing, type TemplateResult } from "lit-html";
import { AUTO, layerWords, type Choice, type Decoded } from "./decoded";
import type { Content, Form } from "./content";
import { plain } from "./names";
import { nameOf } from "./paths";
import type { Described } from "./reading";
import { parentFor } from "./remembered";

/** Decoders that this page has itself, by the form that they show. */
export const LOCAL: Record<Form, string> = { json: "json", text: "text", hex: "raw" };

const LABELS: Record<string, string> = { json: "JSON", text: "text", raw: "bytes, in hex" };

export function chooser(chosen: string, content: Content, decoded: Decoded | null, all: readonly Described[], choose: (decoder: string) => void): TemplateResult {
  const likely = likelyOf(content, decoded);
  const others = all.filter(({ name, problem }) => !problem && !likely.some((one) => one.name === name));
  const broken = all.filter(({ problem }) => problem);
  const known = [...likely, ...others].some(({ name }) => name === chosen) || chosen === AUTO;
  const option = ({ name, label }: Choice): TemplateResult => html`<option value=${name} ?selected=${name === chosen}>${plain(LABELS[name] ?? label)}</option>`;
  return html`<label class="zn-shown">
    <span>Shown as</span>
    <select class="zn-select" .value=${chosen} @change=${(event: Event) => choose((event.currentTarget as HTMLSelectElement).value)}>
      <option value=${AUTO} ?selected=${chosen === AUTO}>what it seems to be</option>
      ${known ? nothing : option({ name: chosen, label: chosen })} ${likely.map(option)}
      ${others.length ? html`<optgroup label="Other forms">${others.map(option)}</optgroup>` : nothing}
      ${broken.map(({ label, problem }) => html`<option disabled>${plain(label)}: ${plain(problem)}</option>`)}
    </select>
  </label>`;
}

/** For whom a choice holds, where one was made. */
export function chosenWords(path: string, chosen: string): string {
  if (chosen === AUTO) return "";
  const parent = parentFor(path);
  return parent === null ? "Your choice for this znode, in this browser." : `Your choice for all directly below ${plain(`/${nameOf(parent)}`)}, in this browser.`;
}

/** 'gzip, then JSON'; 'JSON, UTF-8' where the page found out by itself. */
export function shownWords(content: Content, decoded: Decoded | null): string {
  const found = decoded && (decoded.layers.length > 1 || !Object.values(LOCAL).includes(decoded.decoder));
  return found ? plain(layerWords(decoded.layers)) : content.words;
}

function likelyOf({ forms }: Content, decoded: Decoded | null): Choice[] {
  const here = forms.map((form) => ({ name: LOCAL[form], label: "" }));
  const there = (decoded?.choices ?? []).filter(({ name }) => !here.some((one) => one.name === name));
  const last = { name: "raw", label: "" };
  return [...there, ...here.filter(({ name }) => name !== "raw"), last];
}
