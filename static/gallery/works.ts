// An office with answers of fixed values: counts, ACLs, works in every state.
import { Office, operator, type Answer } from "./office";

const ACL = [
  { scheme: "world", id: "anyone", perms: "r" },
  { scheme: "digest", id: "bob:•••", perms: "rw" },
  { scheme: "auth", id: "", perms: "cdrwa" },
];

const work = (id: string, kind: string, path: string, more: object) => ({
  id, kind: `subtree.${kind}`, path, who: "ann", state: "done", done: 0, total: null, words: "", problem: null, parameters: {}, report: null, cancelling: false, ...more,
});

export const WORKS = [
  work("w0", "delete", "/tasks", { state: "running", done: 41_200, total: 100_001, words: "Removed 41,200 of 100,001 znodes." }),
  work("w1", "copy", "/config", { state: "running", words: "Counting." }),
  work("w2", "delete", "/assign", { state: "cancelled", done: 412, total: 500, words: "Removed 412 of 500 znodes; then it was cancelled." }),
  work("w3", "move", "/service_registry", {
    state: "unknown", done: 500, total: 1200, words: "Copied 500 of 1,200 znodes; what became of 500 more is not known.",
    problem: { code: "unknown", text: "The result of a step was lost.", hint: "Look before you begin anew; that goes on where this ended." },
  }),
  work("w4", "acl", "/hostile/<img src=x onerror=alert(1)>", {
    state: "failed", done: 3, total: 11, words: "Changed 3 of 11 ACLs.",
    problem: { code: "acl-denied", text: "The ACL of /hostile/x does not let Zooscope change it.", hint: "Give the bridge's user admin rights there." },
  }),
  work("w5", "import", "/config", {
    done: 431, total: 431, words: "3 znodes would be created, 2 overwritten; 424 are the same, 1 would be skipped, 1 is in the way. Nothing was changed.", parameters: { dry_run: true },
    report: {
      counts: { create: 3, overwrite: 2, same: 424, skip: 1, conflict: 1 }, more: false,
      differences: [
        { path: "", what: "overwrite", differs: ["acl"] }, { path: "blob", what: "overwrite", differs: ["data", "acl"] }, { path: "long", what: "conflict", differs: ["kind"] },
        { path: "new", what: "create" }, { path: "new/<script>alert(1)</script>", what: "create" }, { path: `new/${"very-long-".repeat(30)}`, what: "create" }, { path: "rollout", what: "skip", differs: [] },
      ],
    },
  }),
  work("w7", "copy", "/config", {
    done: 3, total: 3, words: "Copied 3 of 3 znodes to /there.", parameters: { to: "/there" },
    report: { counts: { create: 3, overwrite: 0, same: 0, skip: 0, conflict: 0 }, more: false, differences: [{ path: "", what: "create" }, { path: "blob", what: "create" }, { path: "long", what: "create" }] },
  }),
  work("w6", "compare", "/config", {
    done: 500, total: 500, words: "12 znodes differ, 1 is only on the left, 2 only on the right; 485 are the same.", parameters: { left: "/config", right: "/deep" },
    report: {
      counts: { same: 485, "only-left": 1, "only-right": 2, differs: 12 }, more: true,
      differences: [{ path: "blob", what: "differs", differs: ["data"] }, { path: "long", what: "only-left" }, { path: "level-0", what: "only-right" }, { path: "rollout", what: "differs", differs: ["kind", "acl"] }],
    },
  }),
];

const answers: Answer[] = [
  operator,
  ({ address, verb }) => (address === "/api/jobs" && verb === "GET" ? { jobs: WORKS } : undefined),
  ({ address, path }) => (address === "/api/acl" ? { acl: ACL, aversion: 3, path } : undefined),
  ({ address }) => (address === "/api/subtree" ? { exists: true, znodes: 431, bytes: 68_412, ephemerals: 8, locked: 1, sessions: { "0x100000000000003": 5, "0x200003a7c5e0004": 3 } } : undefined),
];

/** `refuse`: the code of the problem with which every change ends. */
export function sampleOffice(refuse: string | null): Office {
  const office = new Office();
  const problem = { code: refuse, text: "The ACL of /config does not let Zooscope create children there.", hint: "Sign the bridge in as a user who may." };
  if (refuse) office.answers.push(({ verb }) => (verb === "GET" ? undefined : [refuse === "unknown" ? 504 : 409, { problem }]));
  office.answers.push(...answers);
  return office;
}
