import { describe, expect, it } from "vitest";
import { applyPatch, type JsonObject } from "../src/live/patch";

// The same cases as the tests of zkbridge's own: value, patch, result.
const CASES: [string, JsonObject, JsonObject, JsonObject][] = [
  ["nothing", { a: 1 }, {}, { a: 1 }],
  ["a new key", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  ["a changed key", { a: 1 }, { a: 2 }, { a: 2 }],
  ["a removed key", { a: 1, b: 2 }, { a: null }, { b: 2 }],
  ["a key that was not there removed", { a: 1 }, { b: null }, { a: 1 }],
  ["an inner key", { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
  ["an inner key removed", { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
  ["an array, as a whole", { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
  ["an object over a scalar", { a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
  ["an object over an array", { a: [1] }, { a: { b: 2 } }, { a: { b: 2 } }],
  ["a scalar over an object", { a: { b: 1 } }, { a: 2 }, { a: 2 }],
  ["nulls inside a new object", {}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ["false, 0 and ''", { a: 1, b: 1, c: 1 }, { a: false, b: 0, c: "" }, { a: false, b: 0, c: "" }],
];

describe("applyPatch", () => {
  it.each(CASES)("applies %s", (_, value, patch, result) => {
    const before = JSON.stringify(value);
    expect(JSON.parse(JSON.stringify(applyPatch(value, patch)))).toEqual(result);
    expect(JSON.stringify(value)).toBe(before);
  });

  it("keeps what the patch leaves alone as the same object", () => {
    const value: JsonObject = { nodes: { a: { x: 1 }, b: { x: 1 } }, order: ["a"] };
    const after = applyPatch(value, { nodes: { a: { x: 2 } } }) as { nodes: { a: object; b: object }; order: object };
    expect(after.order).toBe(value["order"]);
    expect(after.nodes.b).toBe((value["nodes"] as JsonObject)["b"]);
    expect(after.nodes.a).not.toBe((value["nodes"] as JsonObject)["a"]);
  });

  it("takes a znode called __proto__ as a key like any other", () => {
    const patch = JSON.parse('{"rows": {"__proto__": {"name": "__proto__"}, "constructor": {"name": "constructor"}}}') as JsonObject;
    const after = applyPatch({ rows: {} }, patch) as { rows: Record<string, unknown> };
    expect(Object.keys(after.rows).sort()).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["name"]).toBeUndefined();
    const gone = applyPatch(after as unknown as JsonObject, JSON.parse('{"rows": {"__proto__": null}}') as JsonObject);
    expect(Object.keys(gone["rows"] as object)).toEqual(["constructor"]);
  });
});
