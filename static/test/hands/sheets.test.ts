import { describe, expect, it, vi } from "vitest";
import { operator, type Answer } from "../../gallery/office";
import { Bench, problem, target } from "./support";

const OK: object = { result: "ok", zxid: "0x1" };

describe("Create", () => {
  it("keeps everything that was typed when it is refused", async () => {
    const bench = await Bench.operator(({ verb, address }) => (verb === "POST" && address === "/api/znodes" ? [403, problem("acl-denied", "The ACL forbids it.")] : undefined));
    bench.forest.add("/app");
    await bench.open("create", "/app");
    await bench.type("Name", "x");
    await bench.type("Data", "hello");
    await bench.tick("ephemeral");
    await bench.press("Create");
    expect(bench.text('[role="alert"]')).toContain("The ACL forbids it.");
    expect(bench.control("Name").value).toBe("x");
    expect(bench.control("Data").value).toBe("hello");
    expect(bench.control("ephemeral").checked).toBe(true);
    expect(bench.sent).toEqual(["POST /api/znodes"]);
    expect(bench.office.asked.at(-1)?.body).toEqual({
      path: "/app/x", data: { encoding: "text", value: "hello" }, kind: "ephemeral", sequential: false, parents: false, acl: [{ scheme: "world", id: "anyone", perms: "cdrwa" }],
    });
  });

  it("shows what it made, under the name that the server chose", async () => {
    const bench = await Bench.operator(({ address }) => (address === "/api/znodes" ? [201, { ...OK, path: "/app/c_0000000003" }] : undefined));
    bench.forest.add("/app");
    await bench.open("create", "/app");
    await bench.type("Name", "c_");
    await bench.tick("sequential");
    expect(bench.text()).toContain("Probably c_0000000000.");
    await bench.press("Create");
    expect(bench.hands.sheet).toBeNull();
    expect(bench.shown).toEqual(["/app/c_0000000003"]);
    expect([...bench.forest.open]).toEqual([]);
  });

  it("checks the name as it is typed", async () => {
    const bench = await Bench.operator();
    bench.forest.add("/app");
    bench.forest.add("/app/there");
    await bench.open("create", "/app");
    expect(bench.faults).toEqual([]);
    await bench.type("Name", "there");
    expect(bench.faults).toEqual(["There is a znode of this name already."]);
    await bench.tick("sequential");
    expect(bench.faults).toEqual([]);
    await bench.type("Name", "a/b");
    expect(bench.faults[0]).toContain("no '/' in it");
    await bench.tick("Make what is missing above it");
    expect(bench.faults).toEqual([]);
    await bench.type("Name", "a\u0001");
    expect(bench.faults[0]).toContain("does not allow");
    expect(bench.button("Create").disabled).toBe(true);
    expect(bench.sent).toEqual([]);
  });

  it("offers nothing below an ephemeral or a protected znode", async () => {
    const bench = await Bench.operator();
    bench.forest.add("/zookeeper");
    await bench.open("create", target("/e", { ephemeral: true }));
    expect(bench.hands.sheet).toBeNull();
    await bench.open("create", "/zookeeper");
    expect(bench.hands.sheet).toBeNull();
  });

  it("takes a time to live, and sequential names of any kind but containers", async () => {
    const bench = await Bench.operator(({ address }) => (address === "/api/znodes" ? [201, { ...OK, path: "/app/t" }] : undefined));
    bench.forest.add("/app");
    await bench.open("create", "/app");
    await bench.type("Name", "t");
    await bench.tick("TTL");
    await bench.type("Time to live", "soon");
    expect(bench.faults[0]).toContain("a time such as");
    await bench.type("Time to live", "2 h");
    await bench.tick("sequential");
    await bench.tick("container");
    expect(bench.text()).not.toContain("sequential");
    await bench.tick("TTL");
    await bench.press("Create");
    expect(bench.office.asked.at(-1)?.body).toMatchObject({ kind: "ttl", ttl: 7_200_000, sequential: false });
  });

  it("says that a result is unknown, and stays for another look", async () => {
    const bench = await Bench.operator(({ verb, address }) => (verb === "POST" && address === "/api/znodes" ? [504, problem("unknown", "The connection was lost.", { row: 7 })] : undefined));
    bench.forest.add("/app");
    await bench.open("create", "/app");
    await bench.type("Name", "x");
    await bench.press("Create");
    expect(bench.text('[data-tone="unknown"]')).toContain("The connection was lost.");
    expect(bench.toasts.shown).toMatchObject([{ tone: "unknown", title: "Create /app/x: unknown." }]);
  });
});

