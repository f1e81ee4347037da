// Guided reconfiguration: who belongs to the ensemble, what a change would make of its quorum, and the change.
import { html, nothing, type TemplateResult } from "lit-html";
import { answers, choices, field, form, note, problemNote, tick } from "../hands/form";
import type { Desk, Sheet } from "../hands/sheet";
import { PATIENCE } from "../page/actions";
import type { View } from "../page/view";
import { tellFailure } from "../page/verdict";
import { visible } from "../page/words";
import type { Problem, Quorum } from "../protocol";
import { icon } from "../style/icons";
import { MembersDraft, NewServer, type FieldName, type Role, type Seat } from "./membersdraft";
import "./reconfig.css";

export const RECONFIG = "ensemble.reconfig";

/** ms after the last key until the ensemble is asked. */
const PAUSE = 300;

/** ms after which it is asked again: servers come and go while somebody thinks. */
const AGAIN = 3_000;

interface Preview {
  version: string;
  before: Seat[];
  after: Seat[];
  quorum_before: Quorum;
  quorum_after: Quorum;
  words: string;
  answers: Record<string, { words: string; counts?: boolean }>;
  notes?: string[];
  refused?: Problem | null;
}

/** Opens the sheet; nothing for those who may not. */
export function reconfigButton(view: View): TemplateResult | typeof nothing {
  if (!view.may.has(RECONFIG) || view.readOnly) return nothing;
  return html`<button class="btn-small" ?disabled=${view.liveness.held} @click=${() => view.hands.open(new ReconfigSheet(view.hands))}>${icon("i-servers")}Change the members…</button>`;
}

/** The same, with what it is for. */
export function reconfigPart(view: View): TemplateResult | typeof nothing {
  const button = reconfigButton(view);
  return button === nothing ? nothing : html`<div class="rc-part">${button}<p>Add a server, remove one, or give and take votes: what becomes of the quorum is shown before.</p></div>`;
}

export class ReconfigSheet implements Sheet {
  readonly kind = "reconfig";
  private draft: MembersDraft | null = null;
  private preview: Preview | null = null;
  /** What the configuration cannot even be asked about. */
  private problem: Problem | null = null;
  private busy = false;
  private asking = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stale = false;
  private gone = false;

  constructor(private readonly desk: Desk) {
    void this.begin();
  }

  get typed(): boolean {
    return this.draft?.joining?.values.host !== undefined && this.draft.joining.touched.size > 0;
  }

  left(): void {
    this.gone = true;
    clearTimeout(this.timer);
  }

  content(): TemplateResult {
    const { desk, draft, preview } = this;
    if (!draft || !preview)
      return html`<h2 id="dialog-title">Change the members</h2>
        ${this.problem ? problemNote(this.problem) : html`<p>Reading the configuration.</p>`}
        <div class="answers"><button type="button" autofocus class="btn-quiet" @click=${desk.close}>Close <kbd>Esc</kbd></button></div>`;
    const refused = this.problem ?? preview.refused ?? null;
    const conflict = refused?.code === "wrong-version";
    return form(
      html`<h2 id="dialog-title">Change the members</h2>
        <p class="rc-version">The configuration is of transaction <span class="mono">${visible(draft.version)}</span>. A change is made to this one only.</p>
        <ul class="rc-members">${draft.members.map((seat) => this.member(seat, draft, preview))}</ul>
        ${draft.joining ? this.joining(draft.joining, preview) : html`<button type="button" class="btn-small rc-add" @click=${this.startAdding}>${icon("i-plus")}Add a server</button>`}
        ${draft.touched ? this.outcome(draft, preview, refused) : nothing} ${problemNote(draft.touched || this.problem ? refused : this.warned)}
        ${conflict ? html`<button type="button" class="zn-quiet" @click=${() => void this.begin()}>Start again from what it is now</button>` : nothing}
        ${draft.joining && (draft.force || refused?.code === "not-now")
          ? tick("Add it all the same", "It counts as a server that is down until it follows.", draft.force, (force) => this.change(() => (draft.force = force)))
          : nothing}
        ${answers({ label: draft.words, busyLabel: "Reconfiguring…", off: !this.ready, busy: this.busy, cancel: desk.leave })}`,
      () => void this.send(),
    );
  }

  /** What forbids every change, said before anything is wanted. */
  private get warned(): Problem | null {
    return this.preview?.refused ?? null;
  }

  private member(seat: Seat, draft: MembersDraft, preview: Preview): TemplateResult {
    const fate = draft.fate(seat);
    const leaves = draft.leaves(seat.id);
    const role = draft.roleOf(seat);
    const now = preview.answers[seat.id]?.words ?? "";
    return html`<li data-fate=${fate}>
      <p><b>server ${visible(seat.id)}</b> ${fate ? html`<em>${fate}</em>` : html`<span>${role === "observer" ? "observer" : "votes"}${now ? `, ${visible(now)}` : ""}</span>`}<small class="mono"><span>${visible(seat.host)}:${seat.quorum}:${seat.election}</span>${seat.client ? html` · <span>${visible(seat.client_host || seat.host)}:${seat.client}</span>` : nothing}</small></p>
      <button type="button" class="btn-line" ?disabled=${leaves} @click=${() => this.change(() => draft.setRole(seat, role === "observer" ? "participant" : "observer"))}>${role === "observer" ? "Give a vote" : "Take its vote"}<span class="sr"> server ${visible(seat.id)}</span></button>
      <button type="button" class="btn-line" aria-pressed=${leaves} @click=${() => this.change(() => draft.toggleLeaving(seat.id))}>${leaves ? "Keep" : "Remove"}<span class="sr"> server ${visible(seat.id)}</span></button>
    </li>`;
  }

