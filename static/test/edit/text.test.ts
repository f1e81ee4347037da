import { describe, expect, test } from "vitest";
import { random as randomOf } from "../tree/random";
import { equal, fromBase64, toBase64 } from "../../src/edit/bytes";
import { jsonFault, propertiesFaults } from "../../src/edit/faults";
import { compacted } from "../../src/edit/format";
import { asciiOf, bytesIn, hexLines, readHex } from "../../src/edit/hexlines";
import { bytesOf, readable, textual, textWords } from "../../src/edit/textual";
import { unwrap, wrap } from "../../src/edit/wraps";
import { formatted, yamlFaults } from "../../src/edit/yaml";
import { layOut } from "../../src/tree/content";

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("text comes back byte for byte", () => {
  test.each(["", "a", "a\n", "a\r\nb\r\n", "a\rb\nc\r\n", "\ufeffa", "\ufeff", "\ufeff\ufeff", "ä\u0000\u202e", "😀\n"])("%j", (text) => {
    const found = textual(encoded(text));
    expect(found && bytesOf(found)).toEqual(encoded(text));
    expect(found && (found.bom ? "\ufeff" : "") + found.text).toBe(text);
  });
  test("what is not UTF-8 is none", () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) expect(textual(Uint8Array.from(bytes))).toBeNull();
  });
  test("its form is told", () => {
    expect(textWords(textual(encoded("\ufeffa\r\nb")) ?? { text: "", bom: false, eol: "\n" })).toBe("UTF-8 with a byte order mark, Windows line ends");
    expect(textual(encoded("a\r\nb\n"))).toMatchObject({ eol: "\n", text: "a\r\nb\n" });
    expect(readable({ text: "a\tb\r\n", bom: false, eol: "\n" })).toBe(true);
    expect(readable({ text: "a\u0001", bom: false, eol: "\n" })).toBe(false);
  });
});

describe("hex", () => {
  test("of any bytes says just these", () => {
    const random = randomOf(3);
    for (let turn = 0; turn < 50; turn += 1) {
      const bytes = Uint8Array.from({ length: random.below(80) }, () => random.below(256));
      expect(readHex(hexLines(bytes, 1 + random.below(20))).bytes).toEqual(bytes);
    }
  });
  test("may be spaced as one likes", () => expect(readHex(" 0A0b\n0c\t0d\r\n").bytes).toEqual(Uint8Array.of(10, 11, 12, 13)));
  test.each([["0", 0], ["00 1", 3], ["00 1 2", 3], ["zz", 0], ["00 0x", 4], ["0\n0", 0]])("%j has a fault at %d", (text, at) => expect(readHex(text).fault?.from).toBe(at));
  test("is counted and read beside its lines", () => {
    expect([bytesIn("48 65 6"), bytesIn(""), asciiOf("48 65 00"), asciiOf("4")]).toEqual([3, 0, "He·", ""]);
  });
});

describe("JSON", () => {
  test.each([
    ['{"a": 1,}', 8], ['{"a" 1}', 5], ["[1 2]", 2], ["{'a': 1}", 1], ['["a', 1], ["[01]", 1], ["[tru]", 1], ['{"a": }', 6], ["[1", 2], ["1 2", 2], ['"\\x"', 1], ['"a\nb"', 2], ["", 0], ["[+1]", 1],
    ['{\n  "a": 1\n  "b": 2\n}', 10],
  ])("%j has its fault at %d", (text, at) => expect(jsonFault(text)?.from).toBe(at));
  test("is taken and refused as by the browser's own parser", () => {
    const random = randomOf(7);
    const good = '{"a": [1, -0.5e+10, true, null, "x\\u00e4\\n"], "b": {"c": {}, "d": []}, "": 12345678901234567890}';
    for (let turn = 0; turn < 4000; turn += 1) {
      let text = good;
      for (let change = random.below(3); change >= 0; change -= 1) {
        const at = random.below(text.length);
        text = text.slice(0, at) + (random.below(2) ? '{}[],:"\\ 0e-.tn\n'[random.below(16)] : "") + text.slice(at + random.below(3));
      }
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      expect([text, jsonFault(text) === null]).toEqual([text, parses]);
    }
  });
  test("on one line and laid out has the same tokens", () => {
    const text = '{ "a b" : [ 1.10 , 1e3 ],\n "c\\" d": 12345678901234567890 }';
    expect(compacted(text).text).toBe('{"a b":[1.10,1e3],"c\\" d":12345678901234567890}');
    expect(compacted(layOut(text) ?? "").text).toBe(compacted(text).text);
    expect(compacted("[1,").why).toBeTruthy();
  });
});

