import { html, render } from "lit-html";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Forest } from "../../gallery/forest";
import { handsOf, Office } from "../../gallery/office";
import { sample } from "../../gallery/samples";
import type { View } from "../../src/page/view";
import { content } from "../../src/tree/content";
import { decodedOf, fromHex, layerWords, mayHoldMore, toHex } from "../../src/tree/decoded";
import { choiceFor, choose } from "../../src/tree/remembered";
import { nameSaid } from "../../src/tree/urlname";
import { znodePane } from "../../src/tree/znodepane";

describe("when the web process is asked", () => {
  const of = (text: string, cut = false) => mayHoldMore(content(btoa(text), cut), cut, false);
  test.each(["", '{"a":1}', "[]", "http://127.0.0.1:8080", "hello", "two words", "node-3", "42", "10.0.0.1:2181", "a\nb"])("not for %j", (text) => expect(of(text)).toBe(false));
  test.each(["<a/>", "---\na", "a: 1", "a=1\nb=2", "- x\n- y", "H4sIAAAAAAAA", "68656c6c6f21", "1700000000000", "a%2Fb", "dubbo://h/i?a=1&b=2", "\x1f\x8b\x08", "a\x00b", "\xff"])("for %j", (text) =>
    expect(of(text)).toBe(true),
  );
  test("for all that this page has not got whole, and for all where there are plug-ins", () => {
    expect(of("hello", true)).toBe(true);
    expect(mayHoldMore(content(btoa("[1]"), false), false, true)).toBe(true);
  });
});

test("an answer is taken only as it is described", () => {
  const answer = { decoder: "json", layers: [{ name: "gzip", label: "gzip" }, { name: "json", label: "JSON" }], language: "json", text: "{}", hex: null, truncated: false, warning: "", choices: [] };
  expect(layerWords(decodedOf(answer)?.layers ?? [])).toBe("gzip, then JSON");
  for (const broken of [{}, { ...answer, layers: null }, { ...answer, text: null }, { ...answer, choices: [{ name: 1 }] }, { ...answer, decoder: 1 }]) expect(decodedOf(broken)).toBeNull();
  expect(toHex(fromHex("00ff10"))).toBe("00ff10");
});

test("a choice holds for the znodes beside, and is forgotten when there are very many", () => {
  localStorage.clear();
  choose("/config/a", "msgpack");
  expect([choiceFor("/config/b"), choiceFor("/config"), choiceFor("/config/a/b")]).toEqual(["msgpack", "auto", "auto"]);
  choose("/top", "hex");
  expect([choiceFor("/top"), choiceFor("/other")]).toEqual(["hex", "auto"]);
  choose("/config/c", "auto");
  expect(choiceFor("/config/a")).toBe("auto");
  for (let at = 0; at < 300; at += 1) choose(`/many/${at}/x`, "cbor");
  expect([choiceFor("/many/0/x"), choiceFor("/many/299/y")]).toEqual(["auto", "cbor"]);
  localStorage.setItem("zooscope-decoders", '{"broken":');
  expect(choiceFor("/many/299/x")).toBe("auto");
});

test("a name that is a URL says what it says", () => {
  expect(nameSaid("dubbo%3A%2F%2F10.0.0.1%3A20880%2Forg.Foo%3Fside%3Dprovider%26methods%3Da%252Cb")).toEqual({
    said: "dubbo://10.0.0.1:20880/org.Foo", parameters: [{ name: "side", value: "provider" }, { name: "methods", value: "a,b" }],
  });
  expect(nameSaid("a%20b")).toEqual({ said: "a b", parameters: [] });
  for (const name of ["node-1", "100%", "%zz", "%ff", ""]) expect(nameSaid(name)).toBeNull();
});

const gz = (rest: string): Uint8Array => Uint8Array.from(`\x1f\x8b\x08${rest}`, (c) => c.charCodeAt(0));

