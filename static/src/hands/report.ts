// What a comparison, a dry run or a change of ACLs found: how many of each kind, and the first differences, each leading to its znode.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { join, ROOT } from "../tree/paths";
import { pathText } from "./form";
import type { Job } from "./jobs";
import "./report.css";

export interface Difference {
  /** Below the top of the subtree; '' for the top itself. */
  path: string;
  what: string;
  differs: readonly string[];
}

export interface Report {
  counts: Record<string, number>;
  differences: readonly Difference[];
  /** There are more differences than are listed. */
  more: boolean;
}

/** A sign and words for each kind of what was found, in the order in which they are told. */
const KINDS: Record<string, { sign: string; words: string; done?: string }> = {
  conflict: { sign: "!", words: "in the way" },
  refused: { sign: "!", words: "refused" },
  differs: { sign: "≠", words: "differ" },
  "only-left": { sign: "−", words: "only here" },
  "only-right": { sign: "+", words: "only there" },
  create: { sign: "+", words: "to create", done: "created" },
  overwrite: { sign: "~", words: "to overwrite", done: "overwritten" },
  changed: { sign: "~", words: "changed" },
  moved: { sign: "→", words: "moved" },
  skip: { sign: "·", words: "skipped" },
  same: { sign: "=", words: "the same" },
};

/** `done`: it was carried out to the end; else it is what was planned. */
export function kindWords(kind: string, done: boolean): string {
  const { words = kind, done: past = words } = KINDS[kind] ?? {};
  return done ? past : words;
}

/** A report of a work that ended early, or of a dry run, tells what was planned. */
export function wasDone({ state, parameters }: Job): boolean {
  return state === "done" && parameters["dry_run"] !== true;
}

const IN_WHAT: Record<string, string> = {
  data: "data", acl: "ACL", kind: "kind", locked: "may not be read",
  // Why a move left it where it was.
  differs: "is there otherwise", ephemeral: "is ephemeral", below: "is below what was left out", changed: "changed or came meanwhile",
};

/** Lines that are shown before somebody asks for all. */
const SOME = 100;

/** How a report is looked at. */
export class Reading {
  /** One kind alone; '' is all of them. */
  only = "";
  all = false;

  constructor(
    private readonly changed: () => void,
    private readonly show: (path: string) => void,
  ) {}

  view(job: Job): TemplateResult | typeof nothing {
    const report = reportIn(job.report);
    if (!report) return nothing;
    const kinds = Object.keys(KINDS).filter((kind) => report.counts[kind] !== undefined);
    const found = report.differences.filter(({ what }) => this.only === "" || what === this.only);
    const shown = this.all ? found : found.slice(0, SOME);
    return html`<div class="report">
      <div class="report-counts" role="group" aria-label="Kinds of what was found">${kinds.map((kind) => this.kind(kind, report, wasDone(job)))}</div>
      ${shown.length
        ? html`<ul>
            ${repeat(shown, ({ path, what }) => `${what} ${path}`, (one) => this.line(job, one))}
          </ul>`
        : nothing}
      ${found.length > shown.length ? html`<button type="button" class="zn-quiet" @click=${() => this.set({ all: true })}>Show the other ${(found.length - shown.length).toLocaleString("en")}</button>` : nothing}
      ${report.more ? html`<p class="said">There are more differences than these first ${report.differences.length.toLocaleString("en")}.</p>` : nothing}
    </div>`;
  }

  private kind(kind: string, { counts, differences }: Report, done: boolean): TemplateResult {
    const listed = differences.some(({ what }) => what === kind);
    const words = html`<b>${(counts[kind] ?? 0).toLocaleString("en")}</b> ${kindWords(kind, done)}`;
    if (!listed) return html`<span>${words}</span>`;
    return html`<button type="button" aria-pressed=${this.only === kind} @click=${() => this.set({ only: this.only === kind ? "" : kind })}>${words}</button>`;
  }

  private line(job: Job, { path, what, differs }: Difference): TemplateResult {
    const sign = KINDS[what]?.sign ?? "?";
    const words = kindWords(what, wasDone(job));
    const where = placeOf(job, path, what);
    const told = differs.map((one) => IN_WHAT[one] ?? one).join(", ");
    return html`<li data-what=${what}>
      <span class="report-sign" aria-hidden="true">${sign}</span><span class="sr">${words}:</span>
      ${where === null ? pathText(`/${path}`) : html`<button type="button" class="link" @click=${() => this.show(where)}>${pathText(where)}</button>`}
      ${told ? html`<small>${told}</small>` : nothing}
    </li>`;
  }

  private set(what: { only?: string; all?: boolean }): void {
    Object.assign(this, what);
    this.changed();
  }
}

/** Where a znode of a report stands; null where it stands in a file alone. */
export function placeOf(job: Job, path: string, what: string): string | null {
  const { to, right } = job.parameters;
  // What a move has skipped is where it was.
  const stays = what === "skip" && reportIn(job.report)?.counts["moved"] !== undefined;
  let top = typeof to === "string" && !stays ? to : job.path;
  if (what === "only-right") {
    if (typeof right !== "string") return null;
    top = right;
  }
  return path === "" ? top : top === ROOT ? `/${path}` : join(top, path);
}

export function reportIn(value: Record<string, unknown> | null): Report | null {
  const { counts, differences, more } = value ?? {};
  if (typeof counts !== "object" || counts === null || !Array.isArray(differences)) return null;
  const found = differences.map((one: Partial<Difference>) => ({ path: String(one.path), what: String(one.what), differs: Array.isArray(one.differs) ? one.differs.map(String) : [] }));
  return { counts: counts as Report["counts"], differences: found, more: more === true };
}
