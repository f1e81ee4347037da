import { describe, expect, it, test } from "vitest";
import { aceFault, draftOf, isMasked, lockouts, OPEN, permWords, READ_ONLY, sameAcl, sentAce, whoWords } from "../../src/hands/aces";
import { insideItself, permitted, tops } from "../../src/hands/deeds";
import { duration, nameFault, probableName } from "../../src/hands/naming";
import { LARGEST, Payload, type Encoding } from "../../src/hands/payload";
import { Permits, permitsOf } from "../../src/hands/permits";
import { MOST, Picked } from "../../src/hands/picked";
import type { Stat } from "../../src/protocol";

describe("Permits", () => {
  const permits = new Permits(
    [
      { permission: "znode.create", prefix: "/app" },
      { permission: "subtree.delete", prefix: "/" },
      { permission: "subtree.export", prefix: "/" },
    ],
    ["/zookeeper", "/app/kept"],
  );

  it("hold at a prefix and below it, by whole segments", () => {
    expect(permits.may("znode.create", "/app")).toBe(true);
    expect(permits.may("znode.create", "/app/x/y")).toBe(true);
    expect(permits.may("znode.create", "/apple")).toBe(false);
    expect(permits.may("znode.set", "/app")).toBe(false);
  });

  it("end at protected prefixes, and above them for what concerns a whole subtree", () => {
    expect(permits.may("znode.create", "/app/kept")).toBe(false);
    expect(permits.may("znode.create", "/app/kept/x")).toBe(false);
    expect(permits.may("subtree.delete", "/app", true)).toBe(false);
    expect(permits.may("subtree.delete", "/app/other", true)).toBe(true);
    expect(permits.may("subtree.delete", "/", true)).toBe(false);
    expect(permits.may("subtree.export", "/", true)).toBe(true);
  });

  it("say where it is protection alone that keeps somebody from a change", () => {
    expect(permits.guarded("/app/kept/x")).toBe(true);
    expect(permits.guarded("/app/other")).toBe(false);
    expect(permitsOf(["subtree.export"]).guarded("/zookeeper"), "they could not change it anyway").toBe(false);
    expect(permitsOf(["znode.set"]).guarded("/zookeeper/quota")).toBe(true);
  });

  it("give a viewer nothing at all", () => {
    expect(permitsOf([]).any).toBe(false);
    expect(permitsOf(["node.kill", "audit.read"]).any).toBe(false);
    expect(permitsOf(["znode.set"]).any).toBe(true);
  });

  it("leave only what can be done to several where there are several", () => {
    const ids = (paths: string[]) => permitted(permitsOf(["znode.create", "znode.delete", "subtree.move"]), paths).map(({ id }) => id);
    expect(ids(["/a"])).toEqual(["copy-path", "compare", "create", "rename", "move", "delete"]);
    expect(ids(["/a", "/b"])).toEqual(["copy-path", "delete"]);
    expect(ids(["/zookeeper/quota"])).toEqual(["copy-path", "compare"]);
  });
});

test("what lies below another goes with it, and nothing goes into itself", () => {
  expect(tops(["/a", "/a/b", "/ab", "/c/d"])).toEqual(["/a", "/ab", "/c/d"]);
  expect(insideItself("/a", "/a/b")).toBe(true);
  expect(insideItself("/a", "/ab")).toBe(false);
});

test.each([
  ["", {}, "Type a name."],
  ["", { sequential: true }, ""],
  ["/a", {}, "does not start with '/'"],
  ["a/b", {}, "no '/' in it"],
  ["a/b", { parents: true }, ""],
  ["a//b", { parents: true }, "name missing"],
  ["..", {}, "'..' cannot be a name"],
  ["a\u0000", {}, "does not allow"],
  ["<img src=x onerror=alert(1)>", {}, ""],
])("the name %j with %o", (name, naming, words) => {
  const fault = nameFault("/p", name, naming);
  if (words) expect(fault).toContain(words);
  else expect(fault).toBe("");
});

test("the probable number counts creations: what ZooKeeper does", () => {
  // Of 5 that were created 2 were deleted: cversion 7, 3 children; the next one is the sixth.
  expect(probableName("c_", { cversion: 7, children: 3 } as Stat)).toBe("c_0000000005");
  expect(probableName("", { cversion: 0, children: 0 } as Stat)).toBe("0000000000");
  expect(probableName("c_", { cversion: 2 ** 32, children: 0 } as Stat)).toBeNull();
  expect(probableName("c_", null)).toBeNull();
});

test.each([["90 s", 90_000], ["90", 90_000], ["10 min", 600_000], ["2h", 7_200_000], ["1 d", 86_400_000], ["250ms", 250], ["", null], ["0", null], ["soon", null], ["99999 d", null]])(
  "the time %j", (text, ms) => expect(duration(text)).toBe(ms),
);

