// The ACL of the znode that is inspected, in words. It is read when it is looked at: ZooKeeper does not tell when it changes.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { timeOfDay } from "../page/words";
import type { Problem } from "../protocol";
import { readAcl, type Acl } from "./acls";
import { aclList } from "./aclview";
import { problemNote } from "./form";
import type { Target } from "./deeds";

/** What is known of one znode's ACL. */
export class AclReading {
  acl: Acl | null = null;
  problem: Problem | null = null;
  private at = 0;
  private path = "";
  /** Which change made here it was read after. */
  private after = -1;
  private busy = false;

  /** Read it where it is not known, or was changed here since. */
  follow(view: View, path: string): void {
    const { changedAcls } = view.hands;
    if (this.path === path && this.after === changedAcls) return;
    if (this.path !== path) Object.assign(this, { acl: null, problem: null });
    Object.assign(this, { path, after: changedAcls });
    void this.read(view);
  }

  async read(view: View): Promise<void> {
    const { path, after } = this;
    this.busy = true;
    const { acl, problem } = await readAcl(view.hands.actions, path);
    if (path !== this.path || after !== this.after) return;
    // What was read before stays, with its time, where it cannot be read now.
    if (acl) Object.assign(this, { acl, at: view.clock });
    Object.assign(this, { problem, busy: false });
    view.send({ want: "redraw" });
  }

  view(view: View, target: Target | undefined): TemplateResult {
    const { acl, problem } = this;
    const may = target !== undefined && view.hands.deeds([this.path]).some(({ id }) => id === "acl");
    return html`${problemNote(problem)} ${acl ? aclList(acl.entries) : problem ? nothing : html`<p class="zn-empty">Reading.</p>`}
      ${acl
        ? html`<p class="acl-read">
            Version ${acl.aversion}, read at ${timeOfDay(this.at)}. ZooKeeper does not tell when an ACL changes.
            <button type="button" class="zn-quiet" aria-busy=${this.busy} @click=${() => void this.read(view)}>Read it again</button>
          </p>`
        : nothing}
      ${may ? html`<button type="button" class="btn-quiet" @click=${() => view.hands.act("acl", [target], view)}>Change ACL…</button>` : nothing}`;
  }
}
