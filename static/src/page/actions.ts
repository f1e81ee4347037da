// Requests that a person makes: each once, with CSRF token, request id and deadline. A change is never sent twice.
import type { Problem } from "../protocol";
import { at } from "./base";

/** The web process waits 10 s for the bridge; longer than that nobody will answer. */
const DEADLINE = 15_000;

/** Of what takes longer, for servers start meanwhile, or an election is waited for. */
export const PATIENCE: Readonly<Record<string, number>> = { "server.add": 55_000, "server.wipe": 55_000, "server.remove": 30_000, "ensemble.reconfig": 25_000 };

export type Verb = "GET" | "POST" | "PUT" | "DELETE";

export interface Outcome {
  ok: boolean;
  /** What came of it, if not ok. `unknown`: it may or may not have been done. */
  problem: Problem | null;
  /** The answer; of a refusal, what came besides the problem. */
  value: Record<string, unknown>;
  /** Its row of the audit log, where the result is unknown and can be asked for. */
  row: number | null;
}

export interface Sending {
  /** ms until it is given up. Longer for what is uploaded. */
  deadline?: number;
}

/** '/api/nodes/node-3/kill' of 'node.kill' and 'node-3'. */
export function addressOf(method: string, id: string): string {
  const [noun = "", verb = ""] = method.split(".");
  if (method === "node.add") return "/api/nodes";
  if (method === "server.add") return "/api/servers";
  if (noun === "link") return `/api/links/${verb}`;
  if (noun === "lab") return `/api/lab/${verb}`;
  if (noun === "workload") return verb === "start" ? "/api/workload" : `/api/workload/${verb}`;
  return `/api/${noun}s/${encodeURIComponent(id)}/${verb}`;
}

/** '/api/znodes?path=%2Fa%20b' of '/api/znodes' and what it asks for; what is undefined is left out. */
export function withQuery(address: string, query: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (!given.length) return address;
  return `${address}?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
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
      return await this.request("POST", addressOf(method, id), body, { deadline: PATIENCE[method] ?? DEADLINE });
    } finally {
      this.busy.delete(key);
      this.changed();
    }
  }

  /** Send it once. A `Blob` goes as it is, as its own type; anything else as JSON. */
  async request(verb: Verb, address: string, body?: object, { deadline = DEADLINE }: Sending = {}): Promise<Outcome> {
    const lost = verb === "GET" ? NO_ANSWER : UNKNOWN;
    let response: Response;
    try {
      response = await this.fetcher(at(address), {
        method: verb,
        credentials: "same-origin",
        headers: {
          Accept: "application/json",
          ...(verb === "GET" ? {} : { "X-CSRFToken": this.csrf, "X-Request-Id": requestId() }),
          ...(body ? { "Content-Type": body instanceof Blob ? body.type : "application/json" } : {}),
        },
        ...(body ? { body: body instanceof Blob ? body : JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(deadline),
      });
    } catch {
      return failed(lost);
    }
    const answer: unknown = await response.json().catch(() => null);
    const value = typeof answer === "object" && answer !== null && !Array.isArray(answer) ? (answer as Record<string, unknown>) : {};
    if (!response.ok) return failed(problemIn(value) ?? statusProblem(response.status, lost), value);
    // An answer that broke off tells nothing of what was asked for.
    return answer === null && response.status !== 204 ? failed(lost) : { ok: true, problem: null, value, row: null };
  }
}

export const UNKNOWN: Problem = {
  code: "unknown",
  text: "No answer came.",
  hint: "It may or may not have been done: look before you try again.",
};

const NO_ANSWER: Problem = { code: "failed", text: "No answer came.", hint: "Nothing was changed: it was only asked. Ask again." };

function failed(problem: Problem, { problem: _, ...value }: Record<string, unknown> = {}): Outcome {
  const row = problem.code === "unknown" && typeof value["row"] === "number" ? value["row"] : null;
  return { ok: false, problem, value, row };
}

function problemIn(value: Record<string, unknown>): Problem | null {
  const problem = value["problem"] as Partial<Problem> | undefined;
  if (typeof problem?.code !== "string" || typeof problem.text !== "string") return null;
  return { code: problem.code, text: problem.text, hint: typeof problem.hint === "string" ? problem.hint : "" };
}

function statusProblem(status: number, lost: Problem): Problem {
  if (status === 401 || status === 403)
    return { code: "not-permitted", text: "You are not permitted to do this any more.", hint: "Load the page again, or open your address once more." };
  if (status === 413) return { code: "too-large", text: "It is more than the web process takes.", hint: "" };
  if (status >= 502 && status <= 504) return lost;
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
