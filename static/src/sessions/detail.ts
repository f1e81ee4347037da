// One session in full, below its row: what it owns, what it stands for, what it watches, and its end.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { visible } from "../page/words";
import type { Parting, Session } from "../protocol";
import { icon } from "../style/icons";
import { ExpireSheet } from "./expiresheet";
import type { SessionList } from "./list";
import { more, znodeLink } from "./table";
import { Watching } from "./watching";
import { watchedBy } from "./watchview";

/** Ephemerals that are shown before somebody asks for more. */
const SOME = 24;

const asking = new WeakMap<SessionList, { id: string; watching: Watching }>();

export function detail(view: View, list: SessionList, session: Session): TemplateResult {
  const { parting } = list;
  if (!parting) return html`<p class="ss-note">Reading.</p>`;
  if (!parting.exists) return html`<p class="ss-note">It is gone.</p>`;
  return html`<div class="ss-full">
    <section>
      <h3>Identity</h3>
      <p class="mono ss-break">${visible(session.id)}</p>
      ${session.node ? html`<p><button type="button" class="link" @click=${() => view.send({ want: "select", what: { kind: "node", id: session.node ?? "" } })}>Show ${visible(session.node)}</button></p>` : nothing}
      ${ending(view, session, parting)}
    </section>
    <section>
      <h3>Owns</h3>
      ${owns(view, parting)}
    </section>
    <section>
      <h3>If it ended now</h3>
      ${parting.losses?.length ? html`<ul class="ss-losses">${parting.losses.map((loss) => html`<li data-led=${loss.led ?? false}>${visible(loss.words ?? "")}</li>`)}</ul>` : html`<p class="ss-note">No group would change.</p>`}
      ${more((parting.groups ?? 0) - (parting.losses?.length ?? 0))}
    </section>
    ${view.may.has("watches.read") ? html`<section><h3>Watches</h3>${watches(view, list, session)}</section>` : nothing}
  </div>`;
}

function owns(view: View, { owns = [], session }: Parting): TemplateResult {
  if (!owns.length) return html`<p class="ss-note">No ephemeral znode.</p>`;
  return html`<div class="ss-owns">${owns.slice(0, SOME).map((path) => znodeLink(view, path))}</div>
    ${more((session?.owned ?? owns.length) - Math.min(SOME, owns.length))}`;
}

function ending(view: View, session: Session, { refusal }: Parting): TemplateResult | typeof nothing {
  if (!view.may.has("session.expire")) return nothing;
  if (refusal) return html`<p class="ss-note">${refusal.text}</p>`;
  const cut = view.liveness.held;
  return html`<button type="button" class="ss-expire" ?disabled=${cut} @click=${() => view.hands.open(new ExpireSheet(view.hands, session.id))}>${icon("i-x")}Expire…</button>
    <p class="ss-note">${cut ? "Not while the page is cut off." : "Overrules ZooKeeper: it ends at once, wherever its client is."}</p>`;
}

function watches(view: View, list: SessionList, session: Session): TemplateResult {
  let known = asking.get(list);
  if (known?.id !== session.id) asking.set(list, (known = { id: session.id, watching: new Watching(list.watching.redraw) }));
  const { watching } = known;
  return html`<button type="button" class="btn-quiet" ?disabled=${view.liveness.held} aria-busy=${watching.busy} @click=${() => void watching.ask(view.hands.actions, { session: session.id })}>
      ${icon("i-bolt")}${watching.busy ? "Asking…" : watching.value ? "Ask again" : "What does it watch?"}
    </button>
    ${watchedBy(view, watching, session.id)}`;
}
