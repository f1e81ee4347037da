// What the figure says about time, places in line and states, in words.
import type { Ensemble, Node, Server, Stage } from "../protocol";
import { plain } from "./text";

export function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${suffix}`;
}

/** '14 ms', '4.2 s', '12 s', '3 min', '5 h', '2 d'. */
export function duration(ms: number): string {
  const all = Math.max(0, ms);
  if (all < 9.95) return `${all % 1 < 0.05 || all % 1 > 0.95 ? Math.round(all) : all.toFixed(1)} ms`;
  if (all < 950) return `${Math.round(all)} ms`;
  if (all < 9_950) return `${(all / 1000).toFixed(1)} s`;
  if (all < 60_000) return `${Math.min(59, Math.round(all / 1000))} s`;
  if (all < 3_600_000) return `${Math.floor(all / 60_000)} min`;
  if (all < 48 * 3_600_000) return `${Math.floor(all / 3_600_000)} h`;
  return `${Math.floor(all / 86_400_000)} d`;
}

/** How long something has been so, in whole seconds. */
export function age(ms: number): string {
  return ms < 10_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : duration(ms);
}

/** Time of day where the page is, to the second, or to `digits` decimals of it. */
export function clock(at: number, digits: 0 | 1 | 3 = 0): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const head = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return digits ? `${head}.${String(date.getMilliseconds()).padStart(3, "0").slice(0, digits)}` : head;
}

/** '5·1a2f': epoch and counter of a zxid, in hex as ZooKeeper's logs have them. */
export function zxidWords(zxid: string): string {
  if (!/^0x[0-9a-f]{1,16}$/i.test(zxid)) return plain(zxid).slice(0, 24);
  const digits = zxid.slice(2).padStart(16, "0");
  const bare = (half: string): string => half.replace(/^0+(?=.)/, "");
  return `${bare(digits.slice(0, 8))}·${bare(digits.slice(8))}`;
}

export interface SeqName {
  head: string;
  /** The zeros that fill up the number. */
  zeros: string;
  digits: string;
}

/** The last segment of a path, its sequence number apart: 'c_', '000000000', '3'. */
export function seqName(path: string): SeqName {
  const name = plain(path.slice(path.lastIndexOf("/") + 1));
  const found = /^(.*?)(\d{10})$/su.exec(name);
  if (!found) return { head: name, zeros: "", digits: "" };
  const zeros = /^0*(?=\d)/.exec(found[2]!)![0];
  return { head: found[1]!, zeros, digits: found[2]!.slice(zeros.length) };
}

export type Tone = "plain" | "strong" | "new" | "lead" | "fail";

/** A line below a node, in wordings from long to short. */
export interface Line {
  wordings: string[];
  tone: Tone;
}

/** For how long a node counts as new. */
export const NEW_FOR = 10_000;

export function isNew(node: Node, now: number): boolean {
  return node.state === "alive" && node.joined !== undefined && now - node.joined < NEW_FOR;
}

/** Its session is gone, but its process lives: it is stopped, and may be resumed to find out. */
export function isFrozen(node: Node): boolean {
  return node.state === "dead" && (node.actions ?? []).includes("resume");
}

/** Its session is gone, but its process lives: it is cut off, or has not found out yet. */
export function isBereft(node: Node): boolean {
  return node.state === "dead" && node.ended === undefined && (node.actions ?? []).includes("kill") && !isFrozen(node);
}

/** Of a dying session: how much is left, 1 to 0; null where nobody knows when it ends. */
export function left(node: Node, now: number): number | null {
  if (node.expires === undefined || !(node.state === "paused" || node.state === "silent")) return null;
  return Math.min(1, Math.max(0, (node.expires - now) / (node.timeout || 4000)));
}

function countdown(node: Node, now: number): string[] {
  if (node.expires === undefined) return [];
  const rest = node.expires - now;
  if (rest <= 0) return ["expiry is due", "due"];
  const seconds = `${(rest / 1000).toFixed(1)} s`;
  if (node.expiry === "estimated") return [`about ${seconds} left`, `~${seconds} left`, `~${seconds}`];
  return [...(node.timeout ? [`${seconds} left of ${duration(node.timeout).replace(".0", "")}`] : []), `${seconds} left`, seconds];
}

/** First in line leads; of a lock it is said to hold it. */
function leaderWord(stage: Stage): string {
  return /lock|mutex/i.test(stage.layout ?? "") ? "HOLDER" : "LEADER";
}

/** One or two lines that say how a node is. */
export function nodeLines(node: Node, stage: Stage, now: number): Line[] {
  const line = (tone: Tone, ...wordings: string[]): Line => ({ wordings, tone });
  const cause = plain(node.cause ?? "");
  if (isFrozen(node)) return [line("fail", "frozen"), line("fail", "session expired", "expired")];
  if (isBereft(node)) return [line("fail", ...(node.link && node.link !== "slow" ? [`lives, ${node.link}`, node.link] : ["lives, no session", "no session"])), node.elected === undefined ? line("fail", "session expired", "expired") : line("lead", "says “I lead”", "“I lead”")];
  if (node.state === "dead") {
    const when = node.ended ?? node.since;
    const lines = [line("strong", `${cause || "gone"} at ${clock(when)}`, cause || "gone", "gone")];
    if (node.detected !== undefined) lines.push(line("plain", `detected after ${duration(node.detected)}`, `after ${duration(node.detected)}`, duration(node.detected)));
    return lines;
  }
  if (node.state === "starting") return [line("new", "starting"), line("plain", "no session yet", "no session", "")];
  const dying = countdown(node, now);
  if (node.state === "paused" || node.state === "silent") {
    const word = node.state === "paused" ? "paused" : cause || "silent";
    const first = node.leads ? line("fail", `${leaderWord(stage)}, ${word}`, word) : line("fail", word);
    if (stage.leaderless) return [first, line("fail", "no quorum: session stands", "session stands", "stands")];
    return dying.length ? [first, line("fail", ...dying)] : [first];
  }
  if (node.connection === "lost") return [line("fail", "session lost", "lost"), ...(node.link ? [line("fail", node.link)] : [])];
  if (node.connection === "suspended") return [line("fail", ...(node.link && node.link !== "slow" ? [node.link] : ["connection lost", "cut off"])), ...(node.leads ? [line("lead", leaderWord(stage))] : placeLines(node, now))];
  if (node.link && !node.leads) return [line("fail", node.link === "slow" ? "slow link" : node.link, node.link), ...placeLines(node, now)];
  if (node.leads) {
    if (node.link) return [line("lead", leaderWord(stage)), line("fail", node.link === "slow" ? "slow link" : node.link, node.link)];
    const unaware = node.lab && node.elected === undefined;
    // How long a leader that was found leading has led is not known.
    const since = node.leads_since;
    const known = since === undefined ? [] : [line("plain", `for ${age(now - since)}`, age(now - since))];
    return [line("lead", leaderWord(stage)), ...(unaware ? [line("fail", "does not know it yet", "unaware")] : known)];
  }
  if (node.acknowledges === node.id && stage.leader && stage.leader !== node.id) return [line("fail", "still says it leads", "says it leads"), ...placeLines(node, now)];
  if (isNew(node, now)) return [line("new", "just joined", "new"), ...placeLines(node, now, false)];
  return placeLines(node, now);
}

function placeLines(node: Node, now: number, withAge = true): Line[] {
  const since = withAge && node.joined !== undefined ? age(now - node.joined) : "";
  const where = node.place !== undefined ? `${ordinal(node.place)} in line` : node.znode ? "member" : "not in line";
  const short = node.place !== undefined ? [ordinal(node.place)] : [];
  return [{ wordings: [...(since ? [`${where} · ${since}`] : []), where, ...short], tone: "plain" }];
}

/** Everything about a node in one sentence, for those who hear the page. */
export function nodeAria(node: Node, stage: Stage, ensemble: Ensemble | null, now: number): string {
  const parts = [plain(node.name), ...nodeLines(node, stage, now).map((one) => one.wordings[0]!)];
  if (node.znode) parts.push(`znode ${plain(node.znode)}`);
  const ahead = node.watches ? stage.nodes[node.watches] : undefined;
  if (ahead) parts.push(`watches ${plain(ahead.name)}`);
  if (node.server && node.state !== "dead") parts.push(`session on server ${plain(node.server)}${ensemble?.leader === node.server ? ", the quorum leader" : ""}`);
  return parts.join(", ");
}

const ROLES: Record<Server["role"], string> = {
  leading: "quorum leader", following: "follower", observing: "observer", standalone: "standalone", looking: "looking",
  "read-only": "read-only", down: "down", unknown: "not known",
};

export function roleWord(server: Server): string {
  return server.role === "down" && server.process === "paused" ? "paused" : ROLES[server.role];
}

/** Where a server answers, as far as that is known. */
export function addressWords(server: Server): string {
  if (!server.address) return "address not known";
  return `${plain(server.address)}${server.guessed ? ", a guess" : ""}`;
}

/** Second and third line of a server's slab, each in wordings from long to short. */
export function serverLines(server: Server, now: number): [string[], string[]] {
  const process = server.process && server.process !== "running" ? `process ${server.process}` : "";
  if (server.link && server.role !== "down" && server.role !== "unknown")
    return [[server.link === "slow" ? "slow links" : `${server.link} from the others`, server.link === "slow" ? "slow" : server.link, ...(server.link.startsWith("partly") ? ["partly cut"] : [])], [server.link_since === undefined ? "" : `for ${age(now - server.link_since)}`]];
  if (server.role === "down" || server.role === "unknown") {
    const why = plain(server.reason || process || "no answer");
    if (server.role === "unknown" && (!server.address || server.guessed)) return [["not known where it answers", "address not known", "not known"], [`for ${age(now - server.since)}`]];
    return [[why, ...(process && why !== process ? [process] : [])], [`for ${age(now - server.since)}`]];
  }
  if (server.role === "looking") return [[plain(server.reason || "knows no leader"), "no leader"], [`for ${age(now - server.since)}`]];
  const lasted = server.recent ?? server.latency;
  const latency = lasted === undefined ? "" : `${lasted < 10 ? Number(lasted.toFixed(1)) : Math.round(lasted)} ms`;
  const count = server.connections;
  const load = count === undefined ? [] : [`${count} connection${count === 1 ? "" : "s"}`, `${count} conn.`];
  const first = latency && load.length ? [...load.map((one) => `${latency} · ${one}`), latency] : latency ? [latency] : load;
  const tail = server.role === "leading" ? "commits" : server.behind === undefined ? "" : `${server.behind} behind`;
  const zxid = server.zxid ? `zxid ${zxidWords(server.zxid)}` : "";
  return [first.length ? first : ["answers"], zxid && tail ? [`${zxid} · ${tail}`, tail] : [zxid || tail]];
}

export function serverAria(server: Server, now: number): string {
  const [first, second] = serverLines(server, now);
  return [`server ${plain(server.id)}`, roleWord(server), first[0], second[0]].filter(Boolean).join(", ");
}
