import { describe, expect, it } from "vitest";
import { ServerClock } from "../src/live/clock";
import { livenessOf, type Signs } from "../src/live/liveness";
import { pillWords } from "../src/page/pill";
import type { Status } from "../src/protocol";

const NOW = 1_000_000;
const status = (state: Status["state"], more: Partial<Status> = {}): Status => ({ state, since: NOW - 5_000, cluster: "demo", epoch: 1, ...more });
const signs = (more: Partial<Signs> = {}): Signs => ({
  socket: { kind: "open", since: NOW - 60_000 },
  beat: { frame: { type: "beat", at: NOW }, received: NOW - 400 },
  status: status("live"),
  fresh: true,
  outdated: false,
  offset: 0,
  now: NOW,
  ...more,
});

describe("livenessOf", () => {
  it.each([
    ["live", "LIVE"],
    ["stale", "STALE"],
    ["no-quorum", "NO QUORUM"],
    ["read-only", "READ-ONLY"],
    ["connecting", "CONNECTING"],
  ] as const)("says of status %s: %s", (state, word) => {
    const said = livenessOf(signs({ status: status(state) }));
    expect(said).toMatchObject({ word, since: NOW - 5_000, held: false });
  });

  it.each(["live", "read-only"] as const)("says of status %s that it connects while anything shown is old", (state) => {
    const since = NOW - 300;
    const beat = { frame: { type: "beat" as const, at: NOW, since }, received: NOW - 100 };
    expect(livenessOf(signs({ status: status(state), outdated: true, beat }))).toMatchObject({ word: "CONNECTING", since, held: true });
  });

  it("says what is wrong with the cluster whatever else is old", () => {
    expect(livenessOf(signs({ status: status("no-quorum"), outdated: true })).word).toBe("NO QUORUM");
  });

  it("warns of a live cluster that was restored, or has no such chroot", () => {
    const problem = { code: "restored", text: "The ensemble has lost changes.", hint: "It was restored." };
    const said = livenessOf(signs({ status: status("live", { problem }) }));
    expect(said).toMatchObject({ word: "LIVE", warned: true, why: "The ensemble has lost changes. It was restored." });
    expect(livenessOf(signs())).not.toHaveProperty("warned");
    expect(livenessOf(signs({ status: status("stale", { problem }) }))).not.toHaveProperty("warned");
  });

  it("calls nothing live without a beat for 3 s, since the last one", () => {
    expect(livenessOf(signs({ beat: { frame: { type: "beat", at: 0 }, received: NOW - 3_000 } })).word).toBe("LIVE");
    const late = livenessOf(signs({ beat: { frame: { type: "beat", at: 0 }, received: NOW - 3_001 } }));
    expect(late).toMatchObject({ word: "STALE", since: NOW - 3_001, held: true });
  });

  it("calls nothing live on a connection over which no beat ever came", () => {
    expect(livenessOf(signs({ beat: null, socket: { kind: "open", since: NOW - 4_000 } })).word).toBe("STALE");
  });

  it("never shows a status of an earlier connection as live", () => {
    expect(livenessOf(signs({ fresh: false })).word).toBe("CONNECTING");
    expect(livenessOf(signs({ status: null })).word).toBe("CONNECTING");
  });

  it("says that the bridge is gone, since the hub lost it", () => {
    const said = livenessOf(signs({ beat: { frame: { type: "beat", at: NOW, bridge: "gone", since: NOW - 9_000 }, received: NOW } }));
    expect(said).toMatchObject({ word: "BRIDGE GONE", since: NOW - 9_000, held: true });
  });

  it("calls a silent bridge stale", () => {
    const said = livenessOf(signs({ beat: { frame: { type: "beat", at: NOW, bridge: "silent", since: NOW - 9_000 }, received: NOW } }));
    expect(said).toMatchObject({ word: "STALE", since: NOW - 9_000 });
  });

  it("is offline with the next try, in the bridge's time", () => {
    const said = livenessOf(signs({ socket: { kind: "waiting", since: NOW - 2_000, retryAt: NOW + 2_500, why: "Gone." }, offset: 100 }));
    expect(said).toEqual({ word: "OFFLINE", since: NOW - 1_900, retryAt: NOW + 2_600, why: "Gone.", held: true });
    expect(pillWords(said, NOW + 100)).toBe("OFFLINE, next try in 3 s");
  });

  it("is connecting only the first time; after that a try is part of being offline", () => {
    expect(livenessOf(signs({ socket: { kind: "connecting", since: NOW, before: false, why: "" } })).word).toBe("CONNECTING");
    expect(livenessOf(signs({ socket: { kind: "connecting", since: NOW, before: true, why: "Gone." } })).word).toBe("OFFLINE");
  });

  it("gives the problem's own words as the reason", () => {
    const said = livenessOf(signs({ status: status("stale", { problem: { code: "x", text: "Nothing listens on zk1:2181.", hint: "Start it." } }) }));
    expect(said.why).toBe("Nothing listens on zk1:2181. Start it.");
  });
});

describe("pillWords", () => {
  it("ages what is stale", () => {
    expect(pillWords({ word: "STALE", since: NOW - 3_240, why: "", held: true }, NOW)).toBe("STALE 3.2 s");
    expect(pillWords({ word: "BRIDGE GONE", since: NOW - 75_000, why: "", held: true }, NOW)).toBe("BRIDGE GONE 1 min");
    expect(pillWords({ word: "LIVE", since: 0, why: "", held: false }, NOW)).toBe("LIVE");
  });
});

describe("ServerClock", () => {
  it("believes the frame that waited least", () => {
    const clock = new ServerClock();
    for (const delay of [80, 3, 40, 500]) clock.heard(10_000, 9_000 + delay);
    expect(clock.offset).toBe(997);
  });

  it("forgets what it knew when a clock was set", () => {
    const clock = new ServerClock();
    clock.heard(10_000, 10_000);
    clock.heard(10_000, 40_000);
    expect(clock.offset).toBe(-30_000);
  });

  it("follows a slow drift within its window", () => {
    const clock = new ServerClock();
    for (let i = 0; i < 100; i++) clock.heard(i * 1000 - i, i * 1000);
    expect(clock.offset).toBeLessThan(-65);
  });
});
