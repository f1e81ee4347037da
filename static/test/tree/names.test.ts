import { describe, expect, test } from "vitest";
import { ago, count, kindWords, pieces, plain, sequence, sequenceNumber, size } from "../../src/tree/names";
import { above, fault, isUnder, join, nameOf, parentOf } from "../../src/tree/paths";
import { childrenTopic, znodeTopic } from "../../src/tree/topics";
import { random } from "./random";

describe("names", () => {
  test.each([
    ["config", "config"],
    ["<b>&amp;", "<b>&amp;"],
    ["a b", "a b"],
    ["a\u202egpj.exe", "a\\u202Egpj.exe"],
    ["zero\u200bwidth", "zero\\u200Bwidth"],
    ["soft\u00adhyphen", "soft\\u00ADhyphen"],
    ["nb\u00a0space", "nb\\u00A0space"],
    [" lead", "\\u0020lead"],
    ["trail ", "trail\\u0020"],
    ["two  spaces", "two \\u0020spaces"],
    ["\u0301x", "\\u0301x"],
    ["e\u0301", "e\u0301"],
    ["filler\u3164", "filler\\u3164"],
    ["a\u0007b\nc", "a\\u0007b\\u000Ac"],
    ["\u{e0041}tag", "\\u{E0041}tag"],
    ["\ud800lone", "\\uD800lone"],
    ["שלום", "שלום"],
    ["名前", "名前"],
  ])("%j reads %j", (name, wanted) => expect(plain(name)).toBe(wanted));

  test("what is escaped is told apart from the same letters typed", () => {
    expect(pieces("\\u200B")).toEqual([{ text: "\\u200B", escape: false }]);
    expect(pieces("a\u200b")).toEqual([{ text: "a", escape: false }, { text: "\\u200B", escape: true }]);
  });

  test("no character that turns or hides text is ever left", () => {
    const any = random(3);
    for (let round = 0; round < 2000; round += 1) {
      const name = String.fromCodePoint(...Array.from({ length: 1 + any.below(6) }, () => any.below(0x3000)));
      const shown = plain(name);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\u00a0\u2000-\u200f\u2028-\u202f\u2066-\u2069]/u);
      expect(shown.length).toBeGreaterThan(0);
    }
  });

  test("sequence numbers", () => {
    expect(sequence("c_0000000003")).toEqual({ prefix: "c_", zeros: "000000000", digits: "3" });
    expect(sequence("c_0000000000")).toEqual({ prefix: "c_", zeros: "000000000", digits: "0" });
    expect(sequence("c_-2147483648")).toEqual({ prefix: "c_", zeros: "-", digits: "2147483648" });
    expect(sequence("lock-0000000003")).toEqual({ prefix: "lock-", zeros: "000000000", digits: "3" });
    expect(sequence("c_003")).toBeNull();
    expect(sequenceNumber("_c_1f-latch-0000000012")).toBe(12);
    expect(sequenceNumber("c_-2147483648")).toBe(-2147483648);
    expect(sequenceNumber("c_-000000001")).toBe(-1);
    expect(sequenceNumber("config")).toBeNull();
  });

  test("sizes, counts, ages, kinds", () => {
    expect([0, 148, 1024, 1536, 65_536, 1_048_576, 1_500_000, 150 * 1_048_576].map(size)).toEqual(["0 B", "148 B", "1 KB", "1.5 KB", "64 KB", "1.0 MB", "1.4 MB", "150 MB"]);
    expect(count(100_000)).toBe("100,000");
    expect([0, 3400, 125_000, 7_300_000, 200_000_000].map(ago)).toEqual(["just now", "3 s ago", "2 min ago", "2 h ago", "2 days ago"]);
    expect(kindWords("ephemeral", true)).toBe("ephemeral sequential");
    expect(kindWords("ttl")).toBe("TTL");
  });
});

describe("paths", () => {
  test("parts", () => {
    expect(parentOf("/a/b")).toBe("/a");
    expect(parentOf("/a")).toBe("/");
    expect(parentOf("/")).toBe("/");
    expect(nameOf("/a/b")).toBe("b");
    expect(join("/", "a")).toBe("/a");
    expect(above("/a/b/c")).toEqual(["/", "/a", "/a/b"]);
    expect(above("/")).toEqual([]);
    expect(isUnder("/ab", "/a")).toBe(false);
    expect(isUnder("/a/b", "/a")).toBe(true);
  });

  test.each([["/", ""], ["/a", ""], ["/a b/ü", ""], ["/...", ""]])("%j is good", (path) => expect(fault(path)).toBe(""));

  test.each([
    ["", "Type a path"],
    ["a", "starts with"],
    ["/a/", "does not end"],
    ["/a//b", "'//'"],
    ["/a/../b", "relative"],
    ["/.", "relative"],
    ["/a\u0000b", "\\u0000"],
    ["/a\ue000", "\\uE000"],
    [`/${"x".repeat(3001)}`, "3002"],
  ])("%j is refused in words", (path, words) => expect(fault(path)).toContain(words));
});

test("topics are spelled as the bridge spells them", () => {
  expect(childrenTopic("/", 0)).toBe("children?path=%2F&offset=0&limit=200");
  expect(childrenTopic("/a b/ü'()", 400, "newest", "x&y")).toBe("children?path=%2Fa%20b%2F%C3%BC%27%28%29&offset=400&limit=200&order=newest&filter=x%26y");
  expect(znodeTopic("/100%#?")).toBe("znode?path=%2F100%25%23%3F");
});
