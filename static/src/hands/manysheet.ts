// Delete several znodes, or give them one ACL. One after the other; what came of each is said.
import { html, nothing, type TemplateResult } from "lit-html";
import { withQuery, type Outcome } from "../page/actions";
import type { View } from "../page/view";
import { plural } from "../page/words";
import { size } from "../tree/names";
import { AclDraft } from "./acldraft";
import { aclForm } from "./aclform";
import { lockouts, OPEN, sentAce } from "./aces";
import { readAcl } from "./acls";
import { Batch } from "./batch";
import { batchView, told } from "./batchview";
import { countedView, type Counted } from "./counted";
import { answers, field, form, note, pathText, problemNote, tick } from "./form";
import type { Pick } from "./picked";
import { tops } from "./deeds";
import type { Desk, Sheet } from "./sheet";
import { sum, Tally } from "./tally";

export class DeleteManySheet implements Sheet {
  readonly kind = "many";
  private readonly picks: ReadonlyMap<string, Pick>;
  private readonly batch: Batch;
  private readonly tally: Tally;
  /** What was on the screen when the person agreed: no more than that is deleted. */
  private agreed: ReadonlyMap<string, Counted> = new Map();
  private confirm = "";

  constructor(
    private readonly desk: Desk,
    picks: readonly Pick[],
    private readonly done: () => void,
  ) {
    const paths = tops(picks.map(({ path }) => path));
    this.picks = new Map(picks.filter(({ path }) => paths.includes(path)).map((pick) => [pick.path, pick]));
    this.batch = new Batch(paths, desk.redraw);
    this.tally = new Tally(desk, paths);
    void this.tally.follow(() => this.batch.state === "ready" && this.confirm === "");
  }

  left(): void {
    this.tally.end();
    leave(`Delete ${plural(this.picks.size, "picked znode")}`, this.batch, this.desk);
  }

  content(view: View): TemplateResult {
    const { batch, desk, tally } = this;
    const counted = tally.all;
    const many = counted ? plural(sum(counted.values()).znodes, "znode") : "";
    if (batch.state !== "ready") return underWay(`Delete ${plural(sum(this.agreed.values()).znodes, "znode")}`, batch, desk);
    const deep = deepIn(counted);
    return form(
      html`<h2 id="dialog-title">Delete ${counted ? many : plural(this.picks.size, "picked znode")}?</h2>
        ${counted ? countedView(sum(counted.values()), view) : tally.problem ? problemNote(tally.problem) : html`<p class="counted" aria-busy="true">Counting.</p>`}
        <p>${this.words(deep.length)} There is no undo; whoever watches them is told.</p>
        ${batchView(batch, (path) => said(tally.of(path)))}
        ${deep.length || (!counted && [...this.picks.values()].some(({ children }) => children > 0))
          ? html`${deep.length ? this.warning(deep) : nothing}
              ${field({ label: "To be sure", value: this.confirm, mono: false, first: true, hint: counted ? `Type ${this.phrase}` : "", input: (confirm) => {
                this.confirm = confirm;
                desk.redraw();
              } })}`
          : nothing}
        ${answers({ label: counted ? `Delete ${many}` : "Delete", grave: true, first: !deep.length, off: !this.ready, busy: !counted && !tally.problem, busyLabel: "Counting…", cancel: desk.leave })}`,
      () => this.send(),
    );
  }

  private warning(deep: readonly string[]): TemplateResult {
    const barred = deep.find((path) => !this.desk.permits.may("subtree.delete", path, true));
    if (barred !== undefined) return note("problem", html`You may not delete what is below ${pathText(barred)}.`);
    return note("problem", `${deep.length === 1 ? "1 of them has" : `${deep.length} of them have`} children, which go too.`);
  }

  private words(deep: number): string {
    const version = "only if it is still the one, and in the version, that you picked";
    if (deep === 0) return `One after the other, each ${version}.`;
    const below = "with all below, as it is then, and never more znodes than were counted here";
    return deep === this.picks.size ? `One after the other, each ${below}.` : `One after the other: one without children ${version}; one with children ${below}.`;
  }

  private get phrase(): string {
    return `delete ${sum(this.tally.all?.values() ?? []).znodes.toLocaleString("en")}`;
  }

  private get ready(): boolean {
    const counted = this.tally.all;
    if (!counted || sum(counted.values()).znodes === 0) return false;
    const deep = deepIn(counted);
    if (deep.some((path) => !this.desk.permits.may("subtree.delete", path, true))) return false;
    return !deep.length || this.confirm.replaceAll(",", "").trim() === this.phrase.replaceAll(",", "");
  }

  private send(): void {
    if (this.batch.state !== "ready" || !this.ready || !this.tally.all) return;
    this.agreed = this.tally.all;
    this.tally.end();
    void this.batch.run((path) => this.remove(path)).then(this.done);
  }

