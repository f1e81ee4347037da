// The same thing done to several znodes, one after the other, each with an outcome of its own. It ends where going on is of no use.
import type { Outcome } from "../page/actions";
import type { Problem } from "../protocol";

export interface Step {
  path: string;
  state: "waiting" | "running" | "done" | "failed" | "unknown";
  words: string;
}

/** Problems that the next znode would meet as well. */
const HOPELESS: ReadonlySet<string> = new Set(["unknown", "bridge-gone", "not-live", "no-quorum", "read-only", "not-joined"]);

export class Batch {
  steps: readonly Step[];
  state: "ready" | "running" | "ended" = "ready";
  stopping = false;
  /** Resolves once it has ended, however. */
  over: Promise<void> = Promise.resolve();

  constructor(
    paths: readonly string[],
    private readonly changed: () => void,
  ) {
    this.steps = paths.map((path) => ({ path, state: "waiting", words: "" }));
  }

  count(state: Step["state"]): number {
    return this.steps.filter((step) => step.state === state).length;
  }

  run(one: (path: string) => Promise<Outcome>): Promise<void> {
    return (this.over = this.each(one));
  }

  private async each(one: (path: string) => Promise<Outcome>): Promise<void> {
    this.state = "running";
    for (const { path } of this.steps) {
      if (this.stopping) break;
      this.tell(path, "running");
      const { ok, problem } = await one(path);
      this.tell(path, ok ? "done" : problem?.code === "unknown" ? "unknown" : "failed", words(problem));
      if (!ok && HOPELESS.has(problem?.code ?? "")) break;
    }
    this.state = "ended";
    this.changed();
  }

  private tell(path: string, state: Step["state"], words = ""): void {
    this.steps = this.steps.map((step) => (step.path === path ? { path, state, words } : step));
    this.changed();
  }
}

function words(problem: Problem | null): string {
  return problem ? `${problem.text} ${problem.hint ?? ""}`.trim() : "";
}
