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
  /** What the person agreed to delete: as it was when the sheet opened, or when they last said 'all the same'. */
  private seen: Stamp | null = null;
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
    const now = stampOf(znode);
    this.seen ??= now;
    const meanwhile = since(this.seen, now);
    const below = znode?.stat?.children ?? 0;
    return form(
      html`${heading("Delete", path, "?")}
        ${znode ? this.words(view, znode) : html`<p>Reading.</p>`}
        ${below > 0 ? this.full(below) : nothing}
        ${meanwhile === "changed" ? note("unknown", `Somebody has just changed it: you saw version ${this.seen?.version}, and now it is version ${now?.version}.`) : nothing}
        ${meanwhile === "anew" ? this.anew(now) : nothing}
        ${problemNote(this.problem)}
        ${answers({
          label: meanwhile === "changed" ? `Delete version ${now?.version} all the same` : "Delete", grave: true, first: true,
          off: !znode || below > 0 || meanwhile === "anew", busy: this.busy, cancel: desk.leave,
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

  /** Another znode of the same name, maybe of the same version: it is looked at before it can be deleted. */
  private anew(now: Stamp | null): TemplateResult {
    const mean = (): void => {
      this.seen = now;
      this.desk.redraw();
    };
    return note(
      "unknown",
      html`The znode that you saw was deleted, and another one was created in its place: what is said above is of the new one.
        <button type="button" class="link" @click=${mean}>I mean the new one</button>`,
    );
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

  private async send(shown: Stamp | null): Promise<void> {
    const { desk, path } = this;
    const now = stampOf(this.gaze.znode);
    if (this.busy || shown === null || now === null) return;
    // What came after the sheet was last drawn was not agreed to.
    if (since(this.seen, shown) === "anew" || since(shown, now) !== "") return desk.redraw();
    this.busy = true;
    this.seen = now;
    this.problem = null;
    desk.redraw();
    const outcome = await desk.actions.request("DELETE", withQuery("/api/znodes", { path, version: now.version, czxid: now.czxid }));
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

/** Which znode it is, and in which state. */
interface Stamp {
  version: number;
  czxid: string;
  mzxid: string;
}

function stampOf(znode: Znode | null): Stamp | null {
  if (!znode?.exists) return null;
  const { version = 0, czxid = "", mzxid = "" } = znode.stat ?? {};
  return { version, czxid, mzxid };
}

/** What became of it between two looks: another znode, another value, or nothing. */
function since(seen: Stamp | null, now: Stamp | null): "anew" | "changed" | "" {
  if (!seen || !now) return "";
  if (seen.czxid !== now.czxid) return "anew";
  return seen.mzxid !== now.mzxid || seen.version !== now.version ? "changed" : "";
}

function article(words: string): string {
  return `${/^[aeiou]/i.test(words) ? "An" : "A"} ${words}`;
}
