import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Office, type Request } from "../../gallery/office";
import { dropDraft, hasDraft, keepDraft, readDraft, type Draft } from "../../src/edit/drafts";
import { Session } from "../../src/edit/session";
import { beside, bytesIn, opened, turned } from "../../src/edit/value";
import { Actions } from "../../src/page/actions";
import type { Znode } from "../../src/protocol";
import type { Decoded } from "../../src/tree/decoded";

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const stat = (version: number, mzxid: string) => ({ version, mzxid, czxid: "0x1", pzxid: "0x1", ctime: 0, mtime: 0, cversion: 0, aversion: 0, owner: "0x0", data_length: 1, children: 0 });
const wrong = (text: string, version: number, mzxid: string): [number, object] => [
  409, { problem: { code: "wrong-version", text: "It was changed since.", hint: "" }, now: { version, mzxid, data: btoa(text), length: text.length } },
];

let office: Office;
let now: { text: string; version: number; mzxid: string } | null;
let put: (request: Request) => object | [number, object];
let session: Session;

beforeEach(() => {
  vi.useFakeTimers();
  office = new Office();
  now = { text: "old", version: 3, mzxid: "0x10" };
  put = () => ({ result: "ok", path: "/a", stat: stat(4, "0x11"), zxid: "0x11" });
  office.answers.push((request) => {
    if (request.verb === "PUT" || request.verb === "POST") return put(request);
    if (request.address === "/api/znodes") return now ? { path: "/a", exists: true, kind: "persistent", data: btoa(now.text), stat: stat(now.version, now.mzxid) } : { path: "/a", exists: false };
    return undefined;
  });
  session = new Session({ actions: new Actions("token", () => {}, office.fetch), path: "/a", changed: () => {} });
});
afterEach(() => vi.useRealTimers());

const sent = () => office.asked.filter(({ verb }) => verb !== "GET");
const heard = (version: number, mzxid: string): Znode => ({ path: "/a", exists: true, stat: stat(version, mzxid) }) as unknown as Znode;

