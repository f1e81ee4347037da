import { describe, expect, it } from "vitest";
import { Actions, addressOf } from "../src/page/actions";

interface Sent {
  address: string;
  method: string | undefined;
  headers: Record<string, string>;
  body: unknown;
}

function answering(answer: () => Promise<Response>) {
  const sent: Sent[] = [];
  const fetcher = ((address: string, init?: RequestInit) => {
    sent.push({ address, method: init?.method, headers: init?.headers as Record<string, string>, body: init?.body });
    return answer();
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
  });

  it("posts with the token and an id of its own", async () => {
    const { actions, sent } = answering(() => json(200, { result: "ok" }));
    const outcome = await actions.run("node.kill", "node-3");
    expect(outcome).toEqual({ ok: true, problem: null, value: { result: "ok" } });
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
});
