// The inspector of one znode: what it is, its data, and every field of its stat in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { Stat, Znode } from "../protocol";
import { deedBar } from "../hands/deedbar";
import { targetOfZnode } from "../hands/target";
import type { View } from "../page/view";
import { glyph } from "../style/icons";
import { copyButton } from "./copybutton";
import { dataTab } from "./datatab";
import { kindLabel, kindOf } from "./created";
import { ago, plain, sequence } from "./names";
import { above, nameOf, parentOf, ROOT } from "./paths";
import { escaped, nameText } from "./rows";
import { znodeTopic } from "./topics";
import { TABS, ZnodeState, type Tab } from "./znode";
import { watchersOf } from "../sessions/watchview";
import "./znode.css";

const states = new WeakMap<object, ZnodeState>();

export function znodePane(view: View, path: string): TemplateResult {
  let state = states.get(view.store);
  if (!state) states.set(view.store, (state = new ZnodeState()));
  state.follow(view, path);
  return html`<section class="zn ${state.goneAt === null ? "" : "past"}" aria-label=${`Znode ${plain(path)}`} ${ref(state.attach)}>
    ${head(view, state)} ${body(view, state)}
  </section>`;
}

function head(view: View, state: ZnodeState): TemplateResult {
  const { path, last } = state;
  const select = (to: string) => () => view.send({ want: "select", what: { kind: "znode", path: to } });
  const crumbs = above(path).slice(1);
  const name = path === ROOT ? ROOT : parentOf(path) === ROOT ? path : nameOf(path);
  return html`${crumbs.length
      ? html`<p class="zn-above">${crumbs.map((one) => html`<button type="button" @click=${select(one)}>/${nameText(nameOf(one), false)}</button>`)}/</p>`
      : nothing}
    <h2 class="zn-name">
      <span>${nameText(name, last?.sequential ?? (crumbs.length > 0 && sequence(name) !== null))}</span>
      ${last && !last.locked ? kindNote(last) : nothing}
    </h2>
    ${copyButton(state, "path", "Copy path", path)} ${deedBar(view, targetOfZnode(path, state.goneAt === null ? last : null))}`;
}

function kindNote(last: Znode): TemplateResult {
  const { words, why } = kindLabel(last);
  return html`<small title=${why || nothing}>${glyph(kindOf(last) ?? "persistent", last.sequential)}${words}${why ? html`<span class="sr">. ${why}</span>` : nothing}</small>`;
}

function body(view: View, state: ZnodeState): TemplateResult {
  const { last, goneAt } = state;
  if (!last) return missing(view, state);
  if (last.locked) {
    state.acl.follow(view, state.path);
    return html`<p class="zn-why">This znode is locked: its ACL does not let the bridge's session read it. Only its name is known.</p>
      ${state.acl.view(view, targetOfZnode(state.path, last)[0])}`;
  }
  return html`
    ${goneAt === null ? nothing : html`<p class="zn-gone" role="status"><b>Deleted ${ago(Math.max(0, view.now - goneAt))}.</b> Below is what it held last.</p>`}
    ${last.summary ? html`<p class="zn-why">${escaped(last.summary)}</p>` : nothing} ${holder(view, state)}
    <div class="zn-tabs" role="tablist" aria-label="About this znode" @keydown=${(event: KeyboardEvent) => arrows(event, state)}>
      ${TABS.map(
        (tab) => html`<button
          type="button"
          role="tab"
          id=${`zn-tab-${tab}`}
          aria-controls="zn-panel"
          aria-selected=${state.tab === tab}
          tabindex=${state.tab === tab ? 0 : -1}
          @click=${() => state.change({ tab })}
        >
          ${WORDS[tab]}
        </button>`,
      )}
    </div>
    <div class="zn-panel" role="tabpanel" id="zn-panel" aria-labelledby=${`zn-tab-${state.tab}`}>
      ${panel(view, state)}
    </div>
    ${view.may.has("watches.read") ? watchersOf(view, state.watching, state.path) : nothing}`;
}

const WORDS: Record<Tab, string> = { data: "Data", stat: "Stat", acl: "ACL" };

function panel(view: View, state: ZnodeState): TemplateResult {
  switch (state.tab) {
    case "data":
      return dataTab(view, state);
    case "stat":
      return statTab(state);
    case "acl":
      state.acl.follow(view, state.path);
      return state.acl.view(view, targetOfZnode(state.path, state.goneAt === null ? state.last : null)[0]);
  }
}

function missing(view: View, state: ZnodeState): TemplateResult {
  if (state.answered) return html`<p class="zn-why">There is no znode at this path.</p>`;
  const problem = view.store.problem(znodeTopic(state.path));
  if (problem) return html`<p class="zn-why">${problem.text} ${problem.hint}</p>`;
  return html`<p class="zn-why">Reading.</p>`;
}

function holder(view: View, state: ZnodeState) {
  const name = state.last?.holder;
  if (!name) return nothing;
  const node = Object.values(view.stage?.nodes ?? {}).find((one) => one.name === name);
  const shown = node
    ? html`<button type="button" class="link" @click=${() => view.send({ want: "select", what: { kind: "node", id: node.id } })}>${plain(name)}</button>`
    : html`<b>${plain(name)}</b>`;
  return html`<p class="zn-held">${state.goneAt === null ? "Held by" : "Was held by"} ${shown}${state.last?.leads && state.goneAt === null
      ? html`<svg class="crown" aria-hidden="true"><use href="#i-crown"></use></svg>which leads`
      : nothing}</p>`;
}

function statTab(state: ZnodeState): TemplateResult {
  const { explained = [], stat } = state.last ?? {};
  const rows = explained.length ? explained : bare(stat);
  return html`<dl class="zn-stat">
    ${rows.map(({ field, value, words }) => html`<div><dt>${field}</dt><dd>${escaped(value)}</dd>${words ? html`<dd class="in-words">${escaped(words)}</dd>` : nothing}</div>`)}
  </dl>`;
}

/** A stat that came without words. */
function bare(stat: Stat | null | undefined) {
  return Object.entries(stat ?? {}).map(([field, value]) => ({ field, value: String(value), words: "" }));
}

function arrows(event: KeyboardEvent, state: ZnodeState): void {
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  event.preventDefault();
  const list = event.currentTarget as HTMLElement;
  const step = event.key === "ArrowRight" ? 1 : TABS.length - 1;
  state.change({ tab: TABS[(TABS.indexOf(state.tab) + step) % TABS.length] ?? "data" });
  requestAnimationFrame(() => list.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
}