describe("the data of a znode", () => {
  let forest: Forest;
  let view: View;
  let root: HTMLElement;
  let asked: { address: string; body: { as: string; data?: { value: string } } | null }[];
  let answer: () => object;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "requestAnimationFrame", "performance", "Date"] });
    localStorage.clear();
    forest = new Forest(Date.now, 1);
    forest.add("/config");
    asked = [];
    answer = () => ({
      decoder: "json", layers: [{ name: "gzip", label: "gzip" }, { name: "json", label: "JSON" }], language: "json",
      text: '{\n  "a": 1\n}', hex: null, truncated: true, warning: "The gzip holds more.", choices: [{ name: "gzip", label: "gzip" }, { name: "raw", label: "bytes" }],
    });
    const office = new Office();
    office.answers.push(({ address, body }) => {
      if (address === "/api/decoders") return { decoders: [{ name: "cbor", label: "CBOR", plugin: false, problem: "" }, { name: "acme", label: "Acme", plugin: true, problem: "It broke." }] };
      asked.push({ address, body: body as (typeof asked)[number]["body"] });
      return answer();
    });
    root = document.createElement("div");
    document.body.replaceChildren(root);
    view = { ...sample("failover"), now: Date.now(), store: forest.store, selection: { kind: "znode", path: "/config/a" } };
    view.hands = handsOf(forest.store, () => {}, office);
  });
  afterEach(() => {
    render(html``, root);
    vi.useRealTimers();
  });

  async function pass(ms = 600): Promise<void> {
    for (let at = 0; at < ms; at += 50) {
      await vi.advanceTimersByTimeAsync(50);
      render(view.selection?.kind === "znode" ? znodePane({ ...view, now: Date.now() }, view.selection.path) : html``, root);
    }
  }
  const pane = (): string => (root.querySelector(".zn-panel")?.textContent ?? "").replace(/\s+/g, " ");
  const code = (): string => root.querySelector(".code")?.textContent ?? "";
  const questions = () => asked;

  test("is decoded by the web process where the page cannot, with its layers and bounds in words", async () => {
    forest.add("/config/a", {}, gz("gz"));
    await pass();
    expect(pane()).toContain("gzip, then JSON, 5 bytes");
    expect(pane()).toContain("The gzip holds more.");
    expect(code()).toBe('{  "a": 1}');
    expect(questions()).toHaveLength(1);
    expect(questions()[0]).toMatchObject({ address: "/api/decode", body: { as: "auto", path: "/config/a" } });
  });

  test("is decoded by the page alone where it can be", async () => {
    forest.add("/config/a", {}, '{"a":1}');
    await pass();
    expect(pane()).toContain("JSON, UTF-8, 7 bytes");
    expect(questions()).toEqual([]);
  });

  test("is shown as bytes until the answer comes, and where none does", async () => {
    answer = () => ({ problem: 1 });
    forest.add("/config/a", {}, gz("gz"));
    await pass();
    expect(code()).toContain("1f 8b 08 67 7a");
    expect(questions()).toHaveLength(1);
  });

  test("is shown as chosen, for the znodes beside too, and asked for no more often than it may be", async () => {
    forest.add("/config/a", {}, gz("gz"));
    forest.add("/config/b", {}, gz("xx"));
    await pass();
    const select = root.querySelector<HTMLSelectElement>(".zn-select") as HTMLSelectElement;
    expect([...select.options].map(({ value, disabled }) => (disabled ? "-" : value))).toEqual(["auto", "gzip", "raw", "cbor", "-"]);
    select.value = "cbor";
    select.dispatchEvent(new Event("change"));
    await pass();
    expect(questions().at(-1)?.body?.as).toBe("cbor");
    expect(pane()).toContain("Your choice for all directly below /config");
    view = { ...view, selection: { kind: "znode", path: "/config/b" } };
    await pass();
    expect(questions().at(-1)?.body?.as).toBe("cbor");
    const before = questions().length;
    for (let at = 0; at < 20; at += 1) {
      forest.add("/config/b", {}, gz(String(at)), false);
      await pass(50);
    }
    await pass(600);
    expect(questions().length - before).toBeLessThanOrEqual(5);
    expect(questions().at(-1)?.body?.data?.value).toBe(btoa("\x1f\x8b\x0819"));
    select.value = "raw";
    select.dispatchEvent(new Event("change"));
    await pass();
    expect(code()).toContain("1f 8b 08 31 39");
  });
});
