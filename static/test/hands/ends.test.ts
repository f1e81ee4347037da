// How sheets end: given up, or with what they have made.
import { describe, expect, it } from "vitest";
import type { Answer } from "../../gallery/office";
import { Bench, target } from "./support";

const subtree = ({ address }: { address: string }) =>
  address === "/api/subtree" ? { exists: true, znodes: 431, bytes: 68_412, ephemerals: 3, locked: 0, sessions: { "0x20003a7c5e0015": 2, "0xbeef": 1 } } : undefined;

describe("What a work has made", () => {
  const job = (kind: string, more: object) => ({
    id: "j1", kind: `subtree.${kind}`, path: "/app/old", who: "ann", state: "done", done: 1, total: 1, words: "Done with it.", problem: null, parameters: {}, report: null, cancelling: false, ended: 1, ...more,
  });

  it.each(["done", "running", "failed"])("is shown after a rename that is %s once it is done, and no other", async (state) => {
    const renamed = job("move", { parameters: { to: "/app/new" } });
    let listed: object[] = [];
    const bench = await Bench.operator(subtree, ({ verb, address }) => (verb === "POST" ? [202, { job: { ...renamed, state } }] : address === "/api/jobs" ? { jobs: listed } : undefined));
    bench.forest.add("/app");
    bench.forest.add("/app/old");
    await bench.open("rename", "/app/old");
    await bench.type("New name", "new");
    await bench.type("The old path, to be sure", "/app/old");
    await bench.press("Rename");
    expect(bench.shown).toEqual(state === "done" ? ["/app/new"] : []);
    if (state !== "running") return;
    listed = [renamed];
    await bench.hands.jobs.refresh();
    await bench.pass();
    expect(bench.shown).toEqual(["/app/new"]);
    expect(bench.text("h2")).toBe("Rename /app/old");
  });

  it.each([
    ["copy", { parameters: { to: "/there" } }, "/there"],
    ["import", { parameters: { dry_run: false } }, "/app/old"],
    ["import", { parameters: { dry_run: true } }, null],
    ["copy", { parameters: { to: "/there" }, state: "cancelled" }, null],
    ["delete", {}, null],
  ] as const)("by a %s %j can be gone to: %s", async (kind, more, path) => {
    const bench = await Bench.operator();
    bench.office.answers.unshift(({ address }) => (address === "/api/jobs" ? { jobs: [job(kind, more)] } : undefined));
    await bench.hands.jobs.refresh();
    bench.hands.openJob("j1");
    await bench.pass();
    if (path === null) return expect(() => bench.button("Show it")).toThrow();
    await bench.press("Show it");
    expect([bench.shown, bench.hands.sheet]).toEqual([[path], null]);
  });
});

describe("Leaving", () => {
  const acls: Answer = ({ verb, address }) => (verb === "GET" && address === "/api/acl" ? { acl: [{ scheme: "world", id: "anyone", perms: "r" }], aversion: 3 } : undefined);
  const begin: Record<string, (bench: Bench) => Promise<void>> = {
    create: (bench) => bench.type("Data", "hello"),
    copy: (bench) => bench.type("To", "/elsewhere"),
    compare: (bench) => bench.type("The other path", "/elsewhere"),
    acl: (bench) => bench.press("Add an entry"),
  };

  it.each(["create", "copy", "compare", "acl"] as const)("%s with something typed asks first, and not again once it is filled in further", async (deed) => {
    const bench = await Bench.operator(acls, subtree);
    bench.forest.add("/app");
    await bench.open(deed, target("/app", { children: 9 }));
    await begin[deed]!(bench);
    const { sheet } = bench.hands;
    await bench.press("Cancel");
    expect([bench.hands.sheet, bench.hands.leaving]).toEqual([sheet, true]);
    bench.hands.stay();
    bench.hands.leave();
    expect(bench.hands.sheet).toBe(sheet);
    bench.hands.leave();
    expect([bench.hands.sheet, bench.hands.leaving]).toEqual([null, false]);
  });

  it.each(["create", "copy", "compare", "acl", "clear", "delete"] as const)("%s with nothing typed closes at once", async (deed) => {
    const bench = await Bench.operator(acls, subtree);
    bench.forest.add("/app");
    await bench.open(deed, target("/app", { children: deed === "delete" ? 0 : 9 }));
    await bench.press("Cancel");
    expect(bench.hands.sheet).toBeNull();
  });
});
