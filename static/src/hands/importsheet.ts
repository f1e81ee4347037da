// Import an export below a znode. A dry run comes first and says what would change; then it is applied, or not.
import { html, type TemplateResult } from "lit-html";
import type { Problem } from "../protocol";
import { plural } from "../page/words";
import { count, plain, size } from "../tree/names";
import { answers, choices, form, heading, note, pathText, problemNote, tick } from "./form";
import type { Job } from "./jobs";
import { JobSheet, type Next } from "./jobsheet";
import { EPHEMERALS, EXISTING, type Ephemerals, type Existing } from "./options";
import { reportIn } from "./report";
import type { Desk, Sheet } from "./sheet";

/** A large file takes its time to be sent, ms. */
const DEADLINE = 600_000;

/** The type that the web process takes for an export. */
const TYPE = "application/x-ndjson";

export class ImportSheet implements Sheet {
  readonly kind = "import";
  private file: File | null = null;
  private existing: Existing = "fail";
  private ephemerals: Ephemerals = "skip";
  private acl = true;
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    private readonly path: string,
  ) {}

  get typed(): boolean {
    return this.file !== null;
  }

  content(): TemplateResult {
    const { desk, path, file } = this;
    return form(
      html`${heading("Import into", path)}
        <p>The top of the exported subtree becomes ${pathText(path)}; what was below it comes below.</p>
        <fieldset class="payload">
          <legend>The export</legend>
          <label class="payload-file"
            ><input type="file" autofocus aria-label="The export to import" accept=".ndjson,.jsonl,.json,.zooscope" @change=${this.onFile} />
            <span>${file ? `${plain(file.name)}, ${size(file.size)}` : "No file is chosen yet."}</span></label
          >
        </fieldset>
        ${choices<Existing>("existing", "What is there already", this.existing, EXISTING, (existing) => this.change({ existing }))}
        ${choices<Ephemerals>("ephemerals", "Ephemeral znodes of the export", this.ephemerals, EPHEMERALS, (ephemerals) => this.change({ ephemerals }))}
        ${tick("with its ACLs", "Without, all that is made is open to anyone.", this.acl, (acl) => this.change({ acl }))}
        ${note("plain", "First a dry run: it compares and changes nothing. Then you see what would change, and decide.")}
        ${problemNote(this.problem)}
        ${answers({ label: "Dry run", off: !file, busy: this.busy, cancel: desk.leave })}`,
      () => void this.send(true),
    );
  }

  private readonly onFile = (event: Event): void => {
    this.file = (event.target as HTMLInputElement).files?.[0] ?? null;
    this.change({});
  };

  private change(what: { existing?: Existing; ephemerals?: Ephemerals; acl?: boolean }): void {
    Object.assign(this, what);
    this.problem = null;
    this.desk.redraw();
  }

  private async send(dry: boolean): Promise<void> {
    const { desk, path, file, existing, ephemerals, acl } = this;
    if (this.busy || !file) return;
    this.busy = true;
    desk.redraw();
    const body = new Blob([file], { type: TYPE });
    const query = { path, existing, ephemerals, acl, dry_run: dry };
    const { id, outcome } = await desk.jobs.begin("/api/jobs/import", query, body, { deadline: DEADLINE });
    this.busy = false;
    this.problem = outcome.problem;
    if (!id) return desk.open(this);
    desk.open(new JobSheet(desk, id, (job) => (dry ? this.after(job) : [])));
  }

  /** After a dry run: what it would have met decides whether it can be applied. */
  private after(job: Job): Next[] {
    const { create = 0, overwrite = 0, conflict = 0 } = reportIn(job.report)?.counts ?? {};
    const back = { label: "Change the options…", look: "quiet" as const, act: () => this.desk.open(this) };
    if (job.state !== "done" || conflict || create + overwrite === 0) return [back];
    const words = overwrite ? `Create ${count(create)}, overwrite ${count(overwrite)}` : `Create ${plural(create, "znode")}`;
    return [back, { label: words, look: overwrite ? "grave" : "main", act: () => void this.send(false) }];
  }
}
