// Where a node stands: its place in line, what it waits for, and what would happen next. Pure.
import type { Node, Stage } from "../protocol";
import { isBereft } from "../figure/words";
import { sleeps } from "./consequences";
import { ordinal, span, timeOfDay } from "./words";

/** A run of a sentence; names are drawn bold and lead to the node. */
export type Said = string | { id: string; name: string };

/** 'leader', '3rd in line', 'paused' … beside its name. */
export function placeWords(node: Node): string {
  if (sleeps(node)) return "expired";
  if (isBereft(node)) return "no session";
  if (node.state === "dead") return "gone";
  if (node.state === "starting") return "starting";
  if (node.leads) return "leader";
  return node.place ? `${ordinal(node.place)} in line` : node.znode ? "member" : "not in the line";
}

/** One to three sentences on what the tree says of it. */
export function standing(node: Node, stage: Stage, now: number): Said[] {
  const name = (id: string): Said => ({ id, name: stage.nodes[id]?.name ?? id });
  const me = name(node.id);
  if (node.state === "dead") return obituary(node, me);
  if (node.state === "starting") return [me, " is starting. It has no session yet."];
  const said: Said[] = [];
  if (node.state === "paused") said.push(me, " is frozen: it neither beats nor sees. ", ...left(node, stage, now));
  else if (node.state === "silent")
    said.push(me, node.ended !== undefined ? " has ended, but its session lives on. " : " is not heard any more. ", ...left(node, stage, now));
  if (node.leads) {
    const next = stage.next ? name(stage.next) : null;
    const dying = node.state !== "alive";
    if (!node.place) {
      said.push(dying ? "In the tree it still leads." : "It leads.");
      return said;
    }
    said.push(dying ? "In the tree it still leads. " : "It leads: its number is the lowest. ");
    said.push(...(next ? [dying ? "When its znode goes, " : "If it fails, ", next, " leads."] : ["Nobody is next in line."]));
    return said;
  }
  if (!node.watches) {
    said.push(node.place || node.znode ? "It watches nobody." : "It is in no line, so it cannot lead.");
    return said;
  }
  const ahead = stage.nodes[node.watches];
  said.push("It watches ", name(node.watches), ahead ? condition(ahead) : "", ". ");
  const place = node.place ?? 0;
  const fate = ahead && (ahead.state === "paused" || ahead.state === "silent") ? " expires, " : " fails, ";
  if (place === 2) said.push("If ", name(node.watches), fate, me, " leads.");
  else if (place > 2) {
    said.push("If ", name(node.watches), fate, me, ` moves up to ${ordinal(place - 1)}.`);
    if (place === 3 && stage.leader && stage.leader !== node.watches) said.push(" If ", name(stage.leader), " then fails, ", me, " leads.");
  }
  return said;
}

function condition(ahead: Node): string {
  if (ahead.state === "paused") return ", which is paused";
  if (ahead.state === "silent") return ", which is silent";
  return ahead.leads ? ", the leader" : "";
}

function left(node: Node, stage: Stage, now: number): Said[] {
  if (stage.leaderless) return ["Without a quorum no session expires: its session stands. "];
  if (node.expires === undefined) return [];
  const ms = node.expires - now;
  if (ms <= 0) return ["Its session is about to expire. "];
  return [`Its session expires in ${node.expiry === "estimated" ? "about " : ""}${span(ms)}. `];
}

function obituary(node: Node, me: Said): Said[] {
  if (sleeps(node)) return [me, " is frozen, and its session has expired: its znodes are gone. Woken, it finds out as a zombie."];
  if (isBereft(node)) {
    const cut = node.link && node.link !== "slow" ? `, ${node.link}` : "";
    const finds = node.elected !== undefined ? "It may still take itself for the leader." : cut ? "When its link is open again, it finds out." : "It finds out as soon as it is heard.";
    return [me, ` has lost its session, and its znodes with it. Its process lives${cut}. ${finds}`];
  }
  const said: Said[] = [me];
  const cause = node.cause ? ` (${node.cause})` : "";
  said.push(node.ended !== undefined ? ` ended at ${timeOfDay(node.ended)}${cause}. ` : ` is gone${cause}. `);
  if (node.detected !== undefined)
    said.push(node.detected < 200 ? "Its znodes went with it." : `ZooKeeper deleted its znodes ${span(node.detected)} later.`);
  return said;
}

/** What the node itself says, and whether the tree says otherwise; null where it says nothing. */
export interface Testimony {
  says: string;
  disagrees: string;
}

export function testimony(node: Node, stage: Stage): Testimony | null {
  if ((node.state === "dead" && !isBereft(node)) || node.state === "starting") return null;
  const believesLeads = node.elected !== undefined;
  const leader = node.acknowledges ? (stage.nodes[node.acknowledges]?.name ?? node.acknowledges) : "";
  const parts: string[] = [];
  if (believesLeads) parts.push(`“I lead”, since ${timeOfDay(node.elected ?? 0)}`);
  else if (leader) parts.push(`“${leader} leads”`);
  if (node.connection === "suspended") parts.push("connection suspended");
  if (node.connection === "lost") parts.push("session lost");
  if (!parts.length) return null;
  let disagrees = "";
  if (believesLeads && !node.leads) disagrees = stage.leader ? `The tree says that ${stage.nodes[stage.leader]?.name ?? stage.leader} leads.` : "The tree says that nobody leads.";
  else if (!believesLeads && node.acknowledges && stage.leader && node.acknowledges !== stage.leader && node.id !== stage.leader)
    disagrees = `The tree says that ${stage.nodes[stage.leader]?.name ?? stage.leader} leads.`;
  return { says: parts.join("; "), disagrees };
}

/** Why the negotiated timeout differs from what was asked for; '' if it does not. */
export function timeoutWords(node: Node, tick: number): string {
  if (!node.timeout || !node.asked || node.timeout === node.asked) return "";
  if (tick && node.timeout === 2 * tick && node.asked < node.timeout) return "the server’s minimum is 2 × tickTime";
  if (tick && node.timeout === 20 * tick && node.asked > node.timeout) return "the server’s maximum is 20 × tickTime";
  return "";
}