describe("Delete", () => {
  const deleted = ({ verb }: { verb: string }) => (verb === "DELETE" ? OK : undefined);

  it("names the version that was seen, and shows a change in between", async () => {
    const bench = await Bench.operator(deleted);
    bench.forest.add("/app", {}, "one");
    await bench.open("delete", "/app");
    expect(bench.text()).toContain("with 3 B of data, version 0");
    bench.forest.write("/app", "two");
    await bench.pass();
    expect(bench.text('[data-tone="unknown"]')).toContain("you saw version 0, and now it is version 1");
    await bench.press("Delete version 1 all the same");
    expect(bench.office.asked.at(-1)?.query.get("version")).toBe("1");
    expect(bench.hands.sheet).toBeNull();
  });

  it("tells one that was created anew from the one that was seen, though both are version 0, and wants another look", async () => {
    const bench = await Bench.operator(deleted);
    bench.forest.add("/app", {}, "one");
    await bench.open("delete", "/app");
    bench.forest.remove("/app");
    bench.forest.add("/app", {}, "other data", false);
    await bench.pass();
    expect(bench.text('[data-tone="unknown"]')).toContain("The znode that you saw was deleted, and another one was created");
    expect(bench.button("Delete").disabled).toBe(true);
    await bench.press("Delete");
    expect(bench.sent).toEqual([]);
    await bench.press("I mean the new one");
    expect(bench.text()).toContain("with 10 B of data, version 0");
    await bench.press("Delete");
    expect(bench.sent).toEqual(["DELETE /api/znodes"]);
  });

  it("does not delete what came after it was drawn", async () => {
    const bench = await Bench.operator(deleted);
    bench.forest.add("/app", {}, "one");
    await bench.open("delete", "/app");
    bench.forest.write("/app", "two");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await bench.press("Delete");
    expect(bench.sent).toEqual([]);
    await bench.press("Delete version 1 all the same");
    expect(bench.sent).toEqual(["DELETE /api/znodes"]);
  });

  it("is refused for one with children, and leads on to deleting them too", async () => {
    const bench = await Bench.operator(deleted, ({ address }) => (address === "/api/subtree" ? { exists: true, znodes: 2, bytes: 10, sessions: {} } : undefined));
    bench.forest.add("/app");
    bench.forest.add("/app/x");
    await bench.open("delete", "/app");
    expect(bench.text()).toContain("It has 1 child");
    expect(bench.button("Delete").disabled || bench.button("Delete it with all below").disabled).toBe(false);
    await bench.press("Delete it with all below");
    await bench.pass();
    expect(bench.hands.sheet?.kind).toBe("clear");
    expect(bench.sent).toEqual([]);
  });

  it("says whose an ephemeral is", async () => {
    const bench = await Bench.operator(deleted);
    bench.forest.add("/e", { kind: "ephemeral", holder: "node-5", leads: true });
    await bench.open("delete", "/e");
    expect(bench.text()).toContain("node-5 holds it, and leads by it.");
  });

  it("says so when it is gone already", async () => {
    const bench = await Bench.operator(deleted);
    bench.forest.add("/app");
    await bench.open("delete", "/app");
    bench.forest.remove("/app");
    await bench.pass();
    expect(bench.text()).toContain("There is no /app any more.");
  });
});

const subtree = ({ address }: { address: string }) =>
  address === "/api/subtree" ? { exists: true, znodes: 431, bytes: 68_412, ephemerals: 3, locked: 0, sessions: { "0x20003a7c5e0015": 2, "0xbeef": 1 } } : undefined;

