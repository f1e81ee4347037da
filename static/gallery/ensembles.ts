// Ensembles for looking at the ensemble's page: sizes, failures, groups, and those of which little is told.
import type { Arithmetic, Detail, Ensemble, Lack, Reign, Server, Servers } from "../src/protocol";
import { ensemble, NOW, server, type Parts } from "./samples";

type Some<T> = { [K in keyof T]?: T[K] };

const WHITELIST: Lack = { of: "mntr", why: "its 4lw.commands.whitelist leaves mntr out", setting: "mntr in 4lw.commands.whitelist of its zoo.cfg" };
const PORT: Lack = {
  of: "AdminServer", why: "its port is not known, so it is not asked",
  setting: "admin_port of this cluster in Zooscope’s configuration; 8080 where zoo.cfg says nothing",
};

function detail(number: number, more: Some<Detail> = {}): Detail {
  return {
    latency_min: 0, latency_max: [9, 31, 14, 22, 8, 17, 40][number - 1] ?? 9, source: "mntr", watches: [3, 41, 5, 2, 8, 0, 1][number - 1] ?? 0, ephemerals: 14,
    data_size: 48_213, serving: NOW - 3_900_000, open_files: 46 + number, max_files: 20_000, snapshot_zxid: "0x5000015f0", snapshot_at: NOW - 312_000, ...more,
  };
}

/** As the bridge words it, of a majority. */
function arithmetic(servers: readonly Server[], sentences: string[], more: Some<Arithmetic> = {}): Arithmetic {
  const voters = servers.filter((one) => one.voter !== false);
  const up = voters.filter((one) => !["down", "unknown"].includes(one.role));
  const needs = Math.floor(voters.length / 2) + 1;
  const held = up.length >= needs && servers.some((one) => one.role === "leading" || one.role === "standalone");
  return {
    headline: `${up.length} of ${voters.length} up: ${held ? `can lose ${up.length - needs || "none"}` : "no quorum"}`,
    sentences, needs: 1, groups: [{ name: "", weight: voters.length, needs, has: up.length, weights: Object.fromEntries(voters.map((one) => [one.id, 1])) }], ...more,
  };
}

const past = (): Record<string, Reign> => ({
  1: { epoch: 3, leader: "3", since: NOW - 7_400_000, found: true, exact: true, until: NOW - 5_310_000, why: "its process was killed" },
  2: { epoch: 4, leader: "2", since: NOW - 5_308_640, exact: true, until: NOW - 3_901_100, why: "connection refused", gap_low: 1_360, gap_high: 1_360, election: 259, outage: 553 },
  3: { epoch: 5, leader: "2", since: NOW - 3_900_000, gap_low: 120, gap_high: 2_140 },
});

function parts(servers: Server[], told: string[], more: Some<Servers> = {}, quorum: Some<Arithmetic> = {}, whole: Some<Ensemble> = {}): Parts {
  const answering = servers.filter((one) => !["down", "looking"].includes(one.role));
  const details = Object.fromEntries(answering.map((one, i) => [one.id, detail(i + 1, one.role === "leading" ? { followers: answering.length - 1, observers: 0 } : {})]));
  return {
    ensemble: ensemble(servers, whole),
    topics: { servers: { details, quorum: arithmetic(servers, told, quorum), reigns: past(), began: NOW - 7_400_000, ...more } },
  };
}

const leading = (at: number, count: number): Server[] => Array.from({ length: count }, (_, i) => server(i + 1, i === at ? { role: "leading", behind: undefined as never } : {}));

const gone = (more: Some<Server> = {}): Some<Server> => ({
  role: "down", since: NOW - 12_400, version: "", zxid: "", process: "", reason: "connection refused", latency: undefined as never, connections: undefined as never,
  outstanding: undefined as never, znodes: undefined as never, behind: undefined as never, ...more,
});

function three(): Parts {
  return parts(leading(1, 3), ["A quorum is 2 of 3: more than half of the voters.", "Any one may fail, and the rest still decide."]);
}

function one(): Parts {
  const alone = server(1, { role: "standalone", behind: undefined as never });
  return parts([alone], ["It is a single server: when it ends, nothing is served."], { reigns: { 1: { epoch: 0, leader: "1", since: NOW - 400_000, found: true } } }, {}, { epoch: 0, leader: "1" });
}

function five(): Parts {
  const list = leading(4, 5).map((each) => (each.id === "2" ? server(2, gone({ process: "killed", reason: "its process was killed" })) : each.id === "4" ? server(4, gone({ reason: "something that is not ZooKeeper answers: it sends a web page" })) : each));
  return parts(list, ["A quorum is 3 of 5: more than half of the voters.", "If one more fails, nothing can be written and no session expires until it is back."]);
}

