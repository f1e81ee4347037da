// Delete one znode: what goes and who will notice, and only if it is still as the person saw it.
import { html, nothing, type TemplateResult } from "lit-html";
import { tellFailure } from "../page/verdict";
import type { View } from "../page/view";
import { brief } from "../page/words";
import type { Problem, Znode } from "../protocol";
import { kindWords, size } from "../tree/names";
import { withQuery } from "../page/actions";
import { ClearSheet } from "./clearsheet";
import { children } from "./deeds";
import { answers, form, heading, note, pathText, problemNote } from "./form";
import { Gaze } from "./gaze";
import { holderWords } from "./holders";
import type { Desk, Sheet } from "./sheet";

export class DeleteSheet implements Sheet {
  readonly kind = "delete";
  private readonly gaze: Gaze;
  /** The version that the person agreed to delete: of when the sheet opened, or of when they last said 'all the same'. */
  private seen: number | null = null;
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    private readonly path: string,
  ) {
    this.gaze = new Gaze(desk.store, desk.redraw).at(path);
  }

  left(): void {
    this.gaze.end();
  }

  content(view: View): TemplateResult {
    const { znode } = this.gaze;
    const { desk, path } = this;
    if (znode && !znode.exists) return this.gone();
    const now = version(znode);
    this.seen ??= now;
    const changed = now !== null && now !== this.seen;
    const below = znode?.stat?.children ?? 0;
    return form(
      html`${heading("Delete", path, "?")}
        ${znode ? this.words(view, znode) : html`<p>Reading.</p>`}
        ${below > 0 ? this.full(below) : nothing}
        ${changed ? note("unknown", `Somebody has just changed it: you saw version ${this.seen}, and now it is version ${now}.`) : nothing}
        ${problemNote(this.problem)}
        ${answers({
          label: changed ? `Delete version ${now} all the same` : "Delete", grave: true, first: true,
          off: !znode || below > 0, busy: this.busy, cancel: desk.close,
        })}`,
      () => void this.send(now),
    );
  }

  private words(view: View, znode: Znode): TemplateResult {
    const { stat, kind = "persistent", sequential } = znode;
    const bytes = stat?.data_length ?? 0;
    return html`<p>
        ${article(kindWords(kind, sequential))} znode ${bytes ? `with ${size(bytes)} of data, version ${stat?.version ?? 0}` : "without data"}.
        There is no undo; whoever watches it is told.
      </p>
      ${kind === "ephemeral" ? html`<p>${holderWords(view, znode)}</p>` : nothing}`;
  }

  private full(below: number): TemplateResult {
    const { desk, path } = this;
    const may = desk.permits.may("subtree.delete", path, true);
    return note(
      "problem",
      html`It has ${children(below)}, and ZooKeeper deletes only what has none.
        ${may ? html`<button type="button" class="link" @click=${() => desk.open(new ClearSheet(desk, path))}>Delete it with all below…</button>` : nothing}`,
    );
  }

  private gone(): TemplateResult {
    return html`<h2 id="dialog-title">It is gone</h2>
      <p>There is no ${pathText(this.path)} any more.</p>
      <div class="answers"><button type="button" autofocus class="btn-quiet" @click=${this.desk.close}>Close <kbd>Esc</kbd></button></div>`;
  }

  private async send(now: number | null): Promise<void> {
    const { desk, path } = this;
    if (this.busy || now === null) return;
    this.busy = true;
    this.seen = now;
    this.problem = null;
    desk.redraw();
    const outcome = await desk.actions.request("DELETE", withQuery("/api/znodes", { path, version: now }));
    this.busy = false;
    if (outcome.ok) {
      desk.close();
      desk.toasts.add("done", `Deleted ${brief(path)}.`, "");
      return;
    }
    this.problem = outcome.problem;
    desk.redraw();
    if (outcome.row !== null) void tellFailure(desk.actions, desk.toasts, `Delete ${brief(path)}`, outcome);
  }
}

function version(znode: Znode | null): number | null {
  return znode?.exists ? (znode.stat?.version ?? 0) : null;
}

function article(words: string): string {
  return `${/^[aeiou]/i.test(words) ? "An" : "A"} ${words}`;
}