describe("Delete with all below", () => {
  const job = { id: "j1", kind: "subtree.delete", path: "/app", who: "ann", state: "running", done: 0, total: 431, words: "", problem: null, parameters: {}, report: null, cancelling: false };

  it("counts, names the holders, asks for the path and keeps to a cap", async () => {
    const bench = await Bench.operator(subtree, ({ address }) => (address === "/api/jobs/delete" ? [202, { job }] : undefined));
    const session = Object.values(bench.view.stage?.nodes ?? {}).find(({ session: one }) => one)?.session ?? "";
    bench.office.answers.unshift(({ address }) => (address === "/api/subtree" ? { ...subtree({ address }), sessions: { [session]: 2, "0xbeef": 1 } } : undefined));
    await bench.open("clear", target("/app", { children: 9 }));
    expect(bench.text()).toMatch(/431 znodes with 66.8 KB of data\. 3 are ephemeral, held by other sessions: node-\d 2 znodes ?session 0xbeef 1 znode/);
    expect(bench.button("Delete 431 znodes").disabled).toBe(true);
    await bench.type("The path, to be sure", "/ap");
    expect(bench.faults).toEqual([]);
    await bench.type("The path, to be sure", "/apple");
    expect(bench.faults).toEqual(["This is not its path."]);
    await bench.type("The path, to be sure", "/app");
    await bench.type("Never more znodes than", "400");
    expect(bench.text()).toContain("There are 431 znodes: more than that.");
    await bench.press("Delete 431 znodes");
    expect(bench.sent).toEqual([]);
    await bench.type("Never more znodes than", "");
    await bench.press("Delete 431 znodes");
    expect(bench.office.asked.find(({ verb }) => verb === "POST")?.body).toEqual({ path: "/app", confirm: "/app", znodes: 431, cap: 475 });
    expect(bench.hands.sheet?.kind).toBe("job");
  });

  it("counts anew until somebody begins to agree to the number, and not after", async () => {
    let znodes = 431;
    const bench = await Bench.operator(({ address }) => (address === "/api/subtree" ? { ...subtree({ address }), znodes } : undefined));
    await bench.open("clear", target("/app", { children: 9 }));
    znodes = 900;
    await bench.pass(2_200);
    expect(bench.text()).toContain("900 znodes");
    await bench.type("The path, to be sure", "/app");
    znodes = 1_000;
    await bench.pass(2_200);
    expect(bench.button("Delete 900 znodes").disabled).toBe(false);
    bench.hands.close();
    bench.office.asked.length = 0;
    await bench.pass(2_200);
    expect(bench.office.asked).toEqual([]);
  }, 20_000);

  it("shows what the web process says against it", async () => {
    const bench = await Bench.operator(subtree, ({ verb }) => (verb === "POST" ? [409, problem("too-many", "There are 900 now.")] : undefined));
    await bench.open("clear", target("/app", { children: 9 }));
    await bench.type("The path, to be sure", "/app");
    await bench.press("Delete 431 znodes");
    expect(bench.text('[role="alert"]')).toContain("There are 900 now.");
    expect(bench.control("The path, to be sure").value).toBe("/app");
  });
});

describe("Copy, move, rename", () => {
  it("never into itself, nor where nothing is permitted", async () => {
    const bench = await Bench.operator(subtree);
    bench.forest.add("/app");
    bench.forest.add("/there");
    await bench.open("move", target("/app", { children: 9 }));
    for (const [to, fault] of [["/app", "where it is"], ["/app/x", "inside itself"], ["/zookeeper/x", "may not put"], ["app", "starts with '/'"], ["/none/x", "create it first"]] as const) {
      await bench.type("To", to);
      await vi.waitFor(() => expect(bench.faults[0] ?? "").toContain(fault));
    }
    await bench.type("To", "/there");
    await vi.waitFor(() => expect(bench.text()).toContain("What is there already"));
    await bench.type("To", "/new");
    await vi.waitFor(() => expect(bench.text()).not.toContain("What is there already"));
    expect(bench.button("Move").disabled).toBe(true);
    await bench.type("The old path, to be sure", "/app");
    expect(bench.button("Move").disabled).toBe(false);
    await bench.press("Move");
    expect(bench.office.asked.at(-1)?.body).toEqual({ path: "/app", to: "/new", confirm: "/app", existing: "fail", ephemerals: "skip", acl: true });
  });

  it("renames within the parent", async () => {
    const bench = await Bench.operator(subtree);
    bench.forest.add("/app");
    bench.forest.add("/app/old");
    await bench.open("rename", "/app/old");
    await bench.type("New name", "a/b");
    expect(bench.faults).toEqual(["A name has no '/' in it."]);
    await bench.type("New name", "new");
    await bench.type("The old path, to be sure", "/app/old");
    await bench.press("Rename");
    expect(bench.office.asked.at(-1)).toMatchObject({ address: "/api/jobs/move", body: { path: "/app/old", to: "/app/new" } });
  });
});

describe("Ephemeral znodes that are left out", () => {
  it.each(["move", "rename"] as const)("of a %s are said to stay, with what is above them", async (way) => {
    const bench = await Bench.operator(subtree);
    bench.forest.add("/app");
    await bench.open(way, target("/app", { children: 9 }));
    const words = "The 3 ephemeral znodes stay where they are, and so does what is above them, up to /app";
    expect(bench.text('[data-tone="unknown"]')).toContain(words);
    await bench.tick("as persistent");
    expect(bench.text()).not.toContain(words);
  });

  it("of a copy stay anyway", async () => {
    const bench = await Bench.operator(subtree);
    await bench.open("copy", target("/app", { children: 9 }));
    expect(bench.text()).not.toContain("stay where they are");
  });
});

