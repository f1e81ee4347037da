// Plots and alerts of fixed values: long histories, gaps, spikes, up to seven servers.
import type { Alerts, Plots } from "../src/protocol";
import type { Store } from "../src/live/store";
import { NOW } from "./samples";

const LENGTHS = { "10m": 600_000, "2h": 7_200_000, "24h": 86_400_000 } as const;
const STEPS = { "10m": 1_000, "2h": 10_000, "24h": 60_000 } as const;

export type PlotSample = "full" | "gaps" | "young" | "empty" | "problem" | "untold";

/** A value that looks measured, the same each time. */
const noise = (seed: number): number => {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x);
};

const figure = (value: number): string => String(Number(value.toPrecision(4)));

function cell(mean: number, wild: number, whole: boolean): string {
  const [least, most] = [Math.max(0, mean * (1 - wild)), mean * (1 + wild)];
  const told = (value: number) => (whole ? String(Math.round(value)) : figure(value));
  return told(least) === told(most) ? told(mean) : `${told(least)}/${figure(mean)}/${told(most)}`;
}

export function plots(span: keyof typeof STEPS, servers: number, sample: PlotSample): Plots {
  const step = STEPS[span];
  const size = LENGTHS[span] / step;
  const last = Math.floor(NOW / step) - 1;
  const ids = Array.from({ length: servers }, (_, at) => String(at + 1));
  const kinds = ["latency", "lag", "connections", "outstanding"] as const;
  const lines: NonNullable<Plots["lines"]> = [{ kind: "rate" }, ...kinds.flatMap((kind) => ids.map((server) => ({ kind: kind === "latency" && sample === "untold" ? ("average" as const) : kind, server })))];
  const rows: Record<string, string> = {};
  const wild = span === "10m" ? 0 : 0.25;
  for (let at = 0; at < size; at += 1) {
    const part = at / size;
    if (sample === "empty" || (sample === "young" && part < 0.9)) continue;
    if (sample === "gaps" && ((part > 0.2 && part < 0.34) || (part > 0.7 && part < 0.715))) continue;
    const cells = [cell(4 + 3 * Math.sin(part * 19) + 60 * Number(noise(at) > 0.994) + 2 * noise(at + 7), wild * 1.8, true)];
    for (const kind of kinds) {
      for (const [index, id] of ids.entries()) {
        const down = sample === "gaps" && id === "2" && part > 0.45 && part < 0.6;
        const seed = at * 31 + index * 7;
        const burst = noise(Math.floor(at / 6) + index) > 0.985 ? 1 : 0;
        if (down) cells.push("-");
        else if (kind === "latency") cells.push(cell(0.4 + index * 0.23 + 0.1 * noise(seed) + 4 * burst, wild, false));
        else if (kind === "lag") cells.push(index === 1 ? "0" : cell(Math.round(3 * noise(seed) * Number(noise(seed + 1) > 0.6)) + 40 * burst, wild, true));
        else if (kind === "connections") cells.push(String([3, 2, 2, 4, 1, 0, 5][index]! + Math.round(Math.sin(part * 6 + index))).replace("-", ""));
        else cells.push(burst && sample !== "young" ? "3" : "0");
      }
    }
    rows[String(last - size + 1 + at)] = cells.join(" ");
  }
  const more = sample === "problem" ? { kept: true, problem: { code: "not-kept", text: "Plots cannot be kept on disk: no space left on device. They go on in memory.", hint: "Look at the folder that 'history' names, and its disk." } } : sample === "full" ? { kept: true } : {};
  return { span, step, length: LENGTHS[span], lines: sample === "empty" ? [] : lines, rows, ...more };
}

const RULES: NonNullable<Alerts["rules"]> = {
  "no-quorum": { kind: "no-quorum", severity: "critical", words: "no quorum, for 3 s" },
  "server-down": { kind: "server-down", severity: "warning", words: "a server that is down, for 5 s" },
  lag: { kind: "lag", severity: "warning", words: "a server more than 1,000 transactions behind the leader, for 30 s" },
  "few workers": { kind: "members", severity: "info", words: "fewer than 3 members in /service_registry, for 10 s" },
  stale: { kind: "stale", severity: "warning", words: "no connection of Zooscope to the ensemble, for 15 s" },
};

const past = (at: number, ms: number, words: string, severity: "warning" | "critical" = "warning") => ({ rule: "server-down", severity, since: NOW - at - 5000, fired: NOW - at, ended: NOW - at + ms, words });

export const ALERTS: Record<string, Alerts> = {
  quiet: { rules: RULES },
  firing: {
    rules: { ...RULES, "no-quorum": { ...RULES["no-quorum"]!, state: "firing" }, "server-down": { ...RULES["server-down"]!, state: "firing" }, "few workers": { ...RULES["few workers"]!, state: "unknown" }, lag: { ...RULES["lag"]!, state: "pending" } },
    firing: {
      "no-quorum:": { rule: "no-quorum", severity: "critical", since: NOW - 48_000, fired: NOW - 45_000, words: "The ensemble has no quorum: it needs 2 of 3, has 1." },
      "server-down:1": { rule: "server-down", severity: "warning", since: NOW - 50_000, fired: NOW - 45_000, subject: "1", words: "Server 1 is down: connection refused." },
      "server-down:3": { rule: "server-down", severity: "warning", since: NOW - 49_000, fired: NOW - 44_000, subject: "3", words: "Server 3 is down: its process was killed.", unknown: true },
      "few workers:/service_registry": { rule: "few workers", severity: "info", since: NOW - 600_000, fired: NOW - 590_000, subject: "/service_registry", value: 2, words: "/service_registry has 2 members, fewer than 3." },
    },
    past: { "1": past(7_200_000, 12_000, "Server 2 is down: connection refused."), "2": past(3_000_000, 4_000, "Server 1 is 1,203 transactions behind the leader, more than 1,000."), "3": past(300_000, 61_000, "The ensemble has no quorum: it needs 2 of 3, has 1.", "critical") },
    delivery: { state: "failing", waiting: 3, since: NOW - 40_000, words: "connection refused" },
  },
};

/** Put them into a store that nobody else feeds. */
export function feed(store: Store, servers: number, sample: PlotSample, alerts: Alerts): void {
  for (const span of Object.keys(STEPS) as (keyof typeof STEPS)[]) {
    const topic = `plots?span=${span}`;
    store.subscribe(topic, () => {});
    store.take({ type: "snapshot", topic, epoch: 1, seq: 1, data: { ...plots(span, servers, sample) } });
  }
  store.subscribe("alerts", () => {});
  store.take({ type: "snapshot", topic: "alerts", epoch: 1, seq: 1, data: { ...alerts } });
}