  private async remove(path: string): Promise<Outcome> {
    const { actions, jobs } = this.desk;
    const { exists = false, znodes = 0 } = this.agreed.get(path) ?? {};
    if (!exists) return { ok: false, problem: GONE, value: {}, row: null };
    if (znodes === 1) {
      const { version = 0, czxid = "" } = this.picks.get(path) ?? {};
      return actions.request("DELETE", withQuery("/api/znodes", { path, version, czxid }));
    }
    const { id, outcome } = await jobs.begin("/api/jobs/delete", {}, { path, confirm: path, znodes, cap: znodes });
    if (id === null) return outcome;
    const { state, problem, words } = await jobs.settled(id);
    if (state === "done") return outcome;
    return { ok: false, problem: problem ?? { code: state, text: words, hint: "" }, value: {}, row: null };
  }
}

const GONE = { code: "no-znode", text: "It had gone before you agreed.", hint: "" };

/** Those that have something below them. */
function deepIn(counted: ReadonlyMap<string, Counted> | null): string[] {
  return [...(counted ?? [])].filter(([, { exists, znodes }]) => exists && znodes > 1).map(([path]) => path);
}

/** What a picked znode stands for. */
function said(counted: Counted | null): string {
  if (!counted) return "";
  if (!counted.exists) return "It is gone.";
  return counted.znodes > 1 ? `${plural(counted.znodes, "znode")}, ${size(counted.bytes)}` : "";
}

/** Its sheet is closed: it ends after the znode that is under way, and says how far it came. */
function leave(title: string, batch: Batch, { toasts }: Desk): void {
  if (batch.state !== "running") return;
  batch.stopping = true;
  const toast = toasts.add("unknown", `${title}: stopping.`, "The one that is under way goes on to its end.");
  void batch.over.then(() => {
    const rest = batch.steps.length - batch.count("done");
    toasts.amend(toast, rest ? "problem" : "done", `${title}: ${rest ? "stopped" : "done"}.`, told(batch));
  });
}

export class AclManySheet implements Sheet {
  readonly kind = "acl";
  private readonly draft = new AclDraft(OPEN);
  private readonly batch: Batch;
  private sure = false;

  constructor(
    private readonly desk: Desk,
    paths: readonly string[],
    private readonly done: () => void,
  ) {
    this.batch = new Batch(paths, desk.redraw);
  }

  get typed(): boolean {
    return this.batch.state === "ready" && this.draft.isTyped;
  }

  left(): void {
    leave(`ACL of ${plural(this.batch.steps.length, "znode")}`, this.batch, this.desk);
  }

  content(): TemplateResult {
    const { batch, desk, draft } = this;
    const many = plural(batch.steps.length, "znode");
    if (batch.state !== "ready") return underWay(`ACL of ${many}`, batch, desk);
    const grave = lockouts(draft.entries).some(({ who }) => who === "everybody");
    return form(
      html`<h2 id="dialog-title">ACL of ${many}</h2>
        <p>The ACL of each becomes these entries. One after the other; what is below them keeps its own.</p>
        ${aclForm(draft, desk.redraw)}
        ${grave
          ? tick("I want this", "And I know how to undo it.", this.sure, (sure) => {
              this.sure = sure;
              desk.redraw();
            })
          : nothing}
        ${batchView(batch)}
        ${answers({ label: `Change ${many}`, grave: true, off: draft.fault !== "" || (grave && !this.sure), cancel: desk.leave })}`,
      () => {
        if (batch.state === "ready" && !draft.fault && (!grave || this.sure)) void batch.run((path) => this.change(path)).then(this.done);
      },
    );
  }

  private async change(path: string): Promise<Outcome> {
    const { acl, problem } = await readAcl(this.desk.actions, path);
    if (!acl) return { ok: false, problem, value: {}, row: null };
    return this.desk.actions.request("PUT", withQuery("/api/acl", { path }), { acl: this.draft.entries.map(sentAce), aversion: acl.aversion });
  }
}

function underWay(title: string, batch: Batch, desk: Desk): TemplateResult {
  const stop = (): void => {
    batch.stopping = true;
    desk.redraw();
  };
  return html`<div class="sheet">
    <h2 id="dialog-title">${title}</h2>
    ${batchView(batch)}
    <div class="answers">
      ${batch.state === "running"
        ? html`<button type="button" autofocus class="btn-quiet" ?disabled=${batch.stopping} @click=${stop}>${batch.stopping ? "Stopping after this one…" : "Stop"}</button>`
        : html`<button type="button" autofocus class="btn-quiet" @click=${desk.close}>Close <kbd>Esc</kbd></button>`}
    </div>
  </div>`;
}
