import { expect, test } from "vitest";
import { content, hex, layOut, lines } from "../../src/tree/content";
import { random, type Random } from "./random";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (data: string | Uint8Array): string => btoa(String.fromCharCode(...(typeof data === "string" ? utf8(data) : data)));

test("the form is chosen by what the data is", () => {
  expect(content(base64('{"a":1}'), false)).toMatchObject({ forms: ["json", "text", "hex"], words: "JSON, UTF-8" });
  expect(content(base64("hello"), false)).toMatchObject({ forms: ["text", "hex"], text: "hello" });
  expect(content(base64("12"), false).forms[0]).toBe("text");
  expect(content(base64(Uint8Array.of(0xff, 0xfe, 0)), false)).toMatchObject({ forms: ["hex"], text: null });
  expect(content(base64("a\u0000b"), false).forms).toEqual(["hex", "text"]);
  expect(content("", false)).toMatchObject({ text: "" });
});

test("a preview that ends within a character is still text, and is not taken for JSON", () => {
  const bytes = utf8('{"name":"naïve 名"');
  for (const less of [1, 2]) expect(content(base64(bytes.subarray(0, bytes.length - 1 - less)), true).text).toMatch(/^\{"name":"naïve /);
  expect(content(base64("{}"), true).json).toBeNull();
  expect(content(base64(bytes.subarray(0, bytes.length - 2)), false).text).toBeNull();
});

test("JSON is laid out with every token as written", () => {
  expect(layOut('{"a":[1,2.0,{}],"b":{"c":[]},"id":9007199254740993,"a":null}')).toBe(
    '{\n  "a": [\n    1,\n    2.0,\n    {}\n  ],\n  "b": {\n    "c": []\n  },\n  "id": 9007199254740993,\n  "a": null\n}',
  );
  expect(layOut('{"a":"x, {y}: [\\"z\\"]"}')).toBe('{\n  "a": "x, {y}: [\\"z\\"]"\n}');
  for (const bad of ["{", "{a:1}", "[1,]", "true", '"text"', "", "alert(1)"]) expect(layOut(bad)).toBeNull();
});

test("what is laid out means the same", () => {
  const any = random(4);
  const value = (from: Random, depth: number): unknown => {
    const what = from.below(depth > 3 ? 4 : 6);
    if (what === 0) return from.below(1e6) / 100;
    if (what === 1) return String.fromCharCode(...Array.from({ length: from.below(6) }, () => 1 + from.below(300)));
    if (what === 2) return from.below(2) === 0;
    if (what === 3) return null;
    const many = Array.from({ length: from.below(4) }, () => value(from, depth + 1));
    return what === 4 ? many : Object.fromEntries(many.map((one, at) => [`k${at}{},:"`, one]));
  };
  for (let round = 0; round < 500; round += 1) {
    const one = [value(any, 0)];
    const text = JSON.stringify(one, null, any.below(3));
    expect(layOut(text)).toBe(JSON.stringify(one, null, 2));
  }
});

test("nesting that would fill the memory is shown as text", () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  expect(layOut(deep)).toBeNull();
  expect(layOut("[".repeat(150) + "]".repeat(150))).not.toBeNull();
});

test("lines show what turns text, and keep blanks", () => {
  expect(lines("a\n  b\tc\r\n")).toEqual([[{ text: "a", escape: false }], [{ text: "  b\tc", escape: false }], [{ text: "", escape: false }]]);
  expect(lines("if \u202e x ").flat().filter((piece) => piece.escape)).toEqual([{ text: "\\u202E", escape: true }]);
});

test("hex", () => {
  const bytes = Uint8Array.from([...utf8("ABCDEFGHI"), 0]);
  expect(hex(bytes, 0, 2)).toEqual([["00000", "41 42 43 44 45 46 47 48", "ABCDEFGH"], ["00008", "49 00                  ", "I·"]]);
  expect(hex(bytes, 1, 2)).toHaveLength(1);
});