describe("Payload", () => {
  const given = (encoding: Encoding, text: string): Payload => Object.assign(new Payload(), { encoding, text });

  it("counts bytes, not characters", () => {
    expect(given("text", "äöü😀").size).toBe(10);
    expect(given("hex", "de ad\nBE ef").size).toBe(4);
    expect(given("base64", "aGVsbG8=").size).toBe(5);
  });

  it.each<[Encoding, string, string]>([
    ["json", '{"id": 9007199254740993}', ""],
    ["json", "{", "no JSON"],
    ["json", " ", "Type a JSON value"],
    ["hex", "de a", "one is missing"],
    ["hex", "xyz", "'x' is no hex digit (position 1)"],
    ["base64", "aGVsbG8=", ""],
    ["base64", "aGVsbG8", "groups of four"],
    ["base64", "a=VsbG8=", "groups of four"],
    ["base64", "aGV-", "'-' does not occur"],
    ["text", "\ud800", "half a character"],
  ])("checks %s %j", (encoding, text, words) => {
    const { fault } = given(encoding, text);
    if (words) expect(fault).toContain(words);
    else expect(fault).toBe("");
  });

  it("knows how much is too much", () => {
    expect(given("text", "x".repeat(LARGEST)).fault).toBe("");
    expect(given("text", "x".repeat(LARGEST + 1)).fault).toContain("at most");
  });

  it("sends JSON as it was typed", () => {
    expect(given("json", '{"id": 9007199254740993}').data).toEqual({ encoding: "text", value: '{"id": 9007199254740993}' });
  });

  it("sends a file byte by byte, and does not read one that is too large", async () => {
    const payload = given("file", "");
    expect(payload.fault).toBe("Choose a file.");
    const bytes = Uint8Array.from({ length: 20_000 }, (_, at) => at & 255);
    await payload.take(new File([bytes], "blob"));
    expect(payload.fault).toBe("");
    expect(Uint8Array.from(atob(payload.data.value), (c) => c.charCodeAt(0))).toEqual(bytes);
    await payload.take(new File([new Uint8Array(LARGEST + 1)], "blob"));
    expect(payload.fault).toContain("at most");
  });
});

describe("ACLs", () => {
  it("are said in words, and digests never", () => {
    const masked = { scheme: "digest", id: "bob:•••", perms: "rw" };
    expect(`${whoWords(masked)} ${permWords("rw")}.`).toBe("User bob may read its data, list its children and write its data.");
    expect(whoWords({ scheme: "digest", id: "bob:3dvNSdgb+yGCqWYxCN2kVDLDx+4=", perms: "r" })).toBe("User bob");
    expect(permWords("cdrwa")).toBe("may do anything");
    expect(isMasked(masked)).toBe(true);
    expect(isMasked({ scheme: "digest", id: "•••", perms: "r" })).toBe(true);
    expect(isMasked({ scheme: "digest", id: "bob:abc", perms: "r" })).toBe(false);
  });

  it("keep a masked digest, and send a password only where one was typed", () => {
    const kept = draftOf({ scheme: "digest", id: "bob:•••", perms: "rw" });
    expect(aceFault(kept)).toBe("");
    expect(sentAce(kept)).toEqual({ scheme: "digest", id: "bob:•••", perms: "rw" });
    expect(sentAce({ ...kept, password: "s" })).toEqual({ scheme: "digest", user: "bob", password: "s", perms: "rw" });
    expect(aceFault({ ...kept, id: "", user: "bo:b" })).toContain("':'");
    expect(aceFault({ ...kept, id: "", user: "eve" })).toContain("password");
  });

  it.each([
    [OPEN, []],
    [READ_ONLY, []],
    [[{ scheme: "world", id: "anyone", perms: "r" }], ["everybody"]],
    [[{ scheme: "world", id: "anyone", perms: "cdwa" }], ["everybody"]],
    [[{ scheme: "digest", id: "bob:•••", perms: "cdrwa" }], ["bridge", "bridge"]],
    [[{ scheme: "world", id: "anyone", perms: "r" }, { scheme: "ip", id: "10.0.0.1", perms: "a" }], ["bridge"]],
  ])("of %j lock out", (entries, who) => {
    expect(lockouts(entries).map((one) => one.who)).toEqual(who);
  });

  it("are the same in any order", () => {
    expect(sameAcl(READ_ONLY, [...READ_ONLY].reverse())).toBe(true);
    expect(sameAcl([{ scheme: "world", id: "anyone", perms: "rw" }], [{ scheme: "world", id: "anyone", perms: "wr" }])).toBe(true);
    expect(sameAcl(READ_ONLY, OPEN)).toBe(false);
  });
});

it("names the user of a digest as it is typed", () => {
  expect(whoWords({ scheme: "digest", id: "", perms: "r", user: "bob" })).toBe("User bob");
  expect(whoWords({ scheme: "digest", id: "bob:•••", perms: "r" })).toBe("User bob");
});

describe("Picked", () => {
  const pick = (path: string) => ({ path, version: 1, czxid: "0x1", children: 0 });

  it("holds what was picked, and nothing that was merely shown", () => {
    const picked = new Picked();
    picked.begin("/shown");
    picked.toggle(pick("/b"));
    expect(picked.paths).toEqual(["/b"]);
    picked.toggle(pick("/a"));
    expect(picked.paths).toEqual(["/b", "/a"]);
    picked.toggle(pick("/b"));
    expect(picked.paths).toEqual(["/a"]);
  });

  it("takes so many and no more, and forgets what is gone", () => {
    const picked = new Picked();
    expect(picked.extend(Array.from({ length: MOST }, (_, at) => pick(`/${at}`)))).toBe(true);
    expect(picked.extend([pick("/3")])).toBe(true);
    expect(picked.extend([pick("/more")])).toBe(false);
    picked.gone("/3");
    expect(picked.size).toBe(MOST - 1);
    picked.clear();
    expect(picked.from("/x")).toBe("/x");
  });
});
