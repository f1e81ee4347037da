// One link, and what can be done to it. What a person has chosen here is this page's alone.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { LINK_ACTIONS } from "../page/consequences";
import type { View } from "../page/view";
import { icon } from "../style/icons";
import { costOfCut } from "./parting";
import { endWords, ENSEMBLE, linkBody, stateBetween, STATE_WORDS, toWords, type Choice } from "./words";

const LASTS: readonly [seconds: number, words: string][] = [[10, "10 s"], [30, "30 s"], [60, "1 min"], [300, "5 min"], [3600, "1 h"]];

export const FIELDS = [
  { name: "latency", words: "Latency", unit: "ms", most: 60_000 },
  { name: "jitter", words: "Jitter, ±", unit: "ms", most: 60_000 },
  { name: "rate", words: "At most", unit: "kB/s", most: 1_000_000 },
  { name: "loss", words: "Loses", unit: "%", most: 90 },
] as const;

type How = Record<(typeof FIELDS)[number]["name"], number>;

/** Of all links, the one that is acted on, and how. */
export class LinkDesk {
  choice: Choice | null = null;
  seconds = 60;
  how: How = { latency: 200, jitter: 0, rate: 0, loss: 0 };
  /** What was typed and is no such number. */
  wrong: Partial<Record<keyof How, string>> = {};

  /** Take what was typed into a field: a number within its bounds, or it stays as it was typed, and is said to be wrong. */
  type(field: (typeof FIELDS)[number], typed: string): void {
    const value = typed.trim() === "" ? NaN : Number(typed);
    const { [field.name]: _, ...others } = this.wrong;
    const right = value >= 0 && value <= field.most;
    this.wrong = right ? others : { ...others, [field.name]: typed };
    if (right) this.how[field.name] = value;
  }

  /** 'Latency is a number from 0 to 60,000 ms.' */
  get fault(): string {
    const field = FIELDS.find(({ name }) => this.wrong[name] !== undefined);
    return field ? `${field.words.replace(", ±", "")}: a number from 0 to ${field.most.toLocaleString("en")} ${field.unit}.` : "";
  }

  choose(from: string, to: string): void {
    this.choice = { from, to, way: this.choice?.way ?? "both" };
  }

  is(from: string, to: string): boolean {
    return this.choice?.from === from && this.choice.to === to;
  }
}

export const desk = new LinkDesk();

/** The servers that an end has links with. */
export function peersOf(view: View, end: string): string[] {
  return Object.keys(view.ensemble?.servers ?? {}).map((id) => `server-${id}`).filter((name) => name !== end);
}

/** The other ends of a link that is acted on. */
export function othersOf(view: View, { from, to }: Choice): string[] {
  return to === ENSEMBLE ? peersOf(view, from) : [to];
}

export function linkDesk(view: View): TemplateResult {
  const { choice } = desk;
  if (!choice) return html`<aside class="link-desk"><p class="lab-quiet">Choose a link to cut it, slow it down or heal it.</p></aside>`;
  if (!there(view, choice)) return html`<aside class="link-desk"><p class="lab-quiet">There is no link any more between ${endWords(choice.from)} and ${toWords(choice.from, choice.to)}. Choose another.</p></aside>`;
  const state = stateBetween(view.lab, choice.from, othersOf(view, choice));
  const from = endWords(choice.from);
  const other = toWords(choice.from, choice.to);
  const way = (value: Choice["way"], words: string) => html`<label><input type="radio" name="way" .checked=${choice.way === value} @change=${() => set(view, () => (desk.choice = { ...choice, way: value }))} /> ${words}</label>`;
  return html`<aside class="link-desk" aria-label="The chosen link">
    <h3>${from} <span aria-hidden="true">↔</span> ${other}</h3>
    <div class="link-now" data-state=${state}><p>It is ${STATE_WORDS[state]}.</p>${state === "open" ? nothing : heal(view, choice)}</div>
    ${choice.from.startsWith("node-") || choice.to === ENSEMBLE ? target(view, choice) : nothing}
    <fieldset>
      <legend>Which way</legend>
      ${way("both", "both ways")} ${way("there", `only from ${from}`)} ${way("back", `only to ${from}`)}
    </fieldset>
    <label class="field"><span>For</span><select @change=${(event: Event) => set(view, () => (desk.seconds = Number((event.target as HTMLSelectElement).value)))}>
      ${LASTS.map(([seconds, words]) => html`<option value=${seconds} ?selected=${seconds === desk.seconds}>${words}</option>`)}
    </select></label>
    ${act(view, 0, "Nothing passes. Connections stay up and hang.")}
    <div class="slow-fields">${FIELDS.map((field) => number(view, field))}</div>
    ${act(view, 1, "All of it waits; what is lost is sent again.")}
  </aside>`;
}