describe("saving", () => {
  test("is over the version that was opened", async () => {
    expect(await session.open()).toBe(true);
    await session.save(encoded("new"));
    expect(sent()).toHaveLength(1);
    expect(sent()[0]).toMatchObject({ verb: "PUT", path: "/a", body: { data: { encoding: "base64", value: btoa("new") }, version: 3 } });
    expect([session.phase, session.base?.version]).toEqual(["saved", 4]);
  });

  test("over another version saves nothing, and gives both values", async () => {
    await session.open();
    put = () => wrong("theirs", 5, "0x20");
    await session.save(encoded("new"));
    expect(session.phase).toBe("editing");
    expect(session.conflict).toMatchObject({ version: 5, mzxid: "0x20", data: encoded("theirs") });
  });

  test("mine over theirs is over just what was seen, so that another change conflicts again", async () => {
    await session.open();
    put = () => wrong("theirs", 5, "0x20");
    await session.save(encoded("new"));
    put = () => wrong("others", 6, "0x30");
    await session.save(encoded("new"));
    expect(sent().map(({ body }) => (body as { version: number }).version)).toEqual([3, 5]);
    expect(session.conflict?.version).toBe(6);
    put = () => ({ result: "ok", stat: stat(7, "0x40") });
    await session.save(encoded("new"));
    expect([sent().length, session.phase]).toEqual([3, "saved"]);
  });

  test("after both were seen is over theirs", async () => {
    await session.open();
    put = () => wrong("theirs", 5, "0x20");
    await session.save(encoded("new"));
    expect(session.seen()?.version).toBe(5);
    expect([session.conflict, session.base?.version]).toEqual([null, 5]);
  });

  test("what is known to have changed is shown first, and nothing is sent", async () => {
    await session.open();
    session.hear(heard(4, "0x11"), 1000);
    expect(session.moved).toEqual({ version: 4, at: 1000, anew: false });
    now = { text: "theirs", version: 4, mzxid: "0x11" };
    await session.save(encoded("new"));
    expect(sent()).toEqual([]);
    expect(session.conflict?.data).toEqual(encoded("theirs"));
    expect(session.moved).toBeNull();
  });

  test("a znode that was created again with the same version is another value", async () => {
    await session.open();
    session.hear(heard(3, "0x99"), 1000);
    expect(session.moved?.version).toBe(3);
  });

  test("a znode that was created anew is said to be so, not to be changed", async () => {
    await session.open();
    session.hear({ path: "/a", exists: true, stat: { ...stat(0, "0x99"), czxid: "0x99" } } as unknown as Znode, 1000);
    expect(session.moved).toEqual({ version: 0, at: 1000, anew: true });
    // A draft knows no more than its mzxid: what was created after it is another znode.
    session.resume({ version: 3, mzxid: "0x10", data: encoded("old") });
    office.answers.unshift(({ verb }) => (verb === "GET" ? { exists: true, kind: "persistent", data: btoa("new"), stat: { ...stat(0, "0x99"), czxid: "0x99" } } : undefined));
    await session.check();
    expect(session.moved).toMatchObject({ version: 0, anew: true });
  });

  test.each(["0x5", "0x20"])("the value of a draft is looked at anew, whether it is older or newer than %s", async (mzxid) => {
    now = { text: "other", version: 3, mzxid };
    session.resume({ version: 3, mzxid: "0x10", data: encoded("old") });
    await session.check();
    session.hear(heard(3, mzxid), 1000);
    expect(session.moved?.version).toBe(3);
    await session.save(encoded("new"));
    expect([sent(), session.conflict?.data]).toEqual([[], encoded("other")]);
  });

  test("what the page is told late is no change", async () => {
    await session.open();
    session.hear(heard(2, "0xf"), 1000);
    session.hear(heard(3, "0x10"), 1000);
    expect(session.moved).toBeNull();
  });

  test("a refusal is told, and editing goes on", async () => {
    await session.open();
    put = () => [403, { problem: { code: "protected", text: "Nobody changes this from here.", hint: "" } }];
    await session.save(encoded("new"));
    expect([session.phase, session.problem?.code]).toEqual(["editing", "protected"]);
    await session.save(encoded("new"));
    expect(sent()).toHaveLength(2);
  });

  test.each(["applied", "not-applied", "cannot-tell"] as const)("whose result is lost is unknown, then %s; it is never sent again", async (verdict) => {
    await session.open();
    put = () => [504, { problem: { code: "unknown", text: "No answer.", hint: "Look." }, row: 12 }];
    office.answers.unshift(({ address }) => (address === "/api/actions/12" ? { result: "unknown", verdict, found: "It holds what was written." } : undefined));
    await session.save(encoded("new"));
    expect(session.unknown).toMatchObject({ verdict: "asking" });
    now = { text: verdict === "applied" ? "new" : "old", version: 4, mzxid: "0x11" };
    await vi.advanceTimersByTimeAsync(1500);
    expect(sent()).toHaveLength(1);
    expect(session.phase).toBe(verdict === "applied" ? "saved" : "editing");
    expect(session.unknown).toEqual({ verdict, words: "It holds what was written." });
  });

  test("whose result is lost without a trace is unknown until somebody looks", async () => {
    await session.open();
    office.answers.unshift(({ verb }) => {
      if (verb === "PUT") throw new TypeError("network");
      return undefined;
    });
    await session.save(encoded("new"));
    expect(session.unknown?.verdict).toBe("cannot-tell");
    now = { text: "new", version: 4, mzxid: "0x11" };
    await session.look();
    expect(session.conflict?.data).toEqual(encoded("new"));
  });
});

test("what is redacted is not opened, and not said to be what its ACL does", async () => {
  office.answers.unshift(({ address }) => (address === "/api/znodes" ? { path: "/a", exists: true, kind: "persistent", redacted: true, length: 3, stat: stat(3, "0x10") } : undefined));
  expect(await session.open()).toBe(false);
  expect(session.problem?.text).toBe("Data of znodes here is not shown to you.");
});

describe("a znode that is gone", () => {
  test("cannot be opened", async () => {
    now = null;
    expect(await session.open()).toBe(false);
    expect(session.problem?.code).toBe("no-znode");
  });

  test("is told, also by a refusal, and can be made again", async () => {
    await session.open();
    session.hear({ path: "/a", exists: false } as Znode, 1);
    expect(session.gone).toBe(true);
    session.hear(heard(3, "0x10"), 1);
    expect(session.gone).toBe(false);
    put = () => [404, { problem: { code: "no-znode", text: "There is none.", hint: "" } }];
    await session.save(encoded("new"));
    expect(session.gone).toBe(true);
    put = () => ({ result: "ok", path: "/a", stat: stat(0, "0x50") });
    await session.recreate(encoded("new"));
    expect(sent().at(-1)).toMatchObject({ verb: "POST", address: "/api/znodes", body: { path: "/a", kind: "persistent", parents: true, data: { value: btoa("new") } } });
    expect([session.phase, session.base?.version]).toEqual(["saved", 0]);
  });

  test("leaves nothing of a value that was seen before, to take or to save over", async () => {
    await session.open();
    now = { text: "theirs", version: 4, mzxid: "0x20" };
    await session.look();
    expect(session.conflict?.version).toBe(4);
    session.hear({ path: "/a", exists: false } as Znode, 1);
    expect([session.gone, session.conflict, session.moved]).toEqual([true, null, null]);
  });

  test("and was made by somebody else meanwhile shows both", async () => {
    await session.open();
    session.hear({ path: "/a", exists: false } as Znode, 1);
    now = { text: "theirs", version: 0, mzxid: "0x60" };
    put = () => [409, { problem: { code: "exists", text: "There is one.", hint: "" } }];
    await session.recreate(encoded("new"));
    expect([session.gone, session.conflict?.version]).toEqual([false, 0]);
  });
});