  private joining(joining: NewServer, preview: Preview): TemplateResult {
    const one = (name: FieldName, label: string, hint: string, first = false) =>
      field({ label, value: joining.values[name], hint, fault: joining.touched.has(name) ? joining.fault(name) : "", first, input: (value) => this.change(() => joining.set(name, value)) });
    const answer = preview.answers[joining.values.id];
    return html`<fieldset class="rc-new">
      <legend>A server that joins</legend>
      <div class="rc-fields">
        ${one("host", "Host", "As the other servers reach it.", true)} ${one("id", "Id", "Its myid.")} ${one("client", "Client port", "For clients.")}
        ${one("quorum", "Quorum port", "For followers.")} ${one("election", "Election port", "For elections.")}
      </div>
      ${choices<Role>("role", "It", joining.role, ROLES, (role) => this.change(() => (joining.role = role)))}
      ${answer && joining.ready ? html`<p class="rc-answer" data-counts=${answer.counts === true}>${icon(answer.words.endsWith("in sync") ? "i-check" : "i-warn")}It ${visible(answer.words)}.</p>` : note("plain", "Start it first, with the present members and itself in its file; it follows, and joins here.")}
      <button type="button" class="zn-quiet" @click=${this.stopAdding}>Do not add one</button>
    </fieldset>`;
  }

  private outcome(draft: MembersDraft, preview: Preview, refused: Problem | null): TemplateResult | typeof nothing {
    if (!draft.ready) return nothing;
    if (this.stale) return html`<p class="rc-asking" aria-live="polite">Asking the ensemble…</p>`;
    const side = (title: string, quorum: Quorum) => html`<div><dt>${title}</dt><dd><b>${quorum.size === 1 ? "1 vote" : `${quorum.size} votes`}</b> ${visible(quorum.words)}</dd></div>`;
    return html`<section class="rc-outcome" aria-live="polite" data-refused=${refused !== null}>
      <dl>${side("Now", preview.quorum_before)}<i aria-hidden="true">${icon("i-right")}</i>${side("Then", preview.quorum_after)}</dl>
      <p>${visible(preview.words)}.</p>
      ${(preview.notes ?? []).map((words) => html`<p class="rc-note">${visible(words)}</p>`)}
    </section>`;
  }

  private readonly startAdding = (): void => {
    const { draft } = this;
    if (draft) this.change(() => (draft.joining = new NewServer(draft.members)));
  };

  private readonly stopAdding = (): void => {
    const { draft } = this;
    if (draft) this.change(() => ((draft.joining = null), (draft.force = false)));
  };

  private change(what: () => void): void {
    what();
    this.problem = null;
    this.stale = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), PAUSE);
    this.desk.redraw();
  }

  private get ready(): boolean {
    const { draft, preview } = this;
    return draft !== null && draft.ready && !this.stale && !this.problem && preview !== null && !preview.refused;
  }

  /** The present configuration, from which all begins. */
  private async begin(): Promise<void> {
    const found = await this.look({});
    if (found) {
      this.draft = new MembersDraft(found.version, found.before);
      this.preview = found;
    }
    this.stale = false;
    this.again();
    this.desk.redraw();
  }

  /** What is typed now, as the ensemble sees it. */
  private async ask(): Promise<void> {
    const { draft } = this;
    if (!draft || this.busy || (draft.joining && !draft.joining.ready)) return;
    const turn = ++this.asking;
    const found = await this.look(draft.wanted);
    if (turn !== this.asking || this.gone) return;
    if (found) this.preview = found;
    this.stale = false;
    this.again();
    this.desk.redraw();
  }

  private again(): void {
    clearTimeout(this.timer);
    if (!this.gone) this.timer = setTimeout(() => void this.ask(), AGAIN);
  }

  private async look(wanted: object): Promise<Preview | null> {
    const { ok, value, problem } = await this.desk.actions.request("POST", "/api/ensemble/preview", wanted);
    this.problem = problem;
    return ok ? (value as unknown as Preview) : null;
  }

  private async send(): Promise<void> {
    const { desk, draft } = this;
    if (this.busy || !draft || !this.ready) return;
    const what = draft.words;
    this.busy = true;
    desk.redraw();
    const outcome = await desk.actions.request("POST", "/api/ensemble/reconfig", draft.wanted, { deadline: PATIENCE[RECONFIG]! });
    this.busy = false;
    if (outcome.ok) {
      desk.close();
      desk.toasts.add("done", `${what}: done.`, `${String(outcome.value["words"] ?? "")}.`);
      return;
    }
    this.problem = outcome.problem;
    if (outcome.row !== null) {
      desk.close();
      await tellFailure(desk.actions, desk.toasts, what, outcome);
    }
    desk.redraw();
  }
}

const ROLES = [
  { value: "participant" as const, label: "votes", words: "A participant: it counts for the quorum." },
  { value: "observer" as const, label: "observes", words: "It answers reads, and has no vote." },
];
