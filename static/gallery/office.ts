// A web process that lives in the page and answers requests for changes, for looking at dialogs and for tests of them.
import { Hands } from "../src/hands/hands";
import type { Store } from "../src/live/store";
import { Actions } from "../src/page/actions";
import { Toasts } from "../src/page/toasts";

const ALL = [
  "znode.create", "znode.set", "znode.delete", "znode.acl",
  "subtree.delete", "subtree.copy", "subtree.move", "subtree.import", "subtree.acl", "subtree.export",
];

export interface Request {
  verb: string;
  address: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

export type Answer = (request: Request) => object | [status: number, answer: object] | undefined;

/** Requests that were made of it, and what it answers: the first of `answers` that knows one. */
export class Office {
  readonly asked: Request[] = [];
  readonly answers: Answer[] = [];

  readonly fetch = (async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, "http://zoo.test");
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : init.body;
    const request = { verb: init.method ?? "GET", address: url.pathname, path: url.searchParams.get("path") ?? "", query: url.searchParams, body };
    this.asked.push(request);
    for (const answer of this.answers) {
      const found = answer(request);
      if (found === undefined) continue;
      const [status, value] = Array.isArray(found) ? (found as [number, object]) : [200, found];
      return new Response(JSON.stringify(value), { status });
    }
    return new Response(JSON.stringify({ problem: { code: "failed", text: "Nobody is here.", hint: "" } }), { status: 500 });
  }) as typeof fetch;
}

/** Hands whose requests nobody answers; with `may` they are permitted all. */
export function handsOf(store: Store, redraw: () => void, office = new Office(), toasts = new Toasts(redraw), show: (path: string) => void = () => {}): Hands {
  return new Hands({ actions: new Actions("token", redraw, office.fetch), toasts, store, redraw, drawNow: redraw, show });
}

/** What `/api/me` says of an operator. */
export const operator: Answer = ({ address }) =>
  address === "/api/me"
    ? { user: "ann", role: "operator", permissions: ALL, grants: ALL.map((permission) => ({ permission, prefix: "/" })), protected: ["/zookeeper"], read_only: false }
    : undefined;

export { ALL as CHANGES };
