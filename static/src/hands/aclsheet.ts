// Change the ACL of a znode, of several, or of all below one. It names the version that it was read with; a conflict shows both.
import { html, nothing, type TemplateResult } from "lit-html";
import { withQuery } from "../page/actions";
import { tellFailure } from "../page/verdict";
import { brief } from "../page/words";
import type { Problem } from "../protocol";
import { AclDraft } from "./acldraft";
import { aclForm } from "./aclform";
import { aclIn, readAcl, type Acl } from "./acls";
import { aclList } from "./aclview";
import { lockouts, sameAcl, sentAce } from "./aces";
import { answers, choices, field, form, heading, note, pathText, problemNote, tick } from "./form";
import { JobSheet } from "./jobsheet";
import type { Desk, Sheet } from "./sheet";

type Mode = "replace" | "add" | "remove";

export class AclSheet implements Sheet {
  readonly kind = "acl";
  private draft: AclDraft | null = null;
  private acl: Acl | null = null;
  /** What somebody else made of it meanwhile. */
  private theirs: Acl | null = null;
  private all = false;
  private mode: Mode = "replace";
  private confirm = "";
  private sure = false;
  /** Take away even what leaves nobody to change an ACL again. */
  private force = false;
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    private readonly path: string,
    private readonly done: () => void = () => {},
  ) {
    void this.read();
  }

  get typed(): boolean {
    return this.draft?.isTyped ?? false;
  }

  content(): TemplateResult {
    const { desk, path, draft } = this;
    if (!draft)
      return html`${heading("ACL of", path)}
        ${this.problem ? problemNote(this.problem) : html`<p>Reading.</p>`}
        <div class="answers"><button type="button" autofocus class="btn-quiet" @click=${desk.close}>Close <kbd>Esc</kbd></button></div>`;
    const grave = this.grave;
    return form(
      html`${heading("ACL of", path)}
        ${aclForm(draft, () => this.change({}), this.replaces)}
        ${grave ? tick("I want this", "And I know how to undo it.", this.sure, (sure) => this.change({ sure })) : nothing}
        ${desk.permits.may("subtree.acl", path, true) ? this.below() : nothing} ${this.conflict()} ${problemNote(this.problem)}
        ${answers({
          label: this.all ? "Change all of them" : this.theirs ? "Put mine over it" : "Change it", grave: this.all || grave || this.theirs !== null,
          off: !this.ready, busy: this.busy, cancel: desk.leave,
        })}`,
      () => void this.send(),
    );
  }

  private below(): TemplateResult {
    const { path, mode, force } = this;
    return html`${tick("Also all below", "Znode by znode; what was changed stays changed if it ends early.", this.all, (all) => this.change({ all }))}
    ${this.all
      ? html`${choices<Mode>("mode", "These entries", this.mode, MODES, (mode) => this.change({ mode }))}
          ${mode === "remove"
            ? tick("Even the last who may change one", "Else an ACL that nobody could change again stays as it is, and the work says so.", force, (on) => this.change({ force: on }))
            : nothing}
          ${field({ label: "The path, to be sure", value: this.confirm, hint: html`Type ${pathText(path)}`, input: (confirm) => this.change({ confirm }) })}`
      : nothing}`;
  }

  private conflict(): TemplateResult | typeof nothing {
    const { theirs } = this;
    if (!theirs) return nothing;
    return html`${note("unknown", "Somebody has changed this ACL since you opened it. Above is yours; below is what it is now.")} ${aclList(theirs.entries)}
      <button type="button" class="zn-quiet" @click=${() => this.start(theirs)}>Start again from what it is now</button>`;
  }

  private change(what: { all?: boolean; mode?: Mode; confirm?: string; sure?: boolean; force?: boolean }): void {
    Object.assign(this, what);
    this.problem = null;
    this.desk.redraw();
  }

  /** Whether the entries are what an ACL becomes, not what is added to it or taken away. */
  private get replaces(): boolean {
    return !this.all || this.mode === "replace";
  }

  private get grave(): boolean {
    return this.replaces && this.draft !== null && lockouts(this.draft.entries).some(({ who }) => who === "everybody");
  }

  private get ready(): boolean {
    const { draft, acl, all, path } = this;
    if (!draft || draft.fault || (this.grave && !this.sure)) return false;
    if (all) return this.confirm === path;
    return !acl || this.theirs !== null || draft.entries.some(({ password }) => password !== "") || !sameAcl(draft.entries, acl.entries);
  }

  private async read(): Promise<void> {
    const { acl, problem } = await readAcl(this.desk.actions, this.path);
    this.problem = problem;
    if (acl) this.start(acl);
    else this.desk.redraw();
  }

  private start(acl: Acl): void {
    Object.assign(this, { acl, draft: new AclDraft(acl.entries), theirs: null, problem: null, sure: false, force: false });
    this.desk.redraw();
  }

  private async send(): Promise<void> {
    const { desk, draft } = this;
    if (this.busy || !draft || !this.ready) return;
    this.busy = true;
    desk.redraw();
    if (this.all) await this.sendBelow(draft);
    else await this.sendOne(draft);
    this.busy = false;
    desk.redraw();
  }

  private async sendBelow(draft: AclDraft): Promise<void> {
    const { desk, path, confirm, mode, force } = this;
    const { id, outcome } = await desk.jobs.begin("/api/jobs/acl", {}, { path, acl: draft.entries.map(sentAce), confirm, mode, ...(mode === "remove" && force ? { force } : {}) });
    this.problem = outcome.problem;
    if (id) desk.open(new JobSheet(desk, id));
  }

  private async sendOne(draft: AclDraft): Promise<void> {
    const { desk, path } = this;
    const aversion = this.theirs?.aversion ?? this.acl?.aversion;
    const outcome = await desk.actions.request("PUT", withQuery("/api/acl", { path }), { acl: draft.entries.map(sentAce), aversion });
    if (outcome.ok) {
      desk.close();
      desk.toasts.add("done", `Changed the ACL of ${brief(path)}.`, "");
      return this.done();
    }
    if (outcome.problem?.code === "wrong-version") {
      const now = (outcome.value["now"] as Record<string, unknown> | undefined) ?? {};
      this.theirs = aclIn(now) ?? (await readAcl(desk.actions, path)).acl;
      this.problem = this.theirs ? null : outcome.problem;
      return;
    }
    this.problem = outcome.problem;
    if (outcome.row !== null) void tellFailure(desk.actions, desk.toasts, `ACL of ${brief(path)}`, outcome);
  }
}

const MODES = [
  { value: "replace" as const, label: "replace", words: "Each ACL becomes these entries." },
  { value: "add" as const, label: "add", words: "What they permit is added to what each ACL permits." },
  { value: "remove" as const, label: "remove", words: "What they permit is taken away where an ACL permits it." },
];
