// What a cut costs, looked up and said.
import { describe, expect, it } from "vitest";
import { costOfCut, cutQuestion } from "../../src/lab/parting";
import { listed } from "../../src/lab/undo";
import type { Lab } from "../../src/protocol";

const lab: Lab = { faults: {}, links: {}, processes: {}, costs: { "server-1>ensemble": "all", "server-1>server-2": "one", "server-2>server-1": "one" } };

describe("a cut", () => {
  it("costs as much one way as both, from either end", () => {
    expect(costOfCut(lab, { from: "server-1", to: "ensemble" })).toBe("all");
    expect(costOfCut(lab, { from: "ensemble", to: "server-1", both: false })).toBe("all");
    expect(costOfCut(lab, { from: "server-2", to: "server-1" })).toBe("one");
    expect(costOfCut(lab, { from: "server-3", to: "ensemble" })).toBe("");
    expect(costOfCut(lab, { from: "node-1", to: "ensemble" })).toBe("");
    expect(costOfCut(null, { from: "server-1", to: "ensemble" })).toBe("");
  });

  it("is asked about by the ends that it has", () => {
    expect(cutQuestion({ from: "server-1", to: "ensemble", seconds: 300 }, "It costs.")).toMatchObject({
      title: "Cut the link between server 1 and the other servers?",
      words: ["It costs.", "No session can expire meanwhile either. It heals by itself after 5 min, or when somebody heals it."],
    });
    expect(cutQuestion({ from: "ensemble", to: "server-1", both: false }, "").title).toBe("Cut the link from the other servers to server 1?");
    expect(cutQuestion({ from: "server-1", to: "server-2", both: false }, "").title).toBe("Cut the link from server 1 to server 2?");
  });
});

it("names a few, and counts the rest", () => {
  expect([1, 2, 3, 4].map((n) => listed(["a", "b", "c", "d"].slice(0, n)))).toEqual(["a", "a and b", "a, b and c", "a, b and 2 more"]);
});
