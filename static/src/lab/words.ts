// The lab's ends, links and faults in words, and which link is in which state. Pure.
import type { Fault, Lab, Link } from "../protocol";
import { span, visible } from "../page/words";

/** A link as it is acted on: 'ensemble' stands for all servers. `way`: both, or only from one to the other. */
export interface Choice {
  from: string;
  to: string;
  way: "both" | "there" | "back";
}

export const ENSEMBLE = "ensemble";

/** 'server 2' of 'server-2', 'all servers' of 'ensemble', 'node-3' as it is. */
export function endWords(end: string): string {
  return end === ENSEMBLE ? "all servers" : visible(end.replace(/^server-/, "server "));
}

/** 'the other servers' where a server is the other end. */
export function toWords(from: string, to: string): string {
  return to === ENSEMBLE && from.startsWith("server-") ? "the other servers" : endWords(to);
}

/** What is sent for a choice. */
export function linkBody(choice: Choice): { from: string; to: string; both: boolean } {
  const { from, to, way } = choice;
  return way === "back" ? { from: to, to: from, both: false } : { from, to, both: way === "both" };
}

export type LinkState = "open" | "cut" | "slow" | "cut-there" | "cut-back" | "partly";

/** How the links between an end and some others are, taken together. */
export function stateBetween(lab: Lab | null, from: string, others: readonly string[]): LinkState {
  if (!lab || !others.length) return "open";
  const links = lab.links;
  const cut = (link: Link | undefined) => link?.state === "cut";
  const there = others.filter((other) => cut(links[`${from}>${other}`])).length;
  const back = others.filter((other) => cut(links[`${other}>${from}`])).length;
  if (there === others.length && back === others.length) return "cut";
  if (there === others.length && !back) return "cut-there";
  if (back === others.length && !there) return "cut-back";
  if (there || back) return "partly";
  return others.some((other) => links[`${from}>${other}`] ?? links[`${other}>${from}`]) ? "slow" : "open";
}

export const STATE_WORDS: Record<LinkState, string> = {
  open: "open",
  cut: "cut",
  slow: "slow",
  "cut-there": "cut, outward",
  "cut-back": "cut, inward",
  partly: "partly cut",
};

/** What goes on, in a sentence without its end. */
export function faultWords(fault: Fault): string {
  const { kind, who, to = "", both = true } = fault;
  const link = kind.startsWith("link.") ? (both ? `${endWords(who)} and ${toWords(who, to)}` : `${endWords(who)} to ${toWords(who, to)}`) : "";
  switch (kind) {
    case "link.cut":
      return both ? `No packet passes between ${link}` : `No packet passes from ${link}`;
    case "link.slow":
      return `${both ? "Between" : "From"} ${link}: ${visible(fault.words ?? "slow")}`;
    case "node.pause":
    case "server.pause":
      return `${endWords(who)} is paused`;
    case "server.stop":
      return `${endWords(who)} is stopped`;
    case "server.kill":
      return `${endWords(who)} is killed`;
    case "server.exit":
      return `${endWords(who)} has ended by itself`;
  }
}

/** The same, short enough for a notice. */
export function faultBrief(fault: Fault): string {
  const { kind, who, to = "", both = true } = fault;
  if (!kind.startsWith("link.")) return faultWords(fault);
  const word = kind === "link.cut" ? "cut" : "slow";
  return to === ENSEMBLE || who === ENSEMBLE ? `${endWords(who === ENSEMBLE ? to : who)} ${word === "cut" ? (both ? "cut off" : "cut one way") : "slow"}` : `${endWords(who)} ${both ? "↔" : "→"} ${endWords(to)} ${word}`;
}

/** What undoing it is called. */
export const UNDO_WORDS: Record<string, string> = { "link.heal": "Heal", "node.resume": "Resume", "server.resume": "Resume", "server.start": "Start" };

/** 'heals itself in 42 s'; '' where it lasts until somebody undoes it. */
export function endsIn(fault: Fault, now: number): string {
  if (fault.until === undefined) return "";
  const rest = fault.until - now;
  if (rest <= 0) return "about to end";
  const verb = { Heal: "heals", Resume: "resumes", Start: "starts" }[UNDO_WORDS[fault.undo] ?? "Heal"] ?? "ends";
  return `${verb} in ${rest < 59_500 ? `${Math.ceil(rest / 1000)} s` : span(rest)}`;
}

/** '412 MB', '7.8 GB'. */
export function bytes(n: number): string {
  const mb = n / 1_048_576;
  return mb < 1000 ? `${Math.round(mb)} MB` : `${(mb / 1024).toFixed(1)} GB`;
}

/** Oldest first. */
export function faultsOf(lab: Lab | null): Fault[] {
  return Object.values(lab?.faults ?? {}).sort((a, b) => a.since - b.since || a.id.localeCompare(b.id));
}
