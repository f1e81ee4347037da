import { describe, expect, it } from "vitest";
import type { Answer } from "../../gallery/office";
import { Bench, problem } from "./support";

const OK: object = { result: "ok", zxid: "0x1" };
const pick = (path: string, children = 0) => ({ path, version: 2, czxid: "0x2a", children });
const weigh = (path: string, znodes: number, more: object = {}): Answer => ({ address, path: asked }) =>
  address === "/api/subtree" && asked === path ? { exists: true, znodes, bytes: 100 * znodes, ephemerals: 0, locked: 0, sessions: {}, ...more } : undefined;
/** Each as a leaf. */
const leaves: Answer = ({ address }) => (address === "/api/subtree" ? { exists: true, znodes: 1, bytes: 3, ephemerals: 0, locked: 0, sessions: {} } : undefined);

async function picked(picks: readonly ReturnType<typeof pick>[], ...answers: Answer[]): Promise<Bench> {
  const bench = await Bench.operator(...answers);
  for (const one of picks) bench.hands.picked.toggle(one);
  await bench.open("delete", ...picks.map(({ path }) => path));
  await bench.pass();
  return bench;
}

const changes = (bench: Bench) => bench.office.asked.filter(({ verb }) => verb !== "GET");

describe("Several without children", () => {
  it("are deleted one after the other, each in its version, and what came of each is said", async () => {
    const bench = await picked([pick("/a"), pick("/b"), pick("/c")], leaves, ({ verb, path }) => (verb !== "DELETE" ? undefined : path === "/b" ? [409, problem("wrong-version", "It was changed.")] : OK));
    expect(bench.text()).toContain("each only if it is still the one, and in the version, that you picked.");
    expect(bench.text(".counted")).toBe("3 znodes with 9 B of data.");
    await bench.press("Delete 3 znodes");
    await bench.pass();
    expect(bench.text()).toContain("2 of 3 done; 1 not done.");
    expect(bench.text()).toContain("It was changed.");
    expect(changes(bench).map(({ path, query }) => `${path} ${query.get("version")} ${query.get("czxid")}`)).toEqual(["/a 2 0x2a", "/b 2 0x2a", "/c 2 0x2a"]);
    expect(bench.hands.picked.size).toBe(0);
  });

  it("end with the first whose result is unknown", async () => {
    const bench = await picked([pick("/a"), pick("/b"), pick("/c")], leaves, ({ path, verb }) => (verb !== "DELETE" ? undefined : path === "/b" ? [504, problem("unknown")] : OK));
    await bench.press("Delete 3 znodes");
    await bench.pass();
    expect(bench.text()).toContain("1 of 3 done; 1 unknown, 1 not begun.");
  });

  it("are not deleted before they are counted, nor where they cannot be", async () => {
    const bench = await picked([pick("/a"), pick("/b")], weigh("/a", 1), ({ address }) => (address === "/api/subtree" ? [503, problem("bridge-gone", "The bridge does not answer.")] : undefined));
    expect(bench.text('[role="alert"]')).toContain("The bridge does not answer.");
    await bench.press("Delete");
    expect(changes(bench)).toEqual([]);
  });

  it("say how far they came where the sheet is closed meanwhile", async () => {
    let answer: () => void = () => {};
    const bench = await picked([pick("/a"), pick("/b"), pick("/c")], leaves, ({ verb }) => (verb === "DELETE" ? OK : undefined));
    const request = bench.hands.actions.request.bind(bench.hands.actions);
    bench.hands.actions.request = async (...asked) => {
      if (asked[0] === "DELETE") await new Promise<void>((resolve) => (answer = resolve));
      return request(...asked);
    };
    await bench.press("Delete 3 znodes");
    bench.hands.close();
    expect(bench.toasts.shown.at(-1)).toMatchObject({ tone: "unknown", title: "Delete 3 picked znodes: stopping." });
    answer();
    await bench.pass();
    expect(bench.toasts.shown).toHaveLength(1);
    expect(bench.toasts.shown[0]).toMatchObject({ tone: "problem", title: "Delete 3 picked znodes: stopped.", text: "1 of 3 done; 2 not begun." });
    expect(changes(bench)).toHaveLength(1);
  });
});

describe("Several with children", () => {
  const job = (path: string) => ({ id: `j${path}`, kind: "subtree.delete", path, who: "ann", state: "done", done: 1, total: 1, words: "Removed.", problem: null, parameters: {}, report: null, cancelling: false, ended: 1 });

  it("are counted first: how many go, how much, and whose; that number is typed, and is the cap of each", async () => {
    let a = 4;
    const counts: Answer[] = [
      (request) => weigh("/a", a, { ephemerals: 2, sessions: { "0xbeef": 2 } })(request),
      weigh("/b", 451, { ephemerals: 1, sessions: { "0xbeef": 1 } }),
      weigh("/c", 1),
    ];
    const bench = await picked([pick("/a", 3), pick("/a/x"), pick("/b", 9), pick("/c")], ...counts,
      ({ verb, address, body }) => (verb === "POST" && address === "/api/jobs/delete" ? [202, { job: job((body as { path: string }).path) }] : verb === "DELETE" ? OK : undefined));
    expect(bench.text()).toContain("Delete 456 znodes?");
    expect(bench.text(".counted")).toBe("456 znodes with 44.5 KB of data. 3 are ephemeral, held by other sessions: session 0xbeef 3 znodes");
    expect(bench.text()).toContain("2 of them have children, which go too.");
    expect(bench.text()).toContain("one without children only if it is still the one, and in the version, that you picked; one with children with all below");
    expect(bench.text(".batch")).toContain("/b451 znodes, 44.0 KB");
    expect(bench.button("Delete 456 znodes").disabled).toBe(true);
    await bench.type("To be sure", "delete 3");
    expect(bench.button("Delete 456 znodes").disabled).toBe(true);
    await bench.type("To be sure", "delete 456");
    // What comes after the person began to agree was not agreed to.
    a = 400;
    await bench.press("Delete 456 znodes");
    await bench.pass();
    expect(changes(bench).map(({ verb, path, body }) => [verb, path, body])).toEqual([
      ["POST", "", { path: "/a", confirm: "/a", znodes: 4, cap: 4 }],
      ["POST", "", { path: "/b", confirm: "/b", znodes: 451, cap: 451 }],
      ["DELETE", "/c", undefined],
    ]);
    expect(bench.text()).toContain("3 of 3 done.");
  });

  it("say nothing of versions where all have children, and a thousand may be typed with its comma", async () => {
    const bench = await picked([pick("/a", 3), pick("/b", 9)], weigh("/a", 1_000), weigh("/b", 500));
    expect(bench.text()).not.toContain("version");
    expect(bench.text()).toContain("Type delete 1,500");
    for (const typed of ["delete 1,500", "delete 1500"]) {
      await bench.type("To be sure", typed);
      expect(bench.button("Delete 1,500 znodes").disabled).toBe(false);
    }
  });
});
