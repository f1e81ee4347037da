// Who watches what, as the servers tell it when somebody asks: one question at a time, its answer with its moment.
import type { Actions } from "../page/actions";
import { withQuery } from "../page/actions";
import type { Problem } from "../protocol";

export interface Watches {
  /** When the servers were asked, by the bridge's clock. */
  at: number;
  took: number;
  servers: { server: string; how?: string; watches?: number; problem?: string }[];
  paths: Record<string, { count: number; sessions: string[] }>;
  sessions: Record<string, { count: number; paths: string[]; name?: string; node?: string; server?: string; own?: boolean }>;
  znodes: number;
  watchers: number;
  watches: number;
  notes?: string[];
}

export class Watching {
  busy = false;
  value: Watches | null = null;
  problem: Problem | null = null;
  /** What is looked for in the answer, and how it is laid out. */
  filter = "";
  by: "znode" | "session" = "znode";
  private turn = 0;

  constructor(readonly redraw: () => void) {}

  async ask(actions: Actions, about: { path?: string; session?: string } = {}): Promise<void> {
    if (this.busy) return;
    const turn = (this.turn += 1);
    this.busy = true;
    this.redraw();
    const outcome = await actions.request("GET", withQuery("/api/watches", { ...about }));
    if (turn !== this.turn) return;
    this.busy = false;
    this.problem = outcome.problem;
    if (outcome.ok) this.value = outcome.value as unknown as Watches;
    this.redraw();
  }

  /** Forget the answer: something else is looked at. */
  forget(): void {
    this.turn += 1;
    this.busy = false;
    this.value = null;
    this.problem = null;
    this.filter = "";
  }

  change(what: Partial<Pick<Watching, "filter" | "by">>): void {
    Object.assign(this, what);
    this.redraw();
  }
}

/** Who a session is: its name, else its id. */
export function whoIs(watches: Watches, id: string): string {
  return watches.sessions[id]?.name || id;
}
