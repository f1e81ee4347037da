// End a session: what goes with it and who leads next, live while the sheet is open; then once, on the word of a person.
import { html, nothing, type TemplateResult } from "lit-html";
import { answers, field, form, note, problemNote, tick } from "../hands/form";
import type { Desk, Sheet } from "../hands/sheet";
import { tellFailure } from "../page/verdict";
import type { View } from "../page/view";
import { plural, visible, znodePath } from "../page/words";
import type { Parting, Problem } from "../protocol";
import { glyph } from "../style/icons";
import { sessionTopic } from "./topics";
import { calls, shortId } from "./words";

/** Znodes, and groups, from which on the end of a session is typed in. */
const MANY_ZNODES = 20;
const MANY_GROUPS = 3;

/** Znodes that are named. */
const NAMED = 8;

export class ExpireSheet implements Sheet {
  readonly kind = "expire";
  private parting: Parting | null = null;
  private readonly stop: () => void;
  private typed_ = "";
  private problem: Problem | null = null;
  private busy = false;
  /** It changes faster than anybody agrees: whatever it owns by then. */
  private whatever = false;

  constructor(
    private readonly desk: Desk,
    private readonly id: string,
  ) {
    this.stop = desk.store.subscribe(sessionTopic(id), (value) => {
      // What is under way is about what was agreed to, not about what is left of it.
      if (!this.busy) this.parting = value as Parting | null;
      desk.redraw();
    });
  }

  left(): void {
    this.stop();
  }

  content(view: View): TemplateResult {
    const { desk, id, parting } = this;
    if (parting && !parting.exists) return this.gone();
    const name = calls(parting?.session, id);
    const refused = parting?.refusal;
    return form(
      html`<h2 id="dialog-title">Expire ${name}?</h2>
        ${parting ? this.words(parting) : html`<p>Reading.</p>`}
        ${refused ? note("problem", html`<b>${refused.text}</b> ${refused.hint ?? ""}`) : nothing}
        ${parting && !refused && this.grave
          ? field({
              label: "The end of its id, to be sure", value: this.typed_, first: true, hint: html`Type <b class="mono">${this.tail}</b>`,
              fault: this.typed_ !== "" && !this.tail.startsWith(this.typed_) ? "Its id ends otherwise." : "",
              input: (typed) => {
                this.typed_ = typed.trim();
                desk.redraw();
              },
            })
          : nothing}
        ${problemNote(this.problem)}
        ${this.problem?.code === "wrong-version" || this.whatever
          ? tick("Whatever it owns by then", "It changes while you look: what goes may be other than what is shown.", this.whatever, (whatever) => {
              this.whatever = whatever;
              desk.redraw();
            })
          : nothing}
        ${answers({
          label: this.label, grave: true, first: !this.grave, off: !parting || !!refused || view.liveness.held || (this.grave && this.typed_ !== this.tail), busy: this.busy, cancel: desk.leave,
        })}`,
      () => void this.send(view),
    );
  }

  private words(parting: Parting): TemplateResult {
    const { session, owns = [], losses = [], groups = 0, warnings = [] } = parting;
    const owned = session?.owned ?? owns.length;
    const where = [session?.client ? `client ${visible(session.client)}` : "", session?.server ? `on ${/^\d+$/.test(session.server) ? "server " : ""}${visible(session.server)}` : ""].filter(Boolean).join(", ");
    return html`<p class="sheet-what"><span title=${visible(this.id)}>${shortId(this.id)}</span>${where ? `, ${where}` : ""}</p>
      <p>This overrules ZooKeeper: Zooscope takes the session over and closes it. There is no undo.</p>
      ${owned
        ? html`<h3 class="ss-sub">${plural(owned, "ephemeral znode")} ${owned === 1 ? "goes" : "go"} at once</h3>
            <ul class="ss-going">${owns.slice(0, NAMED).map((path) => html`<li>${glyph("ephemeral", /\d{10}$/.test(path))}${znodePath(path)}</li>`)}${owned > NAMED ? html`<li class="more">and ${(owned - Math.min(NAMED, owns.length)).toLocaleString("en")} more</li>` : nothing}</ul>`
        : html`<p>It owns no ephemeral znode, so the tree stays as it is.</p>`}
      ${losses.length
        ? html`<h3 class="ss-sub">${groups === 1 ? "One group changes" : `${groups.toLocaleString("en")} groups change`}</h3>
            <ul class="ss-losses">${losses.slice(0, NAMED).map((loss) => html`<li data-led=${loss.led ?? false}>${visible(loss.words ?? "")}</li>`)}${groups > NAMED ? html`<li class="more">and ${(groups - NAMED).toLocaleString("en")} more</li>` : nothing}</ul>`
        : nothing}
      ${warnings.length ? html`<p class="ss-after">${warnings.slice(1).join(" ")}</p>` : nothing}`;
  }

  private get tail(): string {
    return this.id.slice(-5);
  }

  private get grave(): boolean {
    const { session, groups = 0 } = this.parting ?? {};
    return (session?.owned ?? 0) > MANY_ZNODES || groups >= MANY_GROUPS;
  }

  private get label(): string {
    const owned = this.parting?.session?.owned ?? 0;
    return owned ? `Expire it, with ${plural(owned, "znode")}` : "Expire it";
  }

  private gone(): TemplateResult {
    return html`<h2 id="dialog-title">It is gone</h2>
      <p>There is no session <span class="mono">${visible(shortId(this.id))}</span> any more. Its client may have a new one.</p>
      <div class="answers"><button type="button" autofocus class="btn-quiet" @click=${this.desk.close}>Close <kbd>Esc</kbd></button></div>`;
  }

  private async send(view: View): Promise<void> {
    const { desk, id, parting } = this;
    if (this.busy || !parting?.exists || parting.refusal || view.liveness.held || (this.grave && this.typed_ !== this.tail)) return;
    this.busy = true;
    this.problem = null;
    desk.redraw();
    const name = calls(parting.session, id);
    const outcome = await desk.actions.request("POST", `/api/sessions/${encodeURIComponent(id)}/expire`, this.whatever ? {} : { owned: parting.session?.owned ?? 0, mark: parting.mark ?? "" });
    this.busy = false;
    if (outcome.ok) {
      desk.close();
      const { took, owned } = outcome.value as { took?: number; owned?: number };
      const went = owned ? `${plural(owned, "znode")} went with it` : "Nothing of the tree went with it";
      desk.toasts.add("done", `The session of ${name} has ended.`, `${went}${took === undefined ? "" : `, ${Math.round(took)} ms after it was asked for`}.`);
      return;
    }
    this.problem = outcome.problem;
    this.parting = desk.store.value<Parting>(sessionTopic(id)) ?? parting;
    desk.redraw();
    if (outcome.problem?.code === "unknown") void tellFailure(desk.actions, desk.toasts, `Expire ${name}`, outcome);
  }
}
