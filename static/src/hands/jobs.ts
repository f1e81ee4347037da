// Long works on subtrees: mine, as the web process tells of them. It carries them out whether or not a page looks on.
import { withQuery, type Actions, type Outcome, type Sending } from "../page/actions";
import type { Problem } from "../protocol";

export interface Job {
  id: string;
  /** 'subtree.delete', 'subtree.copy' … */
  kind: string;
  path: string;
  who: string;
  state: "running" | "done" | "failed" | "cancelled" | "unknown";
  done: number;
  /** How many there will be; null where nobody knows yet. */
  total: number | null;
  /** What it is doing, then what it did: 'Removed 412 of 500 znodes.' */
  words: string;
  problem: Problem | null;
  /** What it was asked to do. */
  parameters: Record<string, unknown>;
  report: Record<string, unknown> | null;
  cancelling: boolean;
  /** ms since 1970; null while it runs. */
  ended: number | null;
}

/** ms between two questions while something runs; at most two a second. */
const PAUSE = 600;

/** ms after a question that was not answered. */
const PATIENCE = 4_000;

export class Jobs {
  /** Newest first. */
  all: readonly Job[] = [];
  /** Whose they are: who may read the audit log is told those of all. */
  who = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<string, (job: Job) => void>();

  constructor(
    private readonly actions: Actions,
    private readonly changed: () => void,
    /** One that ran has ended. */
    private readonly ended: (job: Job) => void = () => {},
  ) {}

  get running(): readonly Job[] {
    return this.all.filter(({ state }) => state === "running");
  }

  find(id: string): Job | null {
    return this.all.find((job) => job.id === id) ?? null;
  }

  /** Begin one. Its id, or what kept it from beginning. */
  async begin(address: string, query: Record<string, string | number | boolean | undefined>, body: object, sending?: Sending): Promise<{ id: string | null; outcome: Outcome }> {
    const outcome = await this.actions.request("POST", withQuery(address, query), body, sending);
    const job = outcome.ok ? read(outcome.value["job"]) : null;
    if (job) this.take([job, ...this.all.filter(({ id }) => id !== job.id)]);
    return { id: job?.id ?? null, outcome };
  }

  /** How a job that was begun here has ended. */
  settled(id: string): Promise<Job> {
    const job = this.find(id);
    if (job && job.state !== "running") return Promise.resolve(job);
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  async cancel(id: string): Promise<Outcome> {
    const outcome = await this.actions.request("POST", `/api/jobs/${encodeURIComponent(id)}/cancel`);
    await this.refresh();
    return outcome;
  }

  /** Ask how things are; go on asking while something runs. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const { ok, value } = await this.actions.request("GET", "/api/jobs");
    const listed: unknown = value["jobs"];
    if (ok && Array.isArray(listed)) this.take(listed.map(read).filter((job) => job !== null && (this.who === "" || job.who === this.who)) as Job[]);
    else this.wait(this.running.length ? PATIENCE : null);
  }

  /** Nobody looks at this page's jobs any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.all = [];
  }

  private take(jobs: readonly Job[]): void {
    const ran = new Set(this.running.map(({ id }) => id));
    this.all = jobs;
    for (const job of jobs) {
      if (job.state === "running" || !ran.has(job.id)) continue;
      this.waiting.get(job.id)?.(job);
      // Whoever waits for it tells of it.
      if (!this.waiting.delete(job.id)) this.ended(job);
    }
    this.wait(this.running.length ? PAUSE : null);
    this.changed();
  }

  private wait(ms: number | null): void {
    clearTimeout(this.timer);
    if (ms !== null) this.timer = setTimeout(() => void this.refresh(), ms);
  }
}

const STATES: ReadonlySet<unknown> = new Set(["running", "done", "failed", "cancelled", "unknown"]);

function read(value: unknown): Job | null {
  const { id, kind, path, who, state, done, total, words, problem, parameters, report, cancelling, ended } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof kind !== "string" || !STATES.has(state)) return null;
  return {
    id, kind, state: state as Job["state"], path: text(path), who: text(who), words: text(words),
    done: typeof done === "number" ? done : 0, total: typeof total === "number" ? total : null,
    problem: (problem as Problem | null) ?? null, parameters: (parameters as Job["parameters"]) ?? {}, report: (report as Job["report"]) ?? null, cancelling: cancelling === true,
    ended: typeof ended === "number" ? ended : null,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