describe("Change ACL", () => {
  const acl = [{ scheme: "world", id: "anyone", perms: "r" }, { scheme: "digest", id: "bob:•••", perms: "cdrwa" }];
  const reads = ({ verb, address }: { verb: string; address: string }) => (verb === "GET" && address === "/api/acl" ? { acl, aversion: 3 } : undefined);

  it("sends the version that it read, and a masked digest as it is", async () => {
    const bench = await Bench.operator(reads, ({ verb }) => (verb === "PUT" ? OK : undefined));
    await bench.open("acl", "/app");
    expect(bench.button("Change it").disabled).toBe(true);
    await bench.tick("Remove entry 1: Anyone").catch(() => {});
    (bench.root.querySelector('[aria-label="Remove entry 1: Anyone"]') as HTMLElement).click();
    await bench.pass();
    await bench.press("Change it");
    expect(bench.office.asked.at(-1)?.body).toEqual({ acl: [{ scheme: "digest", id: "bob:•••", perms: "cdrwa" }], aversion: 3 });
    expect(bench.hands.changedAcls).toBe(1);
  });

  it("asks again before everybody is locked out", async () => {
    const bench = await Bench.operator(reads, ({ verb }) => (verb === "PUT" ? OK : undefined));
    await bench.open("acl", "/app");
    (bench.root.querySelector('[aria-label="Remove entry 2: User bob"]') as HTMLElement).click();
    await bench.pass();
    expect(bench.text()).toContain("Nobody could ever change this ACL again");
    expect(bench.button("Change it").disabled).toBe(true);
    await bench.tick("I want this");
    expect(bench.button("Change it").disabled).toBe(false);
  });

  it("shows both in a conflict, and lets either win", async () => {
    const theirs = { acl: [{ scheme: "world", id: "anyone", perms: "cdrwa" }], aversion: 4 };
    let turn = 0;
    const bench = await Bench.operator(
      ({ verb, address }) => (verb === "GET" && address === "/api/acl" ? ((turn += 1) === 1 ? { acl, aversion: 3 } : theirs) : undefined),
      ({ verb, body }) => (verb === "PUT" ? ((body as { aversion: number }).aversion === 4 ? OK : [409, problem("wrong-version")]) : undefined),
    );
    await bench.open("acl", "/app");
    (bench.root.querySelector('[aria-label="Remove entry 1: Anyone"]') as HTMLElement).click();
    await bench.pass();
    await bench.press("Change it");
    await bench.pass();
    expect(bench.text()).toContain("Somebody has changed this ACL since you opened it.");
    expect(bench.text(".acl")).toContain("Anyone may do anything.");
    await bench.press("Put mine over it");
    expect(bench.office.asked.at(-1)?.body).toEqual({ acl: [{ scheme: "digest", id: "bob:•••", perms: "cdrwa" }], aversion: 4 });
    expect(bench.hands.sheet).toBeNull();
  });

  it("goes below on request, with the path typed in", async () => {
    const bench = await Bench.operator(reads);
    await bench.open("acl", target("/app", { children: 4 }));
    await bench.tick("Also all below");
    await bench.tick("add");
    expect(bench.button("Change all of them").disabled).toBe(true);
    await bench.type("The path, to be sure", "/app");
    await bench.press("Change all of them");
    expect(bench.office.asked.at(-1)).toMatchObject({ address: "/api/jobs/acl", body: { path: "/app", mode: "add", confirm: "/app", acl: [{ scheme: "world" }, { id: "bob:•••" }] } });
  });

  it("takes away below even what lets somebody change an ACL again, only where somebody says so", async () => {
    const bench = await Bench.operator(reads);
    await bench.open("acl", target("/app", { children: 4 }));
    await bench.tick("Also all below");
    (bench.root.querySelector('[aria-label="Remove entry 2: User bob"]') as HTMLElement).click();
    await bench.pass();
    expect(bench.text()).toContain("Nobody could ever change this ACL again");
    await bench.tick("remove");
    // What is taken away shuts out nobody by what it is.
    expect(bench.text()).not.toContain("Nobody could ever change this ACL again");
    await bench.type("The path, to be sure", "/app");
    await bench.tick("Even the last who may change one");
    await bench.press("Change all of them");
    expect(bench.office.asked.at(-1)).toMatchObject({ address: "/api/jobs/acl", body: { mode: "remove", force: true } });
    const other = await Bench.operator(reads);
    await other.open("acl", target("/app", { children: 4 }));
    await other.tick("Also all below");
    await other.tick("remove");
    await other.type("The path, to be sure", "/app");
    await other.press("Change all of them");
    expect(other.office.asked.at(-1)?.body).not.toHaveProperty("force");
  });
});

