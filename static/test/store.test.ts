import { beforeEach, describe, expect, it } from "vitest";
import { Store } from "../src/live/store";
import type { Delta, Snapshot } from "../src/protocol";

let asked: string[];
let store: Store;
const seen: unknown[] = [];
const listener = (value: unknown) => void seen.push(value);

const snapshot = (data: object, seq = 1, epoch = 1, topic = "stage"): Snapshot => ({ type: "snapshot", topic, epoch, seq, data });
const delta = (patch: object, seq: number, epoch = 1, topic = "stage"): Delta => ({ type: "delta", topic, epoch, seq, patch });

beforeEach(() => {
  asked = [];
  seen.length = 0;
  store = new Store((op, topic) => asked.push(`${op} ${topic}`));
  store.opened();
});

describe("Store", () => {
  it("asks once for a topic that several listen to, and ends it with the last", () => {
    const first = store.subscribe("stage", listener);
    const second = store.subscribe("stage", listener);
    expect(asked).toEqual(["subscribe stage"]);
    first();
    first();
    expect(asked).toHaveLength(1);
    second();
    expect(asked).toEqual(["subscribe stage", "unsubscribe stage"]);
    expect(store.value("stage")).toBeNull();
  });

  it("applies deltas in order and tells its listeners", () => {
    store.subscribe("stage", listener);
    store.take(snapshot({ a: 1 }));
    store.take(delta({ b: 2 }, 2));
    expect(store.value("stage")).toEqual({ a: 1, b: 2 });
    expect(seen).toEqual([{ a: 1 }, { a: 1, b: 2 }]);
  });

  it("gives a late listener what is known at once", () => {
    store.subscribe("stage", () => {});
    store.take(snapshot({ a: 1 }));
    store.subscribe("stage", listener);
    expect(seen).toEqual([{ a: 1 }]);
  });

  it.each([
    ["a gap", delta({ a: 3 }, 3)],
    ["a repeat", delta({ a: 3 }, 1)],
    ["another epoch", delta({ a: 3 }, 2, 2)],
  ])("asks for a snapshot after %s, once, and takes no delta until it comes", (_, bad) => {
    store.subscribe("stage", listener);
    store.take(snapshot({ a: 1 }));
    store.take(bad);
    store.take(delta({ a: 4 }, 4));
    expect(asked).toEqual(["subscribe stage", "subscribe stage"]);
    expect(store.value("stage")).toEqual({ a: 1 });
    store.take(snapshot({ a: 9 }, 7, 2));
    store.take(delta({ b: 1 }, 8, 2));
    expect(store.value("stage")).toEqual({ a: 9, b: 1 });
  });

  it("drops deltas that were on the way before the first snapshot, without asking again", () => {
    store.subscribe("stage", listener);
    store.take(delta({ a: 3 }, 12));
    expect(asked).toEqual(["subscribe stage"]);
    expect(seen).toEqual([]);
  });

  it("drops frames of topics that nobody listens to", () => {
    store.take(snapshot({ a: 1 }));
    store.take(delta({ a: 3 }, 12));
    expect(asked).toEqual([]);
  });

  it("asks for everything again on a new connection, and calls nothing fresh until it came", () => {
    store.subscribe("stage", listener);
    store.subscribe("story", () => {});
    store.take(snapshot({ a: 1 }));
    expect(store.fresh("stage")).toBe(true);
    store.closed();
    expect(store.fresh("stage")).toBe(false);
    asked = [];
    store.opened();
    expect(asked).toEqual(["subscribe stage", "subscribe story"]);
    expect(store.value("stage")).toEqual({ a: 1 });
    expect(store.fresh("stage")).toBe(false);
    store.take(snapshot({ a: 2 }, 1, 5));
    expect(store.fresh("stage")).toBe(true);
  });

  it("asks for nothing while there is no connection", () => {
    store.closed();
    store.subscribe("stage", listener)();
    expect(asked).toEqual([]);
  });

  it("keeps why a topic is refused, until it is served", () => {
    store.subscribe("stage", listener);
    store.take({ type: "trouble", topic: "stage", problem: { code: "bad-topic", text: "No." } });
    expect(store.problem("stage")?.text).toBe("No.");
    store.take(snapshot({}));
    expect(store.problem("stage")).toBeNull();
  });

  it("holds what is shown while frozen, goes on taking in, and shows the newest after", () => {
    store.subscribe("stage", listener);
    store.take(snapshot({ a: 1 }));
    store.freeze();
    store.take(delta({ a: 2 }, 2));
    store.take(delta({ a: 3 }, 3));
    expect(store.value("stage")).toEqual({ a: 1 });
    expect(store.newest("stage")).toEqual({ a: 3 });
    expect(seen).toEqual([{ a: 1 }]);
    store.thaw();
    expect(store.value("stage")).toEqual({ a: 3 });
    expect(seen).toEqual([{ a: 1 }, { a: 3 }]);
    expect(asked).toEqual(["subscribe stage"]);
  });

  it("shows a topic that is opened while frozen, as it first came", () => {
    store.freeze();
    store.subscribe("stage", listener);
    store.take(snapshot({ a: 1 }));
    store.take(delta({ a: 2 }, 2));
    expect(store.value("stage")).toEqual({ a: 1 });
    expect(seen).toEqual([{ a: 1 }]);
  });

  it("does not take a snapshot that is no object", () => {
    store.subscribe("stage", listener);
    store.take({ ...snapshot({}), data: [1] });
    expect(store.value("stage")).toBeNull();
  });

  it("holds everything for old once the bridge is another, until its snapshots come", () => {
    store.subscribe("stage", listener);
    store.subscribe("status", () => {});
    store.take(snapshot({ a: 1 }));
    store.take(snapshot({ s: 1 }, 1, 1, "status"));
    expect(store.outdated).toBe(false);
    store.outdate();
    expect([store.fresh("stage"), store.fresh("status"), store.outdated]).toEqual([false, false, true]);
    expect(store.value("stage")).toEqual({ a: 1 });
    store.take(delta({ a: 2 }, 2));
    expect(store.value("stage")).toEqual({ a: 1 });
    store.take(snapshot({ s: 2 }, 1, 1, "status"));
    expect([store.fresh("status"), store.outdated]).toEqual([true, true]);
    store.take(snapshot({ a: 3 }, 1, 1));
    expect(store.outdated).toBe(false);
    // They come by themselves: the hub asks for every topic again.
    expect(asked).toEqual(["subscribe stage", "subscribe status"]);
  });

  it("does not wait for a topic that has ended, or of which nothing is shown", () => {
    store.subscribe("stage", listener);
    store.take(snapshot({ a: 1 }));
    store.outdate();
    store.subscribe("groups", () => {});
    store.take({ type: "trouble", topic: "stage", problem: { code: "too-many", text: "Too many." } });
    expect(store.outdated).toBe(false);
  });
});
