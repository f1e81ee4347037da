// Compare a subtree with another one, or with an export. It only reads.
import { html, type TemplateResult } from "lit-html";
import type { Problem } from "../protocol";
import { plain, size } from "../tree/names";
import { fault } from "../tree/paths";
import { answers, choices, field, form, heading, problemNote } from "./form";
import { Gaze } from "./gaze";
import { JobSheet } from "./jobsheet";
import type { Desk, Sheet } from "./sheet";

type With = "path" | "file";

const DEADLINE = 600_000;
const TYPE = "application/x-ndjson";

export class CompareSheet implements Sheet {
  readonly kind = "compare";
  private way: With = "path";
  private right = "";
  private file: File | null = null;
  private readonly target: Gaze;
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    private readonly path: string,
  ) {
    this.target = new Gaze(desk.store, desk.redraw);
  }

  get typed(): boolean {
    return this.right !== "" || this.file !== null;
  }

  left(): void {
    this.target.end();
  }

  content(): TemplateResult {
    const { desk, path, way } = this;
    return form(
      html`${heading("Compare", path)}
        ${choices<With>("with", "With", way, WAYS, (chosen) => this.change({ way: chosen }))} ${way === "path" ? this.other() : this.exported()}
        ${problemNote(this.problem)}
        ${answers({ label: "Compare", off: !this.ready, busy: this.busy, cancel: desk.leave })}`,
      () => void this.send(),
    );
  }

  private other(): TemplateResult {
    const wrong = this.right === "" ? "" : fault(this.right) || (this.target.exists === false ? "There is no znode at this path." : "");
    return field({
      label: "The other path", value: this.right, first: true, fault: wrong, hint: "Names below both are matched; kind, data and ACL are compared.",
      input: (right) => {
        this.change({ right });
        this.target.soon(fault(right) ? "" : right);
      },
    });
  }

  private exported(): TemplateResult {
    const { file } = this;
    return html`<label class="payload-file"
      ><input type="file" aria-label="The export to compare with" @change=${(event: Event) => this.change({ file: (event.target as HTMLInputElement).files?.[0] ?? null })} />
      <span>${file ? `${plain(file.name)}, ${size(file.size)}` : "No file is chosen yet."}</span></label
    >`;
  }

  private change(what: { way?: With; right?: string; file?: File | null }): void {
    Object.assign(this, what);
    this.problem = null;
    this.desk.redraw();
  }

  private get ready(): boolean {
    return this.way === "file" ? this.file !== null : this.right !== "" && fault(this.right) === "" && this.target.exists !== false;
  }

  private async send(): Promise<void> {
    const { desk, path, right, file, way } = this;
    if (this.busy || !this.ready) return;
    this.busy = true;
    desk.redraw();
    const { id, outcome } =
      way === "path"
        ? await desk.jobs.begin("/api/jobs/compare", {}, { left: path, right })
        : await desk.jobs.begin("/api/jobs/compare-file", { path }, new Blob([file as File], { type: TYPE }), { deadline: DEADLINE });
    this.busy = false;
    this.problem = outcome.problem;
    if (id) desk.open(new JobSheet(desk, id));
    else desk.redraw();
  }
}

const WAYS = [
  { value: "path" as const, label: "another subtree", words: "Of this cluster." },
  { value: "file" as const, label: "an export", words: "A file that was downloaded here or elsewhere." },
];
