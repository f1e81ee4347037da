// The page of sessions: all of them, a window at a time, and who watches what when somebody asks.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { ref } from "lit-html/directives/ref.js";
import type { View } from "../page/view";
import type { Sessions } from "../protocol";
import { icon } from "../style/icons";
import { SessionList } from "./list";
import { table } from "./table";
import { WINDOW, type Show } from "./topics";
import { watchPage } from "./watchview";
import { summary } from "./words";
import "./sessions.css";
import "./detail.css";
import "./cards.css";

const lists = new WeakMap<object, SessionList>();

const SHOWN: readonly { show: Show; words: string }[] = [
  { show: "all", words: "All" },
  { show: "owning", words: "Ephemerals" },
  { show: "members", words: "In groups" },
  { show: "unconnected", words: "No connection" },
];

export function sessionsPage(view: View): TemplateResult {
  let list = lists.get(view.store);
  if (!list) lists.set(view.store, (list = new SessionList()));
  list.follow(view);
  const { value } = list;
  return html`<div class="ss" ${ref(list.attach)}>
    <header class="ss-head">
      <div>
        <h1 class="title">Sessions</h1>
        <p class="why">${value ? summary(value, value.held !== false) : list.problem || "Reading."}</p>
      </div>
      ${view.may.has("watches.read") ? tabs(list) : nothing}
    </header>
    ${list.tab === "watches" && view.may.has("watches.read") ? watchPage(view, list.watching) : html`${tools(list)} ${value ? body(view, list, value) : nothing}`}
  </div>`;
}

function tabs(list: SessionList): TemplateResult {
  const tab = (name: SessionList["tab"], words: string) => html`<button type="button" aria-pressed=${list.tab === name} @click=${() => list.show(name)}>${words}</button>`;
  return html`<div class="segments ss-seg" role="group" aria-label="What is shown">${tab("sessions", "Sessions")}${tab("watches", "Who watches what")}</div>`;
}

function tools(list: SessionList): TemplateResult {
  return html`<div class="ss-tools">
    <label class="ss-find">${icon("i-search")}<span class="sr">Find a session</span>
      <input type="search" placeholder="A name, an address, an id, a path" spellcheck="false" autocapitalize="off" .value=${live(list.typed)} @input=${(event: Event) => list.type((event.target as HTMLInputElement).value)} />
    </label>
    <div class="segments ss-seg" role="group" aria-label="Which sessions">
      ${SHOWN.map(({ show, words }) => html`<button type="button" aria-pressed=${list.asked.show === show} @click=${() => list.ask({ show })}>${words}${show === "unconnected" && list.value?.unconnected ? html` <b class="count">${list.value.unconnected}</b>` : nothing}</button>`)}
    </div>
    <label class="ss-order"><span>Sort by</span>
      <select .value=${live(list.asked.order)} @change=${(event: Event) => list.ask({ order: (event.target as HTMLSelectElement).value as never, reverse: false })}>
        ${[["name", "who"], ["expires", "what expires first"], ["owned", "ephemerals"], ["server", "server"], ["client", "client"], ["timeout", "timeout"], ["newest", "newest"]].map(([order, words]) => html`<option value=${order} ?selected=${list.asked.order === order}>${words}</option>`)}
      </select>
    </label>
  </div>`;
}

function body(view: View, list: SessionList, value: Sessions): TemplateResult {
  return html`${missing(value)} ${list.lines.length ? table(view, list) : empty(list, value)} ${pages(list, value)}`;
}

/** What is not told, and what would have it told. */
function missing(value: Sessions): TemplateResult | typeof nothing {
  const notes = [];
  if (value.held === false) notes.push("Nobody leads the ensemble: until somebody does, no session expires.");
  if (value.connections === false) notes.push("Not every server tells who is connected to it: sessions without ephemerals may be missing here.");
  if (value.countdowns === false && value.held !== false) notes.push("The ensemble’s leader does not tell when sessions expire: countdowns are estimated, or not shown.");
  if (!notes.length) return nothing;
  return html`<div class="ss-missing">${icon("i-info")}<p>${notes.join(" ")}${value.missing ? html` <small>${value.missing}</small>` : nothing}</p></div>`;
}

function empty(list: SessionList, value: Sessions): TemplateResult {
  const { filter, show } = list.asked;
  if (!value.total) return html`<p class="ss-none">No session is known.</p>`;
  if (filter) return html`<p class="ss-none">No session fits.</p>`;
  return html`<p class="ss-none">${{ all: "No session is known.", unconnected: "Every session has a connection.", owning: "No session owns an ephemeral znode.", members: "No session stands in a group." }[show]}</p>`;
}

function pages(list: SessionList, { offset, matching, order }: Sessions): TemplateResult | typeof nothing {
  if (matching <= WINDOW && !offset) return nothing;
  return html`<nav class="ss-pages" aria-label="Pages of sessions">
    <button type="button" class="btn-quiet" ?disabled=${!offset} @click=${() => list.turn(-1)}>${icon("i-left")}Previous</button>
    <span>${(offset + 1).toLocaleString("en")}–${(offset + order.length).toLocaleString("en")} of ${matching.toLocaleString("en")}</span>
    <button type="button" class="btn-quiet" ?disabled=${offset + order.length >= matching} @click=${() => list.turn(1)}>Next${icon("i-right")}</button>
  </nav>`;
}