test("properties have faults only in escapes", () => {
  expect(propertiesFaults("a=b\\u00e4\\n\nc")).toEqual([]);
  expect(propertiesFaults("a=\\u00g").map(({ from }) => from)).toEqual([2]);
});

describe("YAML", () => {
  test("is laid out with its comments, and says the same", () => {
    const text = "# top\na:    1\nb: [1,   2.50, 0x1F]   # why\nc:\n     - 12345678901234567890\n     -   'x'\nd: null\ne:\n";
    const laid = formatted(text).text ?? "";
    expect(laid).toContain("# top");
    expect(laid).toContain("# why");
    expect(laid).toContain("12345678901234567890");
    expect(laid).toContain("2.50");
    expect(laid).toContain("c:\n  - 12345678901234567890\n  - 'x'");
  });
  test("of several documents stays of several", () => expect(formatted("a:  1\n---\nb:  2\n").text).toBe("a: 1\n---\nb: 2\n"));
  test("has faults with their place", () => {
    const [fault] = yamlFaults("a: 1\n b: 2\n");
    expect(fault?.from).toBe(3);
    expect(fault?.words).not.toMatch(/line \d/);
    expect(yamlFaults("a: &x [1]\nb: *x\n")).toEqual([]);
    expect(formatted("a: [").why).toBeTruthy();
  });
  test("that would become very much is left", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", ...Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(", ")}]`)];
    expect(formatted(lines.join("\n")).text).toBeUndefined();
  });
});

describe("what a value is packed in", () => {
  const inner = encoded('{"a":1}');
  const layer = (name: string) => ({ name, label: name });
  test.each([[["gzip"]], [["zlib"]], [["base64"]], [["hex"]], [["base64", "gzip"]], [["gzip", "zlib", "base64", "hex"]]])("%j is taken off and put on again", async (names) => {
    let packed: Uint8Array = inner;
    for (const name of [...names].reverse()) packed = await pack(name, packed);
    const found = await unwrap(packed, names.map(layer));
    expect(found?.inner).toEqual(inner);
    const other = encoded('{"a":2}');
    expect((await unwrap(await wrap(other, found?.wraps ?? []), names.map(layer)))?.inner).toEqual(other);
  });
  test("keeps its alphabet, its letters and its padding", async () => {
    for (const [name, text] of [["base64", "_-8"], ["base64", "/+8="], ["hex", "0AFF"], ["hex", "0aff"]] as const) {
      const found = await unwrap(encoded(text), [layer(name)]);
      expect(new TextDecoder().decode(await wrap(found?.inner ?? new Uint8Array(), found?.wraps ?? []))).toBe(text);
    }
  });
  test("is left where it cannot be put on again just so", async () => {
    for (const [name, text] of [["base64", "QUJD\nREVG"], ["base64", "QQ"], ["hex", "0aFF"], ["hex", "0a ff"], ["snappy", "x"], ["gzip", "x"]] as const) {
      const found = await unwrap(encoded(text), [layer(name)]);
      if (found) expect(await wrap(found.inner, found.wraps)).toEqual(encoded(text));
    }
    expect(await unwrap(encoded("x"), [layer("snappy")])).toBeNull();
    expect(await unwrap(encoded("QUJD\nREVG"), [layer("base64")])).toBeNull();
  });
  test("is not unpacked without end", async () => {
    expect(await unwrap(await pack("gzip", new Uint8Array(3_000_000)), [layer("gzip")])).toBeNull();
  });
});

async function pack(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (name === "base64") return encoded(toBase64(bytes));
  if (name === "hex") return encoded([...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream(name === "gzip" ? "gzip" : "deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

test("base64 of any bytes", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 37) & 255);
  expect(equal(fromBase64(toBase64(bytes)), bytes)).toBe(true);
  expect(equal(Uint8Array.of(1), Uint8Array.of(2))).toBe(false);
});
