// Export: one file for each subtree, which the browser downloads.
import { html, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { withQuery } from "../page/actions";
import { at } from "../page/base";
import type { View } from "../page/view";
import { plural } from "../page/words";
import { icon } from "../style/icons";
import { Count } from "./counted";
import { heading, note, pathText, tick } from "./form";
import type { Desk, Sheet } from "./sheet";
import "./works.css";

export class ExportSheet implements Sheet {
  readonly kind = "export";
  private readonly counts: ReadonlyMap<string, Count>;
  private acl = true;

  constructor(
    private readonly desk: Desk,
    private readonly paths: readonly string[],
  ) {
    this.counts = new Map(paths.map((path) => [path, new Count(desk, path)]));
    for (const count of this.counts.values()) void count.load();
  }

  content(view: View): TemplateResult {
    const [only] = this.paths;
    const one = this.paths.length === 1 && only !== undefined;
    return html`<div class="sheet">
      ${one ? heading("Export", only) : html`<h2 id="dialog-title">Export ${plural(this.paths.length, "subtree")}</h2>`}
      <p>A file with a line of JSON for each znode: its kind, its data, its ACL. It can be imported again, here or elsewhere.</p>
      ${tick("with ACLs", "They hold digests of passwords: keep the file as you keep those.", this.acl, (acl) => {
        this.acl = acl;
        this.desk.redraw();
      })}
      <ul class="exports">
        ${repeat(this.paths, (path) => path, (path) => this.line(view, path))}
      </ul>
      ${note("plain", "It is read znode by znode while others may write: what changes meanwhile may or may not be in it.")}
      <div class="answers">
        <button type="button" class="btn-quiet" @click=${this.desk.close}>Close <kbd>Esc</kbd></button>
      </div>
    </div>`;
  }

  private line(view: View, path: string): TemplateResult {
    return html`<li>
      <div>${pathText(path)} ${this.counts.get(path)?.view(view)}</div>
      <a class="btn-main" href=${at(withQuery("/api/export", { path, acl: this.acl }))} download>${icon("i-export")}Download</a>
    </li>`;
  }
}
