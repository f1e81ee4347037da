import { describe, expect, it } from "vitest";
import { fit, plain, textWidth } from "../../src/figure/text";
import { age, duration, left, nodeAria, nodeLines, ordinal, seqName, serverLines, zxidWords } from "../../src/figure/words";
import { chain, node, NOW, server, stage } from "../../gallery/samples";

const say = (more: Parameters<typeof node>[1]) => nodeLines(node(1, more), stage([node(0, { leads: true, place: 1 }), node(1, more)]), NOW).map((one) => one.wordings[0]);

describe("nodeLines", () => {
  it("says how long a dying session has, and when that is only reckoned", () => {
    expect(say({ state: "paused", expires: NOW + 1_900, expiry: "server" })).toEqual(["paused", "1.9 s left of 4 s"]);
    expect(say({ state: "silent", cause: "kill -9", expires: NOW + 1_900, expiry: "estimated" })).toEqual(["kill -9", "about 1.9 s left"]);
    expect(say({ state: "paused", expires: NOW - 5 })).toEqual(["paused", "expiry is due"]);
    expect(say({ state: "paused" })).toEqual(["paused"]);
  });
  it("tells what the tree says apart from what the node knows", () => {
    const [one] = chain([node(0)]);
    expect(nodeLines(one!, stage([one!]), NOW).map((line) => line.wordings[0])).toEqual(["LEADER", "for 3 min"]);
    const { elected: _, ...unaware } = one!;
    expect(nodeLines(unaware, stage([unaware]), NOW)[1]!.wordings[0]).toBe("does not know it yet");
    expect(say({ place: 2, acknowledges: "node-2" })[0]).toBe("still says it leads");
  });
  it("says of the dead what ended them and how long it took to notice", () => {
    const lines = say({ state: "dead", cause: "kill -9", ended: NOW, detected: 4_212 });
    expect(lines[0]).toMatch(/^kill -9 at \d\d:\d\d:\d\d$/);
    expect(lines[1]).toBe("detected after 4.2 s");
  });
  it("has a wording for a node outside of any line", () => {
    expect(say({ state: "starting" })[0]).toBe("starting");
    expect(say({ place: 3, joined: NOW - 12_000 })).toEqual(["3rd in line · 12 s"]);
    expect(say({ connection: "suspended", place: 2 })[0]).toBe("connection lost");
  });
});

it("drains the ring by what is left of the timeout", () => {
  expect(left(node(0, { state: "paused", expires: NOW + 1_000, timeout: 4_000 }), NOW)).toBe(0.25);
  expect(left(node(0, { state: "silent", expires: NOW - 1_000 }), NOW)).toBe(0);
  expect(left(node(0, { state: "alive", expires: NOW + 1_000 }), NOW)).toBeNull();
});

it("tells everything of a node to those who hear the page", () => {
  const nodes = chain([node(0), node(1, { server: "2" })]);
  expect(nodeAria(nodes[1]!, stage(nodes), null, NOW)).toBe("node-2, 2nd in line · 3 min, znode /election/c_0000000001, watches node-1, session on server 2");
});

it("says why a server is away", () => {
  expect(serverLines(server(1, { role: "down", reason: "connection refused", since: NOW - 42_000 }), NOW)[0][0]).toBe("connection refused");
  expect(serverLines(server(1, { role: "down", process: "killed", reason: "" }), NOW)[0][0]).toBe("process killed");
  expect(serverLines(server(3, { behind: 2 }), NOW)[1][0]).toBe("zxid 5·1a2f · 2 behind");
});

it("writes numbers as a person would", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 111, 112].map(ordinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "112th"]);
  expect([0, 0.4, 6, 949, 4_212, 59_700, 61_000, 7_200_000, -5].map(duration)).toEqual(["0 ms", "0.4 ms", "6 ms", "949 ms", "4.2 s", "59 s", "1 min", "2 h", "0 ms"]);
  expect([900, 12_300, 130_000].map(age)).toEqual(["0 s", "12 s", "2 min"]);
  expect([zxidWords("0x500001a2f"), zxidWords("0x1"), zxidWords("<b>")]).toEqual(["5·1a2f", "0·1", "<b>"]);
  expect(seqName("/election/c_0000000010")).toEqual({ head: "c_", zeros: "00000000", digits: "10" });
  expect(seqName("/workers/a")).toEqual({ head: "a", zeros: "", digits: "" });
});

it("cuts to a width, and shows what would be invisible", () => {
  for (const text of ["n".repeat(5_000), "工作者节点一二三四五六七", "iiiiiiiiiiiiiii"]) expect(textWidth(fit(text, 80, 15), 15)).toBeLessThanOrEqual(80);
  expect(fit("short", 80, 15)).toBe("short");
  expect(plain("a\u202eb\u0007c\nd")).toBe("a\ufffdb\ufffdc\ufffdd");
});
