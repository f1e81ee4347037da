// Runs of scenarios in each of their states, for looking at the lab's page and for tests of it.
import type { Fact, Play, Scenario, Scenarios, Step } from "../src/protocol";
import { NOW } from "./samples";

const KNOWN: readonly [name: string, title: string, shows: string, hindered?: string][] = [
  ["single-point", "A single point of failure", "One server stops: every client is suspended and nothing can be written, though no data is lost. It starts again, and everybody is back, with the same session.", "It needs one server, 2 nodes or more, and this lab has 3 servers. It takes a lab of its own, started from a terminal."],
  ["quorum", "Quorum arithmetic", "Three servers can lose one, four also one, five two: more than half must be up. With one more lost nothing can be written, until one of them is back."],
  ["kill-leader", "Kill the leader", "A leader that closes its session is replaced at once; a killed one only when its session has expired. Either way exactly one client wakes."],
  ["herd-chain", "Herd against chain", "Where everybody watches the leader, its death wakes all others, of whom one is needed; where each watches the one just ahead, it wakes that one."],
  ["zombie", "The zombie leader", "A frozen leader wakes after another was elected, and still believes that it leads. Its write carries the czxid of its old candidate; the storage has seen a higher one, and refuses it."],
];

const known = (more: Partial<Scenario> = {}): Record<string, Scenario> =>
  Object.fromEntries(KNOWN.map(([name, title, shows, hindered]) => [name, { name, title, shows, needs: "any number of servers", ...(hindered ? { hindered, commands: ["SERVERS=1 make demo", `.venv/bin/python manage.py scenario ${name}`] } : {}), ...more }]));

const began = NOW - 9_400;

const step = (words: string, after: number, ms: number | null, found = "", state: Step["state"] = "done"): Step => ({
  words, at: began + after, state, found, ...(ms === null ? {} : { ms }),
});
const fact = (at: number, words: string, found: string, expected = found, holds = true): Fact => ({ words, expected, found, holds, at: NOW, step: at });

const STEPS: Step[] = [
  step("Look who leads and who is next in line", 0, 1, "node-1 leads; node-2 watches its znode."),
  step("Stop node-1: SIGTERM, and it closes its session", 4, 41, "node-2 leads 10 ms later; 1 client woke."),
  step("Kill node-2: SIGKILL, and its session lives on", 52, 46, "Its znodes stay; the countdown says 3.3 s (the ensemble's leader says)."),
];
const FACTS: Fact[] = [
  fact(1, "Who leads after a close", "node-2"), fact(1, "From the close to the new leader", "10 ms", "under 500 ms"), fact(1, "Clients woken by the close", "1"),
  fact(2, "Who leads while the countdown runs", "node-2"),
];
const LAST: Fact[] = [fact(3, "Who leads after the kill", "node-3"), fact(3, "From the kill to the watch", "4.3 s", "2.7 to 5.5 s"), fact(3, "Clients woken by the kill", "1")];
const WAITED = step("Wait for the end of its session", 98, 4_330, "The watch fired 4.3 s after the kill; node-3 leads 2 ms later.");
const BACK = step("Put everything back as it was", 4_430, 810, "Servers, nodes and tree are as before.");

const play = (more: Partial<Play>): Play => ({
  run: "r1", name: "kill-leader", title: "Kill the leader", state: "passed", by: "ann", began, steps: [...STEPS, WAITED, BACK], facts: [...FACTS, ...LAST], ended: began + 5_240,
  words: "7 facts checked, all as expected.", ...more,
});
const now = (more: Partial<Play>): Play => {
  const { ended: _, words: __, ...rest } = play({});
  return { ...rest, ...more };
};

const past = (state: "passed" | "failed" | "cancelled", words: string) => [{ run: "r1", name: "kill-leader", title: "Kill the leader", state, by: "ann", began, ended: began + 5_240, words }];
const value = (more: Partial<Scenarios>): Scenarios => ({ known: known(), order: KNOWN.map(([name]) => name), ...more });

const FAILED = "Not as expected: Clients woken by the kill: 2 instead of 1.";

export const SCENARIOS: Record<string, () => Scenarios> = {
  none: () => value({}),
  running: () => value({ play: now({ state: "running", steps: [...STEPS, step("Wait for the end of its session", 98, null, "", "running")], facts: FACTS }), known: known() }),
  "putting-back": () => value({ play: now({ state: "putting-back", steps: [...STEPS, WAITED, step("Put everything back as it was", 4_430, null, "", "running")] }) }),
  passed: () => value({ play: play({}), past: past("passed", "7 facts checked, all as expected.") }),
  failed: () => value({ play: play({ state: "failed", words: FAILED, facts: [...FACTS, ...LAST.slice(0, 2), fact(3, "Clients woken by the kill", "2", "1", false)] }), past: past("failed", FAILED) }),
  cancelled: () => value({ play: play({ state: "cancelled", words: "It was cancelled.", steps: [...STEPS, step("Wait for the end of its session", 98, 1_200, "", "failed"), BACK], facts: FACTS }), past: past("cancelled", "It was cancelled.") }),
  table: () =>
    value({
      play: play({
        name: "herd-chain", title: "Herd against chain", words: "4 facts checked, all as expected.", steps: [step("Wait until both groups have another leader", 0, 4_090, "The chain: 1 client woke. The herd: 4 woke."), BACK],
        facts: [fact(0, "Clients woken in the chain", "1"), fact(0, "Clients woken in the herd", "4")],
        tables: [{ title: "The same kill", step: 0, head: ["", "waiting", "woken", "in vain", "woken within", "leads after"], rows: [["chain", "4", "1", "0", "0 ms", "node-4"], ["herd", "4", "4", "3", "6 ms", "node-9"]] }],
      }),
    }),
};
