// Copy, move or rename a subtree: where to, what becomes of what is there already, and what is atomic and what is not.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import type { Problem } from "../protocol";
import { fault, nameOf, parentOf, ROOT } from "../tree/paths";
import { Count } from "./counted";
import { insideItself, renamed } from "./deeds";
import { answers, choices, field, form, heading, note, pathText, problemNote, tick } from "./form";
import { Gaze } from "./gaze";
import { JobSheet } from "./jobsheet";
import { nameFault } from "./naming";
import { EXISTING, EPHEMERALS, type Existing, type Ephemerals } from "./options";
import type { Desk, Sheet } from "./sheet";

export type Transfer = "copy" | "move" | "rename";

const VERBS: Record<Transfer, string> = { copy: "Copy", move: "Move", rename: "Rename" };

export class TransferSheet implements Sheet {
  readonly kind = "transfer";
  private readonly count: Count;
  private readonly target: Gaze;
  /** What it is put into. */
  private readonly parent: Gaze;
  private to: string;
  /** Of a rename: as it was typed, also where it is no name. */
  private name: string;
  private touched = false;
  private confirm = "";
  private existing: Existing = "fail";
  private ephemerals: Ephemerals = "skip";
  private acl = true;
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    private readonly way: Transfer,
    private readonly path: string,
  ) {
    this.to = path;
    this.name = nameOf(path);
    this.count = new Count(desk, path);
    this.target = new Gaze(desk.store, desk.redraw);
    this.parent = new Gaze(desk.store, desk.redraw);
    void this.count.follow(() => !this.touched && this.confirm === "");
  }

  get typed(): boolean {
    return this.to !== this.path || this.name !== nameOf(this.path);
  }

  left(): void {
    this.count.end();
    this.target.end();
    this.parent.end();
  }

  content(view: View): TemplateResult {
    const { desk, path, way } = this;
    const counted = this.count.value;
    return form(
      html`${heading(VERBS[way], path)}
        ${this.count.view(view)} ${way === "rename" ? this.newName() : this.place()}
        ${this.target.exists ? choices<Existing>("existing", "What is there already", this.existing, EXISTING, (existing) => this.change({ existing })) : nothing}
        ${counted?.ephemerals ? choices<Ephemerals>("ephemerals", "Ephemeral znodes", this.ephemerals, EPHEMERALS, (ephemerals) => this.change({ ephemerals })) : nothing}
        ${way !== "copy" && counted?.ephemerals && this.ephemerals === "skip" ? this.stays(counted.ephemerals) : nothing}
        ${tick("with their ACLs", "Without, all that is made is open to anyone.", this.acl, (acl) => this.change({ acl }))}
        ${note("plain", CONSEQUENCES[way])}
        ${way === "copy" ? nothing : this.sure()} ${problemNote(this.problem)}
        ${answers({ label: VERBS[way], grave: way !== "copy", off: !this.ready, busy: this.busy, cancel: desk.leave })}`,
      () => void this.send(),
    );
  }

  /** A znode goes only once nothing is left below it. */
  private stays(ephemerals: number): TemplateResult {
    return note(
      "unknown",
      html`${ephemerals === 1 ? "The ephemeral znode stays where it is" : `The ${ephemerals.toLocaleString("en")} ephemeral znodes stay where they are`}, and so does what is
        above ${ephemerals === 1 ? "it" : "them"}, up to ${pathText(this.path)}: that will be at both places.`,
    );
  }

  private place(): TemplateResult {
    return field({
      label: "To", value: this.to, first: true, fault: this.touched ? this.fault : "", hint: "The path that it will have.",
      input: (to) => this.aim(to),
    });
  }

  private newName(): TemplateResult {
    const parent = parentOf(this.path);
    return field({
      label: "New name", value: this.name, first: true, before: pathText(parent === ROOT ? ROOT : `${parent}/`),
      fault: this.touched ? this.fault : "",
      input: (name) => {
        this.name = name;
        this.aim(renamed(this.path, name));
      },
    });
  }

  private sure(): TemplateResult {
    const { path, confirm } = this;
    return field({
      label: "The old path, to be sure", value: confirm, hint: html`Type ${pathText(path)}`,
      fault: confirm !== "" && !path.startsWith(confirm) ? "This is not its path." : "", input: (typed) => this.change({ confirm: typed }),
    });
  }

  private aim(to: string): void {
    this.touched = true;
    this.change({ to });
    const wrong = fault(to) !== "" || insideItself(this.path, to) || insideItself(to, this.path);
    this.target.soon(wrong ? "" : to);
    this.parent.soon(wrong ? "" : parentOf(to));
  }

  private change(what: { to?: string; confirm?: string; existing?: Existing; ephemerals?: Ephemerals; acl?: boolean }): void {
    Object.assign(this, what);
    this.problem = null;
    this.desk.redraw();
  }

  private get fault(): string {
    const { path, to, desk, way } = this;
    const wrong = (way === "rename" && nameFault(parentOf(path), this.name)) || fault(to);
    if (wrong) return wrong;
    if (to === path) return "That is where it is.";
    if (insideItself(path, to)) return "That lies inside itself.";
    if (insideItself(to, path)) return "It lies in that one, which would be written over.";
    const permission = way === "copy" ? "subtree.copy" : "subtree.move";
    if (!desk.permits.may(permission, to, true)) return "You may not put znodes there.";
    if (this.parent.exists === false) return "What is above that path does not exist: create it first.";
    if (this.parent.znode?.kind === "ephemeral") return "What is above that path is ephemeral, and has no children.";
    return "";
  }

  private get ready(): boolean {
    return this.fault === "" && !!this.count.value?.exists && (this.way === "copy" || this.confirm === this.path);
  }

  private async send(): Promise<void> {
    const { desk, path, to, confirm, existing, ephemerals, acl } = this;
    this.touched = true;
    if (this.busy || !this.ready) return desk.redraw();
    this.busy = true;
    desk.redraw();
    const [address, more] = this.way === "copy" ? ["/api/jobs/copy", {}] : ["/api/jobs/move", { confirm }];
    const { id, outcome } = await desk.jobs.begin(address, {}, { path, to, existing, ephemerals, acl, ...more });
    this.busy = false;
    if (id) return this.began(id);
    this.problem = outcome.problem;
    desk.redraw();
  }

  private began(id: string): void {
    const sheet = new JobSheet(this.desk, id);
    this.desk.open(sheet);
    // A small one has ended by the time that it is told of.
    const job = this.desk.jobs.find(id);
    if (job && job.state !== "running") sheet.ended(job);
  }
}

const MOVED =
  "Up to 400 znodes go in one transaction, all or nothing. More are copied first, in batches; only when both are the same, " +
  "what has not changed meanwhile is deleted here. Versions and times start anew; who watches the old path is told that it is gone.";

const CONSEQUENCES: Record<Transfer, string> = {
  copy: "In batches, each all or nothing; the whole is not. If it ends early, what was made stays, and the same again goes on from there.",
  move: MOVED,
  rename: `ZooKeeper cannot rename. ${MOVED}`,
};
