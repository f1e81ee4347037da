// Changes that a person makes: one POST each, with CSRF token and request id, never sent twice.
import type { Problem } from "../protocol";

/** The web process waits 10 s for the bridge; longer than that nobody will answer. */
const DEADLINE = 15_000;

export interface Outcome {
  ok: boolean;
  /** What came of it, if not ok. `unknown`: it may or may not have been done. */
  problem: Problem | null;
  value: Record<string, unknown>;
}

/** '/api/nodes/node-3/kill' of 'node.kill' and 'node-3'. */
export function addressOf(method: string, id: string): string {
  const [noun = "", verb = ""] = method.split(".");
  if (method === "node.add") return "/api/nodes";
  return `/api/${noun}s/${encodeURIComponent(id)}/${verb}`;
}

export class Actions {
  /** `method id` of what is under way. */
  readonly busy = new Set<string>();

  constructor(
    private readonly csrf: string,
    private readonly changed: () => void,
    private readonly fetcher: typeof fetch = (...request) => fetch(...request),
  ) {}

  /** Do it. Null when the same is under way already. */
  async run(method: string, id: string, body?: object): Promise<Outcome | null> {
    const key = `${method} ${id}`;
    if (this.busy.has(key)) return null;
    this.busy.add(key);
    this.changed();
    try {
      return await this.post(addressOf(method, id), body);
    } finally {
      this.busy.delete(key);
      this.changed();
    }
  }

  private async post(address: string, body?: object): Promise<Outcome> {
    let response: Response;
    try {
      response = await this.fetcher(address, {
        method: "POST",
        credentials: "same-origin",
        headers: {
          "X-CSRFToken": this.csrf,
          "X-Request-Id": requestId(),
          Accept: "application/json",
          ...(body ? { "Content-Type": "application/json" } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(DEADLINE),
      });
    } catch {
      return failed(UNKNOWN);
    }
    const answer: unknown = await response.json().catch(() => null);
    const value = typeof answer === "object" && answer !== null && !Array.isArray(answer) ? (answer as Record<string, unknown>) : {};
    if (response.ok) return { ok: true, problem: null, value };
    return failed(problemIn(value) ?? statusProblem(response.status));
  }
}

const UNKNOWN: Problem = {
  code: "unknown",
  text: "No answer came.",
  hint: "It may or may not have been done: look at the figure before you try again.",
};

const failed = (problem: Problem): Outcome => ({ ok: false, problem, value: {} });

function problemIn(value: Record<string, unknown>): Problem | null {
  const problem = value["problem"] as Partial<Problem> | undefined;
  if (typeof problem?.code !== "string" || typeof problem.text !== "string") return null;
  return { code: problem.code, text: problem.text, hint: typeof problem.hint === "string" ? problem.hint : "" };
}

function statusProblem(status: number): Problem {
  if (status === 401 || status === 403)
    return { code: "not-permitted", text: "You are not permitted to do this any more.", hint: "Load the page again, or open your address once more." };
  if (status >= 502 && status <= 504) return UNKNOWN;
  return { code: "failed", text: `The web process answered with status ${status}.`, hint: "" };
}

/** A UUID. Not `crypto.randomUUID`: a page that came over plain HTTP from another machine does not have it. */
function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
