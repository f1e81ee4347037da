// What lies at and below a path, counted before anything is done to it.
import { html, nothing, type TemplateResult } from "lit-html";
import { withQuery } from "../page/actions";
import type { View } from "../page/view";
import { plural } from "../page/words";
import type { Problem } from "../protocol";
import { plain, size } from "../tree/names";
import { problemNote } from "./form";
import { nodeOfSession } from "./holders";
import type { Desk } from "./sheet";

/** As the web process tells it. */
export interface Counted {
  exists: boolean;
  znodes: number;
  bytes: number;
  ephemerals: number;
  locked: number;
  /** Ephemeral znodes by the session that owns them. */
  sessions: Record<string, number>;
}

/** From one count to the next, ms: at the least, and in times of what the last one took. */
const AGAIN = 2000;
const TIMES = 20;

/** Sessions that are named before it says 'and n more'. */
const NAMED = 6;

export class Count {
  value: Counted | null = null;
  problem: Problem | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly desk: Desk,
    private readonly path: string,
  ) {}

  async load(): Promise<void> {
    const { ok, problem, value } = await this.desk.actions.request("GET", withQuery("/api/subtree", { path: this.path }));
    this.problem = problem;
    this.value = ok ? read(value) : null;
    this.desk.redraw();
  }

  /** Count now, and again and again while `wanted`: what a person has begun to agree to must not change. */
  async follow(wanted: () => boolean): Promise<void> {
    const began = performance.now();
    if (wanted()) await this.load();
    if (this.ended) return;
    this.timer = setTimeout(() => void this.follow(wanted), Math.max(AGAIN, TIMES * (performance.now() - began)));
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  /** '412 znodes with 64 KB of data', and whose ephemerals there are among them. */
  view(view: View): TemplateResult {
    const { value, problem } = this;
    if (problem) return html`${problemNote(problem)}`;
    if (!value) return html`<p class="counted" aria-busy="true">Counting.</p>`;
    if (!value.exists) return html`<p class="counted">There is no znode at this path any more.</p>`;
    return countedView(value, view);
  }
}

export function countedView(value: Counted, view: View): TemplateResult {
  const held = Object.entries(value.sessions).sort((a, b) => b[1] - a[1]);
  return html`<div class="counted">
    <p><b>${plural(value.znodes, "znode")}</b> with ${size(value.bytes)} of data${value.locked ? html`; ${value.locked} of them Zooscope may not read` : nothing}.</p>
    ${held.length
      ? html`<p>${value.ephemerals === 1 ? "1 is ephemeral" : `${value.ephemerals.toLocaleString("en")} are ephemeral`}, held by other sessions:</p>
          <ul>
            ${held.slice(0, NAMED).map(([session, znodes]) => html`<li><b>${plain(nodeOfSession(view, session)) || `session ${session}`}</b> ${plural(znodes, "znode")}</li>`)}
            ${held.length > NAMED ? html`<li>and ${plural(held.length - NAMED, "more session", "more sessions")}</li>` : nothing}
          </ul>`
      : nothing}
  </div>`;
}

function read(value: Record<string, unknown>): Counted {
  const number = (name: string): number => (typeof value[name] === "number" ? value[name] : 0);
  return {
    exists: value["exists"] === true,
    znodes: number("znodes"), bytes: number("bytes"), ephemerals: number("ephemerals"), locked: number("locked"),
    sessions: (value["sessions"] as Record<string, number> | undefined) ?? {},
  };
}
