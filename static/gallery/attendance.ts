// Sessions made of fixed values: so many, some silent, one without a connection, one that has just gone.
import type { Loss, Parting, Place, Session, Sessions } from "../src/protocol";
import type { Answer } from "./office";
import { NOW, pad } from "./samples";

const hex = (n: number): string => `0x${((n % 3) + 1).toString(16)}0003a7c5e${(n + 16).toString(16).padStart(4, "0")}`;

export function session(n: number, more: Partial<Session> = {}): Session {
  const heard = NOW - ((n * 377) % 3100) - 120;
  const election = n < 7;
  const places: Place[] = election ? [{ group: "/election", kind: "election", path: `/election/c_${pad(n)}`, leads: n === 0 }, { group: "/service_registry", kind: "registry", path: `/service_registry/n_${pad(n)}` }] : n % 4 === 0 ? [{ group: `/locks/shard-${n % 9}`, kind: "lock", path: `/locks/shard-${n % 9}/lock-${pad(n)}`, leads: n % 8 === 0 }] : [];
  return {
    id: hex(n), name: election ? `node-${n + 1}` : n % 4 === 0 ? `10.0.${n % 7}.${n % 250}:9092` : "", ...(election ? { node: `node-${n + 1}` } : {}),
    client: `10.0.${n % 7}.${n % 250}:${40_000 + n}`, server: String((n % 3) + 1), connected: true, timeout: election ? 4000 : 10_000, asked: election ? 3000 : 0, heard,
    expires: heard + (election ? 4000 : 10_000) + 640, expiry: "server", owned: places.length, owns: places.map(({ path }) => path), stands: places.length, places, ...more,
  };
}

/** All of them, as `sample` of the gallery names it. */
export function attendance(count: number, kind = ""): Session[] {
  const all = Array.from({ length: count }, (_, n) => session(n));
  if (count > 2) {
    all[2] = session(2, { heard: NOW - 3_100, expires: NOW + 1_340, name: "node-3" });
    const { connected: _, ...lost } = session(1, { connected: false, heard: NOW - 2_200, expires: NOW + 2_440, client: "10.0.1.1:40001" });
    all[1] = { ...lost, connected: false };
  }
  if (count) all.push(session(90_000, { name: "Zooscope", own: true, owned: 0, owns: [], stands: 0, places: [], client: "127.0.0.1:51514", timeout: 6000, expires: NOW + 5_200 }));
  if (count > 8) all[8] = session(8, { since: NOW - 1_200 });
  if (kind !== "bare") return all;
  return all.map(({ heard: _h, expires: _e, connected: _c, client: _a, ...one }) => ({ ...one, expiry: "" as const }));
}

export function sessionsOf(all: readonly Session[], query: URLSearchParams, kind = ""): Sessions {
  const wanted = (query.get("filter") ?? "").toLowerCase();
  const show = query.get("show") ?? "all";
  const found = all.filter((one) => (!wanted || `${one.name} ${one.client} ${one.id}`.toLowerCase().includes(wanted)) && (show === "all" || (show === "unconnected" ? one.connected === false : show === "owning" ? !!one.owned : !!one.stands)));
  const offset = Number(query.get("offset") ?? 0);
  const window = found.slice(offset, offset + Number(query.get("limit") ?? 100));
  return {
    sessions: Object.fromEntries(window.map((one) => [one.id, one])), order: window.map(({ id }) => id), offset, matching: found.length, total: all.length,
    unconnected: all.filter((one) => one.connected === false).length, ephemerals: all.reduce((sum, one) => sum + (one.owned ?? 0), 0),
    gone: all.length > 5 ? { [hex(500)]: { id: hex(500), at: NOW - 2000, cause: "ended", by: "ann" } } : {},
    ...(kind === "bare" ? { connections: false, countdowns: false, missing: "AdminServer is not asked, because its port is not known: sessions and countdowns are missing. It needs admin.enableServer=true and a reachable admin.serverPort; for sessions alone, 4lw.commands.whitelist with cons." } : {}),
  };
}

export function partingOf(all: readonly Session[], id: string): Parting {
  const one = all.find((session) => session.id === id);
  if (!one) return { id, exists: false };
  const losses: Loss[] = (one.places ?? []).map(({ group, kind, path, leads }) => ({ group, kind, members: [path], left: 6, led: leads ?? false, words: leads ? `It leads in ${group}: node-2 (c_0000000001) is next in line.` : kind === "election" ? `1 of 7 candidates in ${group} goes. Who leads stays.` : `1 of 7 members in ${group} goes.` }));
  return {
    id, exists: true, session: one, owns: one.owns ?? [], losses, groups: losses.length, mark: "2a-0123456789ab",
    warnings: ["2 ephemeral znodes go at once, in one transaction.", "Its client learns that the session has expired, and mostly comes back with a new one.", "Its watches end with it; which these are is not known unless the servers are asked."],
    ...(one.own ? { refusal: { code: "not-now", text: "This is Zooscope's own session: without it, nobody would see anything until it has a new one.", hint: "Stop the bridge if you want it gone." } } : {}),
  };
}

/** What the servers tell of watches. */
export const watches: Answer = ({ address, query }) => {
  if (address !== "/api/watches") return undefined;
  const sessions = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [hex(n + 1), { count: 1, paths: [`/election/c_${pad(n)}`], name: `node-${n + 2}`, node: `node-${n + 2}`, server: String((n % 3) + 1) }]));
  const paths = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`/election/c_${pad(n)}`, { count: 1, sessions: [hex(n + 1)] }]));
  const path = query.get("path");
  return {
    at: NOW - 4_000, took: 21, znodes: 7, watchers: 7, watches: 7,
    servers: [{ server: "1", how: "AdminServer", watches: 3 }, { server: "2", how: "AdminServer", watches: 4 }, { server: "3", problem: "AdminServer on port 8080 does not answer in time; 'wchs' is not in its 4lw.commands.whitelist. It needs admin.enableServer=true and an admin.serverPort that Zooscope knows and reaches, or 4lw.commands.whitelist with wchs and wchp." }],
    paths: path ? Object.fromEntries(Object.entries(paths).filter(([one]) => one === path)) : { "/": { count: 1, sessions: [hex(90_000)] }, ...paths },
    sessions: { ...sessions, [hex(90_000)]: { count: 1, paths: ["/"], name: "Zooscope", own: true, server: "1" } },
    notes: ["These lists have the watches that exists and getData set. ZooKeeper lists none of those that getChildren sets alone.", "A persistent recursive watch stands at the znode where it was set, and is told of all below it. Zooscope's own is one, on /."],
  };
};
