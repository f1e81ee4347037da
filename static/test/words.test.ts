import { render } from "lit-html";
import { describe, expect, it } from "vitest";
import { ago, between, ordinal, sequential, span, visible, znodePath, zxidWords } from "../src/page/words";

describe("words", () => {
  it.each([[0, "0.0 s"], [3_240, "3.2 s"], [9_949, "9.9 s"], [12_400, "12 s"], [61_000, "1 min"], [7_800_000, "2 h 10 min"], [-5, "0.0 s"]])(
    "says %i ms as %s",
    (ms, words) => expect(span(ms)).toBe(words),
  );
  it.each([[400, "now"], [7_900, "7 s ago"], [200_000, "3 min ago"]])("says %i ms ago as %s", (ms, words) => expect(ago(ms)).toBe(words));
  it.each([[1, "1st"], [2, "2nd"], [3, "3rd"], [4, "4th"], [11, "11th"], [12, "12th"], [13, "13th"], [21, "21st"], [111, "111th"]])("counts %i as %s", (n, words) =>
    expect(ordinal(n)).toBe(words),
  );
  it("splits a zxid without losing digits", () => {
    expect(zxidWords("0x500001a2f")).toBe("0x5·1a2f");
    expect(zxidWords("0xffffffffffffffff")).toBe("0xffffffff·ffffffff");
    expect(zxidWords("nonsense")).toBe("nonsense");
  });
  it("says a window of time briefly", () => {
    expect(between(2_700, 6_000)).toBe("2.7–6 s");
    expect(between(4_000, 4_000)).toBe("4 s");
  });
  it("finds the digits that tell a sequential name apart", () => {
    expect(sequential("c_0000000014")).toEqual({ stem: "c_00000000", digits: "14" });
    expect(sequential("0000000000")).toEqual({ stem: "000000000", digits: "0" });
    expect(sequential("c_14")).toBeNull();
  });
  it("spells out what cannot be seen", () => {
    expect(visible("a\u202eb\u200bc\n")).toBe("a\\u{202e}b\\u{200b}c\\u{a}");
    expect(visible("Zürich 日本 <b>")).toBe("Zürich 日本 <b>");
  });
  it("never makes markup of a name", () => {
    const element = document.createElement("div");
    render(znodePath('/<img src=x onerror="1">/c_0000000001'), element);
    expect(element.querySelector("img")).toBeNull();
    expect(element.textContent?.trim()).toBe('/<img src=x onerror="1">/c_0000000001');
  });
});