/** Whether both ends of it still are. */
function there(view: View, { from, to }: Choice): boolean {
  const servers = peersOf(view, "");
  const end = from.startsWith("node-") ? view.stage?.nodes[from]?.pid !== undefined : servers.includes(from);
  return end && (to === ENSEMBLE || servers.includes(to));
}

function target(view: View, choice: Choice): TemplateResult {
  const ends = [ENSEMBLE, ...peersOf(view, choice.from)];
  return html`<label class="field"><span>To</span><select @change=${(event: Event) => set(view, () => (desk.choice = { ...choice, to: (event.target as HTMLSelectElement).value }))}>
    ${ends.map((end) => html`<option value=${end} ?selected=${end === choice.to}>${toWords(choice.from, end)}</option>`)}
  </select></label>`;
}

/** Each letter is taken in: a page that is drawn anew between two of them would put back what stood there. */
function number(view: View, field: (typeof FIELDS)[number]): TemplateResult {
  return html`<label class="field"><span>${field.words}</span><input
      type="number" min="0" max=${field.most} inputmode="numeric" .value=${live(desk.wrong[field.name] ?? String(desk.how[field.name]))} aria-invalid=${desk.wrong[field.name] !== undefined}
      @input=${(event: Event) => set(view, () => desk.type(field, (event.target as HTMLInputElement).value))}
    /><i>${field.unit}</i></label>`;
}

function set(view: View, change: () => void): void {
  change();
  view.send({ want: "redraw" });
}

function heal(view: View, choice: Choice): TemplateResult | typeof nothing {
  const { method, label } = LINK_ACTIONS[2]!;
  if (!view.may.has(method)) return nothing;
  const id = `${choice.from}>${choice.to}`;
  const busy = view.busy.has(`${method} ${id}`);
  // Whatever way is chosen for the next fault: all of it is opened.
  return html`<button class="btn-small" ?disabled=${view.liveness.held} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method, id, body: linkBody({ ...choice, way: "both" }) })}>${label}</button>`;
}

function act(view: View, which: 0 | 1, words: string): TemplateResult | typeof nothing {
  const action = LINK_ACTIONS[which]!;
  const choice = desk.choice!;
  if (!view.may.has(action.method)) return nothing;
  const id = `${choice.from}>${choice.to}`;
  const busy = view.busy.has(`${action.method} ${id}`);
  const cost = which === 0 ? costOfCut(view.lab, linkBody(choice)) : "";
  const fault = which === 1 ? desk.fault : "";
  const idle = which === 1 && (fault !== "" || !Object.values(desk.how).some(Boolean));
  return html`<div class="do" aria-disabled=${idle}>
    <button class="btn-line" ?disabled=${idle || view.liveness.held} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method: action.method, id, body: bodyOf(action.method, choice) })}>${icon(action.icon)}${action.label}${cost ? "…" : nothing}</button>
    <span>${fault || (idle ? "Say how." : cost || words)}</span>
  </div>`;
}

export function bodyOf(method: string, choice: Choice): object {
  const timed = { ...linkBody(choice), seconds: desk.seconds };
  return method === "link.cut" ? timed : { ...timed, ...Object.fromEntries(Object.entries(desk.how).filter(([, value]) => value)) };
}
