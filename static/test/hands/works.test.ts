import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Office, type Answer } from "../../gallery/office";
import { Jobs, type Job } from "../../src/hands/jobs";
import { progress, titleOf } from "../../src/hands/jobview";
import { kindWords, placeOf, reportIn, wasDone } from "../../src/hands/report";
import { Actions } from "../../src/page/actions";

const job = (id: string, more: Partial<Job> = {}): Job => ({
  id, kind: "subtree.delete", path: "/app", who: "ann", state: "running", done: 0, total: 500, words: "", problem: null, parameters: {}, report: null, cancelling: false, ended: null, ...more,
});

let listed: Job[];
let ended: Job[];
let office: Office;
let jobs: Jobs;

beforeEach(() => {
  vi.useFakeTimers();
  listed = [];
  ended = [];
  office = new Office();
  const list: Answer = ({ verb, address }) => (verb === "GET" && address === "/api/jobs" ? { jobs: listed } : undefined);
  office.answers.push(list, ({ address }) => (address === "/api/jobs/delete" ? [202, { job: job("new") }] : address.endsWith("/cancel") ? {} : undefined));
  jobs = new Jobs(new Actions("t", () => {}, office.fetch), () => {}, (one) => ended.push(one));
});

afterEach(() => void vi.useRealTimers());

const asked = (): number => office.asked.filter(({ verb }) => verb === "GET").length;

describe("Jobs", () => {
  it("are asked for at most twice a second, and only while something runs", async () => {
    listed = [job("a")];
    await jobs.refresh();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(asked()).toBeGreaterThan(5);
    expect(asked()).toBeLessThanOrEqual(12);
    listed = [job("a", { state: "done", done: 500, words: "Removed 500 znodes: all there were." })];
    await vi.advanceTimersByTimeAsync(1_000);
    const before = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(before);
    expect(ended.map(({ id, state }) => `${id} ${state}`)).toEqual(["a done"]);
  });

  it("that ended before the page was opened are not told of as news", async () => {
    listed = [job("old", { state: "failed" })];
    await jobs.refresh();
    expect(ended).toEqual([]);
    expect(jobs.all).toHaveLength(1);
  });

  it("are asked for again, slowly, where nobody answers", async () => {
    listed = [job("a")];
    await jobs.refresh();
    office.answers.length = 0;
    await vi.advanceTimersByTimeAsync(600);
    const before = asked();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(asked() - before).toBe(3);
    expect(jobs.running).toHaveLength(1);
  });

  it("can be waited for; then nobody else tells of their end", async () => {
    const { id } = await jobs.begin("/api/jobs/delete", {}, {});
    const settled = jobs.settled(id as string);
    listed = [job("new", { state: "cancelled", done: 412 })];
    await vi.advanceTimersByTimeAsync(600);
    expect(await settled).toMatchObject({ state: "cancelled", done: 412 });
    expect(ended).toEqual([]);
  });

  it("are never begun twice, and say what kept them", async () => {
    office.answers.unshift(({ verb }) => (verb === "POST" ? [409, { problem: { code: "too-many", text: "Three run.", hint: "" } }] : undefined));
    const { id, outcome } = await jobs.begin("/api/jobs/delete", {}, {});
    expect(id).toBeNull();
    expect(outcome.problem?.code).toBe("too-many");
    expect(office.asked).toHaveLength(1);
  });
});

describe("A report", () => {
  it("leads to where a znode stands", () => {
    const compared = job("c", { path: "/a", parameters: { left: "/a", right: "/b/c" } });
    expect(placeOf(compared, "x/y", "differs")).toBe("/a/x/y");
    expect(placeOf(compared, "x", "only-right")).toBe("/b/c/x");
    expect(placeOf(compared, "", "only-left")).toBe("/a");
    expect(placeOf(job("f", { path: "/" }), "x", "only-left")).toBe("/x");
    expect(placeOf(job("f", { path: "/a", parameters: { name: "export.ndjson" } }), "x", "only-right")).toBeNull();
    expect(placeOf(job("m", { path: "/a", parameters: { to: "/b" } }), "x", "create")).toBe("/b/x");
  });

  it("of a move leads to what stayed where it was", () => {
    const moved = job("m", { path: "/a", parameters: { to: "/b" }, report: { counts: { moved: 3, skip: 1 }, differences: [], more: false } });
    expect(placeOf(moved, "x", "skip")).toBe("/a/x");
    expect(placeOf({ ...moved, report: { counts: { skip: 1 }, differences: [], more: false } }, "x", "skip")).toBe("/b/x");
  });

  it("is only one that has the shape of one", () => {
    expect(reportIn(null)).toBeNull();
    expect(reportIn({ counts: { same: 1 } })).toBeNull();
    expect(reportIn({ counts: { same: 1 }, differences: [{ path: "x", what: "create" }], more: false })).toEqual({
      counts: { same: 1 }, differences: [{ path: "x", what: "create", differs: [] }], more: false,
    });
  });

  it("of what was carried out is in the past, of a dry run or of what ended early in the future", () => {
    const words = (more: Partial<Job>) => kindWords("create", wasDone(job("a", { kind: "subtree.copy", ...more })));
    expect(words({ state: "done" })).toBe("created");
    expect(words({ state: "done", parameters: { dry_run: true } })).toBe("to create");
    expect(words({ state: "cancelled" })).toBe("to create");
    expect(kindWords("same", true)).toBe("the same");
  });
});

describe("A work", () => {
  it("that renames is called so; one that goes elsewhere moves", () => {
    const moved = (to: string) => titleOf(job("a", { kind: "subtree.move", path: "/app/old", parameters: { to } }));
    expect([moved("/app/new"), moved("/new"), moved("/app/x/new")]).toEqual(["Rename /app/old", "Move /app/old", "Move /app/old"]);
  });

  it("that ended without a step has no bar", () => {
    const bar = (more: Partial<Job>) => typeof progress(job("a", more)) === "object";
    expect(bar({ state: "running", total: null })).toBe(true);
    expect(bar({ state: "done", done: 500 })).toBe(true);
    expect(bar({ state: "cancelled", done: 20 })).toBe(true);
    expect(bar({ state: "done", done: 0 })).toBe(false);
    expect(bar({ state: "done", done: 500, parameters: { dry_run: true } })).toBe(false);
  });
});
