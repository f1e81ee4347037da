// Links and faults in words: which link is in which state, what is sent for it, and how long a fault lasts.
import { describe, expect, it } from "vitest";
import { undoing } from "../../src/lab/undo";
import { bytes, endsIn, faultBrief, faultsOf, faultWords, linkBody, stateBetween, toWords } from "../../src/lab/words";
import type { Fault, Lab, Link } from "../../src/protocol";

const SERVERS = ["server-1", "server-2", "server-3"];

function lab(...keys: [key: string, state: Link["state"]][]): Lab {
  const links = Object.fromEntries(keys.map(([key, state]) => [key, { origin: key.split(">")[0]!, to: key.split(">")[1]!, state }]));
  return { faults: {}, links, processes: {} };
}

const there = SERVERS.map((one): [string, "cut"] => [`node-1>${one}`, "cut"]);
const back = SERVERS.map((one): [string, "cut"] => [`${one}>node-1`, "cut"]);

describe("the state of links taken together", () => {
  it.each([
    ["open", lab()],
    ["open", lab(["node-2>server-1", "cut"])],
    ["cut", lab(...there, ...back)],
    ["cut-there", lab(...there)],
    ["cut-back", lab(...back)],
    ["partly", lab(["node-1>server-2", "cut"])],
    ["partly", lab(...there, ["server-1>node-1", "cut"])],
    ["slow", lab(["server-3>node-1", "slow"])],
  ] as const)("is %s", (state, value) => expect(stateBetween(value, "node-1", SERVERS)).toBe(state));

  it("is open where nothing is known", () => {
    expect(stateBetween(null, "node-1", SERVERS)).toBe("open");
    expect(stateBetween(lab(...there), "node-1", [])).toBe("open");
  });
});

describe("a choice", () => {
  it("is sent from whence bytes come", () => {
    const choice = { from: "node-1", to: "ensemble" };
    expect(linkBody({ ...choice, way: "both" })).toEqual({ from: "node-1", to: "ensemble", both: true });
    expect(linkBody({ ...choice, way: "there" })).toEqual({ from: "node-1", to: "ensemble", both: false });
    expect(linkBody({ ...choice, way: "back" })).toEqual({ from: "ensemble", to: "node-1", both: false });
  });

  it("says whom a server is cut off from", () => {
    expect(toWords("server-1", "ensemble")).toBe("the other servers");
    expect(toWords("node-1", "ensemble")).toBe("all servers");
  });
});

const fault = (more: Partial<Fault>): Fault => ({ id: "f1", kind: "link.cut", who: "node-1", to: "ensemble", since: 1_000, undo: "link.heal", ...more });

describe("a fault", () => {
  it.each([
    [fault({}), "No packet passes between node-1 and all servers", "node-1 cut off"],
    [fault({ both: false, who: "ensemble", to: "node-1" }), "No packet passes from all servers to node-1", "node-1 cut one way"],
    [fault({ who: "server-1", to: "server-2", both: false }), "No packet passes from server 1 to server 2", "server 1 → server 2 cut"],
    [fault({ kind: "link.slow", words: "+200 ms" }), "Between node-1 and all servers: +200 ms", "node-1 slow"],
    [fault({ kind: "server.pause", who: "server-2", to: "" }), "server 2 is paused", "server 2 is paused"],
    [fault({ kind: "server.exit", who: "server-2", to: "" }), "server 2 has ended by itself", "server 2 has ended by itself"],
  ])("is told", (one, words, short) => {
    expect(faultWords(one)).toBe(words);
    expect(faultBrief(one)).toBe(short);
  });

  it("counts down in whole seconds, and never below none", () => {
    expect(endsIn(fault({ until: 43_200 }), 1_000)).toBe("heals in 43 s");
    expect(endsIn(fault({ until: 43_200, undo: "node.resume" }), 43_100)).toBe("resumes in 1 s");
    expect(endsIn(fault({ until: 43_200 }), 43_200)).toBe("about to end");
    expect(endsIn(fault({ until: 3_601_000 }), 1_000)).toBe("heals in 1 h");
    expect(endsIn(fault({}), 1_000)).toBe("");
  });

  it("is undone by what its kind takes", () => {
    expect(undoing(fault({ both: false }))).toEqual({ method: "link.heal", id: "node-1>ensemble", body: { from: "node-1", to: "ensemble", both: false } });
    expect(undoing(fault({ kind: "server.kill", undo: "server.start", who: "server-2" }))).toEqual({ method: "server.start", id: "2" });
    expect(undoing(fault({ kind: "node.pause", undo: "node.resume", who: "node-2" }))).toEqual({ method: "node.resume", id: "node-2" });
  });

  it("stands in the order in which they began", () => {
    const faults = { f2: fault({ id: "f2", since: 5 }), f1: fault({ id: "f1", since: 9 }) };
    expect(faultsOf({ ...lab(), faults }).map(({ id }) => id)).toEqual(["f2", "f1"]);
  });
});

it("memory is in round figures", () => {
  expect(bytes(412 * 1_048_576)).toBe("412 MB");
  expect(bytes(7.8 * 1024 * 1_048_576)).toBe("7.8 GB");
});
