// Delete several znodes, or give them one ACL. One after the other; what came of each is said.
import { html, nothing, type TemplateResult } from "lit-html";
import { withQuery, type Outcome } from "../page/actions";
import { plural } from "../page/words";
import { AclDraft } from "./acldraft";
import { aclForm } from "./aclform";
import { lockouts, OPEN, sentAce } from "./aces";
import { readAcl } from "./acls";
import { Batch } from "./batch";
import { batchView } from "./batchview";
import { answers, field, form, note, tick } from "./form";
import type { Pick } from "./picked";
import { tops } from "./deeds";
import type { Desk, Sheet } from "./sheet";

export class DeleteManySheet implements Sheet {
  readonly kind = "many";
  private readonly picks: ReadonlyMap<string, Pick>;
  private readonly batch: Batch;
  private confirm = "";

  constructor(
    private readonly desk: Desk,
    picks: readonly Pick[],
    private readonly done: () => void,
  ) {
    const paths = tops(picks.map(({ path }) => path));
    this.picks = new Map(picks.filter(({ path }) => paths.includes(path)).map((pick) => [pick.path, pick]));
    this.batch = new Batch(paths, desk.redraw);
  }

  left(): void {
    this.batch.stopping = true;
  }

  content(): TemplateResult {
    const { batch, desk } = this;
    const many = plural(this.picks.size, "znode");
    const deep = [...this.picks.values()].filter(({ children }) => children > 0).length;
    if (batch.state !== "ready") return underWay(`Delete ${many}`, batch, desk);
    return form(
      html`<h2 id="dialog-title">Delete ${many}?</h2>
        <p>One after the other, each only if it is still the version that you picked. There is no undo; whoever watches them is told.</p>
        ${batchView(batch)}
        ${deep
          ? html`${note("problem", `${deep === 1 ? "1 of them has" : `${deep} of them have`} children, which go too.`)}
              ${field({ label: "To be sure", value: this.confirm, mono: false, first: true, hint: `Type ${this.phrase}`, input: (confirm) => {
                this.confirm = confirm;
                desk.redraw();
              } })}`
          : nothing}
        ${answers({ label: `Delete ${many}`, grave: true, first: !deep, off: deep > 0 && this.confirm !== this.phrase, cancel: desk.close })}`,
      () => this.send(deep > 0),
    );
  }

  private get phrase(): string {
    return `delete ${this.picks.size}`;
  }

  private send(deep: boolean): void {
    if (this.batch.state !== "ready" || (deep && this.confirm !== this.phrase)) return;
    void this.batch.run((path) => this.remove(path)).then(this.done);
  }

  private async remove(path: string): Promise<Outcome> {
    const { actions, jobs } = this.desk;
    const { version = -1, children = 0 } = this.picks.get(path) ?? {};
    if (children === 0) return actions.request("DELETE", withQuery("/api/znodes", { path, version }));
    const counted = await actions.request("GET", withQuery("/api/subtree", { path }));
    if (!counted.ok) return counted;
    const { znodes } = counted.value;
    const { id, outcome } = await jobs.begin("/api/jobs/delete", {}, { path, confirm: path, znodes, cap: znodes });
    if (id === null) return outcome;
    const { state, problem, words } = await jobs.settled(id);
    if (state === "done") return outcome;
    return { ok: false, problem: problem ?? { code: state, text: words, hint: "" }, value: {}, row: null };
  }
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

  left(): void {
    this.batch.stopping = true;
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
        ${answers({ label: `Change ${many}`, grave: true, off: draft.fault !== "" || (grave && !this.sure), cancel: desk.close })}`,
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