describe("The ready-made ACLs of a new znode", () => {
  const anonymous: Answer = (request) => (request.address === "/api/me" ? { ...operator(request), signs_in: false } : undefined);

  it("leave out 'read-only' where nobody would be left to change it", async () => {
    const bench = await Bench.operator(anonymous);
    await bench.open("create", "/app");
    expect(bench.control("read-only").disabled).toBe(true);
    expect(bench.text()).toContain("Zooscope signs in to this ensemble as nobody");
    await bench.tick("own entries");
    expect(bench.text(".aces")).not.toContain("Whoever Zooscope is signed in as");
  });

  it("have it where Zooscope signs in", async () => {
    const bench = await Bench.operator();
    await bench.open("create", "/app");
    expect(bench.control("read-only").disabled).toBe(false);
    await bench.tick("own entries");
    expect(bench.text(".aces")).toContain("Whoever Zooscope is signed in as may do anything.");
  });
});

describe("Import", () => {
  const done = (report: object) => ({
    id: "j1", kind: "subtree.import", path: "/app", who: "ann", state: "done", done: 4, total: 4, words: "Nothing was changed.", parameters: { dry_run: true }, report, cancelling: false, ended: 1,
  });
  const choose = async (bench: Bench): Promise<void> => {
    const control = bench.control("The export to import");
    Object.defineProperty(control, "files", { value: [new File(["{}\n"], "export.ndjson")] });
    control.dispatchEvent(new Event("change"));
    await bench.pass();
  };

  it("runs dry first, and is applied only as it was looked at", async () => {
    const report = { counts: { create: 3, overwrite: 1, same: 0, skip: 0, conflict: 0 }, differences: [{ path: "x", what: "create" }], more: false };
    const bench = await Bench.operator(({ address }) => (address === "/api/jobs/import" ? [202, { job: done(report) }] : undefined));
    await bench.open("import", "/app");
    expect(bench.button("Dry run").disabled).toBe(true);
    await choose(bench);
    await bench.tick("overwrite");
    await bench.press("Dry run");
    expect(bench.office.asked[0]?.query.toString()).toBe("path=%2Fapp&existing=overwrite&ephemerals=skip&acl=true&dry_run=true");
    expect(bench.text(".report")).toContain("3 to create");
    await bench.press("Change the options");
    expect(bench.control("overwrite").checked).toBe(true);
    expect(bench.text()).toContain("export.ndjson");
    await bench.press("Dry run");
    await bench.press("Create 3, overwrite 1");
    expect(bench.office.asked.at(-1)?.query.get("dry_run")).toBe("false");
  });

  it("cannot be applied while something is in the way", async () => {
    const report = { counts: { create: 3, overwrite: 0, same: 0, skip: 0, conflict: 1 }, differences: [], more: false };
    const bench = await Bench.operator(({ address }) => (address === "/api/jobs/import" ? [202, { job: done(report) }] : undefined));
    await bench.open("import", "/app");
    await choose(bench);
    await bench.press("Dry run");
    expect(() => bench.button("Create")).toThrow();
    expect(bench.button("Change the options")).toBeTruthy();
  });
});

describe("hostile paths", () => {
  const path = "/h/<img src=x onerror=alert(1)>\u202e'\"><script>alert(1)</script>{{7*7}}";

  it.each(["create", "delete", "clear", "acl", "export", "import", "compare", "copy", "move", "rename"] as const)("are text in %s", async (deed) => {
    const bench = await Bench.operator(subtree, ({ address }) => (address === "/api/acl" ? { acl: [{ scheme: "sasl", id: path, perms: "r" }, { scheme: path, id: path, perms: "a" }], aversion: 0 } : undefined));
    bench.forest.add("/h");
    bench.forest.add(path, {}, path);
    await bench.open(deed, target(path, { children: deed === "clear" ? 1 : 0 }));
    expect(bench.text()).toContain("<img src=x onerror=alert(1)>");
    expect(bench.text()).not.toContain("\u202e");
    expect(bench.root.querySelectorAll("img, script")).toHaveLength(0);
  });
});