describe("a draft", () => {
  const draft: Draft = { version: 3, mzxid: "0x10", data: btoa("old"), mode: "text", text: "new", packed: true, at: 5 };
  test("is kept for its path, until it is dropped", () => {
    expect(keepDraft("/a", draft)).toBe(true);
    expect([hasDraft("/a"), hasDraft("/b"), readDraft("/a")]).toEqual([true, false, draft]);
    dropDraft("/a");
    expect([hasDraft("/a"), readDraft("/a")]).toEqual([false, null]);
  });
  test("that cannot be read is none", () => {
    for (const kept of ["{", "[]", '{"text":1}', "null"]) {
      sessionStorage.setItem("zooscope-draft::/a", kept);
      expect(readDraft("/a")).toBeNull();
    }
  });
});

describe("a value", () => {
  const of = (names: string[], language: string, text: string | null = ""): Decoded => ({
    decoder: names.at(-1) ?? "", layers: names.map((name) => ({ name, label: name })), language, text, hex: text === null ? "" : null, truncated: false, warning: "", choices: [],
  });

  test("opens as what it is", async () => {
    expect(await opened(encoded('{"a":1}'), of(["json"], "json"))).toMatchObject({ text: '{"a":1}', mode: "json", wraps: [], why: "" });
    expect(await opened(Uint8Array.of(0xff, 0), of(["raw"], "", null))).toMatchObject({ text: "ff 00", mode: "hex", form: null, why: "" });
    expect(await opened(Uint8Array.of(0x81, 0xa1, 0x61, 1), of(["msgpack"], "json"))).toMatchObject({ mode: "hex", why: expect.stringContaining("can be shown, not written") });
    expect(await opened(encoded("eyJhIjoxfQ=="), of(["base64", "json"], "json"))).toMatchObject({ text: '{"a":1}', mode: "json", wraps: [{ name: "base64" }] });
    expect(await opened(Uint8Array.of(1, 2, 3, 0xff), of(["snappy", "json"], "json"))).toMatchObject({ mode: "hex", why: expect.stringContaining("snappy") });
    expect(await opened(encoded("a"), null)).toMatchObject({ text: "a", mode: "text" });
    expect(await opened(encoded("a\u0000b"), null)).toMatchObject({ text: "61 00 62", mode: "hex" });
  });

  test("turns into hex and back", () => {
    const form = { text: "", bom: true, eol: "\r\n" as const };
    const hex = turned("a\r\n", "text", "hex", form);
    expect(hex?.text).toBe("ef bb bf 61 0d 0a");
    expect(turned(hex?.text ?? "", "hex", "text", null)).toMatchObject({ text: "a\r\n", form: { bom: true, eol: "\r\n" } });
    expect(turned("ff", "hex", "text", null)).toBeNull();
    expect(turned("f", "hex", "text", null)).toBeNull();
    expect(turned("a", "text", "json", form)).toEqual({ text: "a", form });
    expect(bytesIn("a", "text", form)).toEqual(encoded("\ufeffa"));
  });

  test("is compared in what it says: JSON laid out, line ends as bytes", async () => {
    const form = { text: "", bom: false, eol: "\n" as const };
    const value = (text: string) => ({ version: 5, mzxid: "0x5", data: encoded(text) });
    expect(await beside(value('{"a":1}'), { text: '{\n  "a": 2\n}', mode: "json", form, wraps: [] }, null)).toMatchObject({ text: '{"a":1}', theirs: '{\n  "a": 1\n}', mode: "json", same: false });
    expect(await beside(value('{"a":1}'), { text: '{"a": 1}', mode: "json", form, wraps: [] }, null)).toMatchObject({ theirs: '{"a":1}', mine: '{"a": 1}', same: false });
    expect(await beside(value("a\r\n"), { text: "a\n", mode: "text", form, wraps: [] }, null)).toMatchObject({ theirs: "61 0d 0a", mine: "61 0a", mode: "hex" });
    expect(await beside({ ...value(""), data: Uint8Array.of(0xff) }, { text: "a", mode: "text", form, wraps: [] }, null)).toMatchObject({ theirs: "ff", mine: "61", mode: "hex" });
    expect(await beside(value("a"), { text: "a", mode: "text", form, wraps: [] }, null)).toMatchObject({ same: true });
  });
});