function seven(): Parts {
  const list = leading(4, 7).map((each) => (each.id === "6" ? server(6, gone()) : each.id === "7" ? server(7, { role: "observing", voter: false, behind: 1_204, latency: 42.4 }) : each));
  return parts(list, ["A quorum is 4 of 6: more than half of the voters.", "Any one may fail, and the rest still decide.", "With 6 voters it can lose no more than with 5.", "Server 7 observes and has no vote."]);
}

function noQuorum(): Parts {
  const list = [server(1, gone({ process: "killed", reason: "its process was killed" })), server(2, gone({ process: "killed", reason: "its process was killed" })),
    server(3, { role: "looking", since: NOW - 11_200, reason: "", behind: undefined as never, version: "", zxid: "", latency: undefined as never, connections: undefined as never, outstanding: undefined as never, znodes: undefined as never })];
  return {
    ...parts(list, ["A quorum is 2 of 3: more than half of the voters.", "1 more server must come up before anything can be written."],
      { details: {}, vacant: NOW - 12_400, reigns: { ...past(), 3: { ...past()["3"]!, until: NOW - 12_400, why: "its process was killed" } } }, {}, { leader: "" }),
    liveness: { word: "NO QUORUM", since: NOW - 12_000, why: "1 of 3 servers is up; 2 are needed. Nothing can be written.", held: false },
  };
}

/** Three groups; one server weighs more than its neighbours together, one weighs nothing. */
function groups(): Parts {
  const of: Record<string, [string, number]> = { 1: ["1", 3], 2: ["1", 1], 3: ["1", 1], 4: ["2", 1], 5: ["2", 1], 6: ["3", 1], 7: ["3", 0] };
  const list = leading(3, 7).map((each) => ({ ...each, group: of[each.id]![0], weight: of[each.id]![1], ...(each.id === "5" ? gone() : {}) }));
  const weights = (name: string): Record<string, number> => Object.fromEntries(Object.entries(of).filter(([, [group]]) => group === name).map(([id, [, weight]]) => [id, weight]));
  return parts(
    list,
    ["A quorum is 2 of 3 groups, each by more than half of its weight.", "It hangs on servers 1 and 6: each loss alone ends it.", "Were they the right ones, it could lose 4.", "Server 7 weighs nothing in the vote."],
    {},
    {
      headline: "6 of 7 up: can lose none", needs: 2, worst: ["1"],
      groups: [{ name: "1", weight: 5, needs: 3, has: 5, weights: weights("1") }, { name: "2", weight: 2, needs: 2, has: 1, weights: weights("2") }, { name: "3", weight: 1, needs: 1, has: 1, weights: weights("3") }],
    },
    { quorum: { size: 3, needs: 2, up: 2, can_lose: 0, held: true, words: "needs 2 of 3 groups, can lose none", of: "groups" } },
  );
}

/** A foreign cluster that tells nothing but srvr. */
function foreign(): Parts {
  const list = leading(0, 3).map(({ recent, requests, ...each }, i) => ({ ...each, address: `zk-${i + 1}.internal.example:2181`, process: "" as const, actions: [], version: i ? "3.9.2" : "3.8.4" }));
  const details = Object.fromEntries(list.map((each, i) => [each.id, { latency_min: 0, latency_max: 12 + i, lacks: [WHITELIST, PORT] }]));
  return {
    ...parts(list, ["A quorum is 2 of 3: more than half of the voters.", "Any one may fail, and the rest still decide."],
      { details, reigns: { 1: { epoch: 5, leader: "1", since: NOW - 400_000, found: true } } }),
    status: null,
  };
}

/** Servers that answer what no server does. */
function odd(): Parts {
  const made = three();
  const topic = made.topics!["servers"] as Servers;
  topic.details["1"] = { latency_min: 0, latency_max: 9, lacks: [{ of: "mntr", why: "mntr: something that is not ZooKeeper answers: it sends a web page and more than 512 KB of it" }, { of: "AdminServer", why: "what answers on port 8081 is no AdminServer: it sends something packed", setting: "admin.enableServer=true and admin.serverPort=8081 in its zoo.cfg, within reach" }] };
  topic.details["3"] = detail(3, { open_files: 18_000, snapshot_at: undefined as never, snapshot_zxid: "", lacks: [{ of: "AdminServer", why: "AdminServer on port 8083 does not answer in time", setting: "admin.enableServer=true and admin.serverPort=8083 in its zoo.cfg, within reach" }] });
  return made;
}

export const ENSEMBLES: Record<string, () => Parts> = {
  "ens-3": three, "ens-1": one, "ens-5": five, "ens-7": seven, "ens-noquorum": noQuorum, "ens-groups": groups, "ens-foreign": foreign, "ens-odd": odd,
  "ens-selected": () => ({ ...three(), selection: { kind: "server", id: "2" } }),
  "ens-waiting": () => ({ ensemble: null, status: null }),
};
