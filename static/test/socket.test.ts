import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, LiveSocket } from "../src/live/socket";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }
}

const events = { opened: vi.fn(), closed: vi.fn(), frame: vi.fn(), changed: vi.fn() };
let socket: LiveSocket;
const last = () => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  socket = new LiveSocket("ws://zoo.test/live", events);
  socket.start();
});
afterEach(() => {
  socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

describe("LiveSocket", () => {
  it("waits longer each time, from 0.3 to 10 s, never the same for all", () => {
    expect(backoff(0, 0)).toBe(300);
    expect(backoff(3, 1)).toBe(2_400);
    expect(backoff(3, 0)).toBe(1_200);
    expect(backoff(50, 1)).toBe(10_000);
  });

  it("acknowledges at once after 16 frames", () => {
    last().open();
    for (let i = 0; i < 15; i++) last().say({ type: "beat", at: 0 });
    expect(last().sent).toEqual([]);
    last().say({ type: "beat", at: 0 });
    expect(last().sent).toEqual([{ op: "ack", n: 16 }]);
  });

  it("acknowledges fewer within half a second, and nothing twice", () => {
    last().open();
    last().say({ type: "beat", at: 0 });
    vi.advanceTimersByTime(500);
    expect(last().sent).toEqual([{ op: "ack", n: 1 }]);
    vi.advanceTimersByTime(2_000);
    expect(last().sent).toHaveLength(1);
  });

  it("comes back by itself, counting frames from 0", () => {
    last().open();
    last().say({ type: "hello", run: "a", cluster: "demo", at: 0 });
    last().drop();
    expect(events.closed).toHaveBeenCalledOnce();
    expect(socket.state).toMatchObject({ kind: "waiting", since: 1_000_000 });
    vi.advanceTimersByTime(300);
    expect(FakeSocket.all).toHaveLength(2);
    expect(socket.state).toMatchObject({ kind: "connecting", before: true, since: 1_000_000 });
    last().open();
    last().say({ type: "beat", at: 0 });
    vi.advanceTimersByTime(500);
    expect(last().sent).toEqual([{ op: "ack", n: 1 }]);
    expect(events.opened).toHaveBeenCalledTimes(2);
  });

  it("keeps waiting longer while the other end accepts but never speaks", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    for (const delay of [300, 600, 1_200]) {
      last().open();
      last().drop();
      const before = FakeSocket.all.length;
      vi.advanceTimersByTime(delay - 1);
      expect(FakeSocket.all).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all).toHaveLength(before + 1);
    }
  });

  it("gives up a connection that says nothing for 12 s", () => {
    last().open();
    vi.advanceTimersByTime(12_600);
    expect(events.closed).toHaveBeenCalledOnce();
    expect(socket.state.kind).not.toBe("open");
  });

  it("does not try again where it is not let in, and says why in the hub's words", () => {
    last().open();
    last().say({ type: "trouble", problem: { code: "not-joined", text: "Your session has ended.", hint: "Open a join link again." } });
    last().drop(4401);
    expect(socket.state).toMatchObject({ kind: "refused", why: "Your session has ended. Open a join link again." });
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("tries once more where it was let in before: the browser may have a new session", () => {
    last().open();
    last().say({ type: "hello", run: "a", cluster: "c", at: 0 });
    const turnedAway = () => {
      last().say({ type: "trouble", problem: { code: "not-joined", text: "Your session has ended.", hint: "" } });
      last().drop(4401);
    };
    turnedAway();
    expect(socket.state).toMatchObject({ kind: "waiting", why: "Your session has ended." });
    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.all).toHaveLength(2);
    last().open();
    turnedAway();
    expect(socket.state).toMatchObject({ kind: "refused", why: "Your session has ended." });
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("tries at once when the network is back", () => {
    for (let i = 0; i < 6; i++) {
      last().drop();
      vi.advanceTimersByTime(10_000);
    }
    last().drop();
    const before = FakeSocket.all.length;
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(before + 1);
  });

  it("passes a frame on, and lets one that is no JSON go by", () => {
    last().open();
    last().onmessage?.({ data: "{" });
    last().say({ type: "beat", at: 5 });
    expect(events.frame.mock.calls).toEqual([[{ type: "beat", at: 5 }]]);
  });
});
