// Delete a znode with all below it: counted first, the path typed in, at most as many as the person allows.
import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { plural } from "../page/words";
import type { Problem } from "../protocol";
import { Count } from "./counted";
import { answers, field, form, heading, note, pathText, problemNote } from "./form";
import { JobSheet } from "./jobsheet";
import type { Desk, Sheet } from "./sheet";

export class ClearSheet implements Sheet {
  readonly kind = "clear";
  private readonly count: Count;
  private confirm = "";
  /** Typed; '' is what `spare` says. */
  private cap = "";
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    private readonly path: string,
  ) {
    this.count = new Count(desk, path);
    void this.count.follow(() => this.confirm === "");
  }

  left(): void {
    this.count.end();
  }

  content(view: View): TemplateResult {
    const { desk, path } = this;
    const counted = this.count.value;
    return form(
      html`${heading("Delete", path, " with all below?")}
        ${this.count.view(view)}
        <p>Children go before their parents, in batches. It can be stopped in between; what has gone by then stays gone. There is no undo.</p>
        ${field({
          label: "The path, to be sure", value: this.confirm, first: true, hint: html`Type ${pathText(path)}`,
          fault: this.confirm !== "" && !path.startsWith(this.confirm) ? "This is not its path." : "",
          input: (confirm) => this.change({ confirm }),
        })}
        ${field({
          label: "Never more znodes than", value: this.cap, mono: false, fault: this.most === null ? "Type a number." : "",
          placeholder: this.spare.toLocaleString("en"), hint: html`What comes meanwhile goes too, up to this number; there it stops. Left empty, it is ${this.spare.toLocaleString("en")}.`,
          input: (cap) => this.change({ cap }),
        })}
        ${counted && this.most !== null && counted.znodes > this.most ? note("problem", `There are ${plural(counted.znodes, "znode")}: more than that.`) : ""}
        ${problemNote(this.problem)}
        ${answers({
          label: counted?.exists ? `Delete ${plural(counted.znodes, "znode")}` : "Delete", grave: true, off: !this.ready, busy: this.busy, cancel: desk.leave,
        })}`,
      () => void this.send(),
    );
  }

  /** As many as were counted, and a tenth more. */
  private get spare(): number {
    const counted = this.count.value?.znodes ?? 0;
    return counted + Math.max(10, Math.ceil(counted / 10));
  }

  /** null where what was typed is no number. */
  private get most(): number | null {
    const text = this.cap.replace(/[\s,]/g, "");
    if (text === "") return this.spare;
    return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : null;
  }

  private get ready(): boolean {
    const counted = this.count.value;
    return this.confirm === this.path && !!counted?.exists && this.most !== null && counted.znodes <= this.most;
  }

  private change(what: { confirm?: string; cap?: string }): void {
    if (what.confirm !== undefined) this.confirm = what.confirm;
    if (what.cap !== undefined) this.cap = what.cap;
    this.problem = null;
    this.desk.redraw();
  }

  private async send(): Promise<void> {
    const { desk, path } = this;
    if (this.busy || !this.ready) return;
    this.busy = true;
    desk.redraw();
    const { id, outcome } = await desk.jobs.begin("/api/jobs/delete", {}, { path, confirm: this.confirm, znodes: this.count.value?.znodes, cap: this.most });
    this.busy = false;
    if (id) return desk.open(new JobSheet(desk, id));
    this.problem = outcome.problem;
    // It may be another number by now.
    void this.count.load();
  }
}
