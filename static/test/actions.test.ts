import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Actions, addressOf, withQuery } from "../src/page/actions";
import { Toasts } from "../src/page/toasts";
import { LONGEST, tellFailure } from "../src/page/verdict";

interface Sent {
  address: string;
  method: string | undefined;
  headers: Record<string, string>;
  body: unknown;
}

function answering(answer: (address: string) => Promise<Response>) {
  const sent: Sent[] = [];
  const fetcher = ((address: string, init?: RequestInit) => {
    sent.push({ address, method: init?.method, headers: init?.headers as Record<string, string>, body: init?.body });
    return answer(address);
  }) as typeof fetch;
  let drawn = 0;
  const actions = new Actions("the-token", () => drawn++, fetcher);
  return { actions, sent, drawn: () => drawn };
}

const json = (status: number, body: unknown) => Promise.resolve(new Response(JSON.stringify(body), { status }));

describe("Actions", () => {
  it("spells addresses, ids included", () => {
    expect(addressOf("node.add", "")).toBe("/api/nodes");
    expect(addressOf("node.kill", "node-3")).toBe("/api/nodes/node-3/kill");
    expect(addressOf("server.start", "../a b")).toBe("/api/servers/..%2Fa%20b/start");
    expect(withQuery("/api/znodes", { path: "/a b&c=#\u202e", version: 3, as: undefined })).toBe("/api/znodes?path=%2Fa%20b%26c%3D%23%E2%80%AE&version=3");
  });

  it("posts with the token and an id of its own", async () => {
    const { actions, sent } = answering(() => json(200, { result: "ok" }));
    const outcome = await actions.run("node.kill", "node-3");
    expect(outcome).toEqual({ ok: true, problem: null, value: { result: "ok" }, row: null });
    expect(sent[0]).toMatchObject({ address: "/api/nodes/node-3/kill", method: "POST", headers: { "X-CSRFToken": "the-token" } });
    expect(sent[0]?.headers["X-Request-Id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("sends what was confirmed", async () => {
    const { actions, sent } = answering(() => json(200, { result: "ok" }));
    await actions.run("server.kill", "1", { force: true });
    expect(sent[0]).toMatchObject({ body: '{"force":true}', headers: { "Content-Type": "application/json" } });
  });

  it("is busy meanwhile, and sends the same only once", async () => {
    let finish: (response: Response) => void = () => {};
    const { actions, sent, drawn } = answering(() => new Promise((resolve) => (finish = resolve)));
    const first = actions.run("node.kill", "node-3");
    expect(actions.busy.has("node.kill node-3")).toBe(true);
    expect(await actions.run("node.kill", "node-3")).toBeNull();
    finish(new Response("{}", { status: 200 }));
    await first;
    expect(actions.busy.size).toBe(0);
    expect(sent).toHaveLength(1);
    expect(drawn()).toBe(2);
  });

  it("tells the problem in the web process's words", async () => {
    const problem = { code: "would-lose-quorum", text: "1 of 3 would be left.", hint: "Start server 3 first." };
    const { actions } = answering(() => json(409, { problem }));
    expect(await actions.run("server.kill", "1")).toMatchObject({ ok: false, problem });
  });

  it("calls an answer that never came unknown, and does not try again", async () => {
    const { actions, sent } = answering(() => Promise.reject(new TypeError("network")));
    expect((await actions.run("node.kill", "node-3"))?.problem?.code).toBe("unknown");
    expect(sent).toHaveLength(1);
  });

  it.each([
    [502, "unknown"],
    [403, "not-permitted"],
    [500, "failed"],
  ])("reads status %i without words as %s", async (status, code) => {
    const { actions } = answering(() => Promise.resolve(new Response("<h1>no</h1>", { status })));
    expect((await actions.run("node.kill", "node-3"))?.problem?.code).toBe(code);
  });

  it("sends any verb, and a file as it is", async () => {
    const { actions, sent } = answering(() => json(200, {}));
    await actions.request("PUT", "/api/acl?path=%2Fa", { acl: [] });
    const file = new Blob(["{}\n"], { type: "application/x-ndjson" });
    await actions.request("POST", "/api/jobs/import", file);
    await actions.request("GET", "/api/jobs");
    expect(sent.map(({ method }) => method)).toEqual(["PUT", "POST", "GET"]);
    expect(sent[1]).toMatchObject({ body: file, headers: { "Content-Type": "application/x-ndjson" } });
    expect(sent[2]?.headers["X-CSRFToken"]).toBeUndefined();
  });

  it("keeps what a refusal tells besides its problem", async () => {
    const problem = { code: "wrong-version", text: "It was changed.", hint: "" };
    const { actions } = answering(() => json(409, { problem, now: { version: 8 } }));
    expect(await actions.request("PUT", "/api/znodes?path=%2Fa", {})).toMatchObject({ ok: false, problem, value: { now: { version: 8 } } });
  });

  it("does not take a change for done whose answer broke off, nor a question for unknown", async () => {
    const { actions } = answering(() => Promise.resolve(new Response('{"result": "o', { status: 200 })));
    expect((await actions.request("POST", "/api/znodes", {})).problem?.code).toBe("unknown");
    expect((await actions.request("GET", "/api/me")).problem?.code).toBe("failed");
  });
});

describe("an unknown result", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const problem = { code: "unknown", text: "The connection was lost.", hint: "Look." };

  it("is asked for until it is known, and said in the same place", async () => {
    const verdicts = [{ verdict: "" }, { verdict: "applied", found: "It is there, made in the same transaction." }];
    const { actions, sent } = answering((address) => (address === "/api/znodes" ? json(504, { problem, row: 7 }) : json(200, verdicts.shift())));
    const toasts = new Toasts(() => {});
    const outcome = await actions.request("POST", "/api/znodes", {});
    const told = tellFailure(actions, toasts, "Create /a", outcome);
    expect(toasts.shown).toMatchObject([{ tone: "unknown", title: "Create /a: unknown." }]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await told).toMatchObject({ verdict: "applied" });
    expect(sent.map(({ method, address }) => `${method} ${address}`)).toEqual(["POST /api/znodes", "GET /api/actions/7", "GET /api/actions/7"]);
    expect(toasts.shown).toMatchObject([{ tone: "done", title: "Create /a: it turns out that it was done.", text: "It is there, made in the same transaction." }]);
  });

  it("stays unknown when nobody finds out within five minutes", async () => {
    const { actions, sent } = answering(() => json(200, { verdict: "" }));
    const toasts = new Toasts(() => {});
    const told = tellFailure(actions, toasts, "Create /a", { ok: false, problem, value: {}, row: 7 });
    await vi.advanceTimersByTimeAsync(LONGEST + 20_000);
    expect(await told).toBeNull();
    expect(toasts.shown[0]?.tone).toBe("unknown");
    expect(sent.length).toBeLessThan(30);
  });
});
