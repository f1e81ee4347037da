// An ensemble of three whose members can be changed: what a preview answers, worked out from what is wanted.
import { arithmetic } from "../src/page/membership";
import type { Role, Seat, Wanted } from "../src/ensemble/membersdraft";
import type { Answer } from "./office";

export const VERSION = "0x500001a2d";

export const MEMBERS: Seat[] = [1, 2, 3].map((n) => ({ id: String(n), host: `zk${n}.example.internal`, quorum: 2888, election: 3888, client: 2181 }));

const quorum = (size: number, up: number) => {
  const needs = Math.floor(size / 2) + 1;
  return { size, needs, up, can_lose: Math.max(0, up - needs), held: up >= needs, words: `needs ${needs} of ${size}, can lose ${up - needs || "none"}` };
};

/** `refuses`: the code with which all that is wanted is refused. */
export function previewOf(wanted: Partial<Wanted>, refuses = ""): object {
  const { add = [], remove = [], roles = {}, force = false } = wanted;
  const after = [...MEMBERS.filter(({ id }) => !remove.includes(id)).map((seat): Seat => ({ ...seat, ...(roles[seat.id] ? { role: roles[seat.id] as Role } : {}) })), ...add];
  const voters = after.filter(({ role }) => role !== "observer");
  const silent = add.filter(({ host }) => host.endsWith(".9")).map(({ id }) => id);
  const text = `Server ${silent[0]} does not answer: connection refused at its client port 2181, so nothing was changed.`;
  const refused = refuses ? { code: refuses, text: "The ACL of /zookeeper/config does not let the bridge write it, so it may not reconfigure.", hint: "docs/reconfiguration.md has the steps." } : silent.length && !force ? { code: "not-now", text, hint: "Start it first." } : null;
  return {
    version: VERSION, before: MEMBERS, after, quorum_before: quorum(3, 3), quorum_after: quorum(voters.length, voters.length - silent.length), words: arithmetic(3, voters.length),
    answers: Object.fromEntries(after.map(({ id }) => [id, silent.includes(id) ? { words: "does not answer: connection refused at its client port 2181" } : { words: id === "2" ? "leads" : "follows, in sync", counts: true }])),
    notes: remove.length ? ["Removing a server does not stop its process: clients that are connected there stay on one that is no member. Stop it afterwards."] : [],
    ...(refused ? { refused } : {}),
  };
}

/** `refuses`: as above. */
export function members(refuses = ""): Answer {
  return ({ address, body }) => (address === "/api/ensemble/preview" ? previewOf((body ?? {}) as Partial<Wanted>, refuses) : undefined);
}
