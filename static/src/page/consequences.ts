// What each action does, in words, reckoned from what is known now. Pure.
import type { Ensemble, Node, Server, Stage } from "../protocol";
import { isBereft } from "../figure/words";
import { removeConsequence, removeWords, WIPE } from "./membership";
import { byMajority } from "./voters";
import { between, ordinal, plural, span } from "./words";

/** What an action costs: nothing but the picture; can be undone; ends a process. */
export type Cost = "picture" | "undo" | "ends";

export interface Action {
  method: string;
  label: string;
  icon: string;
  cost: Cost;
  /** Whether a dialog asks first. */
  asks: boolean;
  /** What permits it, where that is not the method's own name. */
  permission?: string;
}

export const NODE_ACTIONS: readonly Action[] = [
  { method: "node.pause", label: "Pause", icon: "i-pause", cost: "undo", asks: false },
  { method: "node.resume", label: "Resume", icon: "i-play", cost: "undo", asks: false },
  { method: "node.start", label: "Start", icon: "i-play", cost: "undo", asks: false },
  { method: "node.stop", label: "Stop", icon: "i-stop", cost: "ends", asks: true },
  { method: "node.kill", label: "Kill", icon: "i-x", cost: "ends", asks: true },
  { method: "node.dismiss", label: "Dismiss", icon: "i-check", cost: "picture", asks: false },
];

export const SERVER_ACTIONS: readonly Action[] = [
  { method: "server.start", label: "Start", icon: "i-play", cost: "undo", asks: false },
  { method: "server.pause", label: "Pause", icon: "i-pause", cost: "undo", asks: false },
  { method: "server.resume", label: "Resume", icon: "i-play", cost: "undo", asks: false },
  { method: "server.stop", label: "Stop", icon: "i-stop", cost: "ends", asks: true },
  { method: "server.kill", label: "Kill", icon: "i-x", cost: "ends", asks: true },
  { method: "server.wipe", label: "Wipe", icon: "i-wipe", cost: "ends", asks: true },
  { method: "server.remove", label: "Remove", icon: "i-out", cost: "ends", asks: true },
];

export const ADD_SERVER: Action = { method: "server.add", label: "Add server", icon: "i-plus", cost: "undo", asks: false };

export const ADD: Action = { method: "node.add", label: "Add node", icon: "i-plus", cost: "undo", asks: false };

export const SCENARIO_ACTIONS: readonly Action[] = [
  { method: "scenario.run", label: "Run", icon: "i-play", cost: "ends", asks: false },
  { method: "scenario.cancel", label: "Cancel", icon: "i-stop", cost: "undo", asks: false, permission: "scenario.run" },
];

export const LINK_ACTIONS: readonly Action[] = [
  { method: "link.cut", label: "Cut", icon: "i-cut", cost: "undo", asks: false },
  { method: "link.slow", label: "Slow", icon: "i-slow", cost: "undo", asks: false },
  { method: "link.heal", label: "Heal", icon: "i-heal", cost: "undo", asks: false },
];

export const HEAL: Action = { method: "lab.heal", label: "Heal everything", icon: "i-heal", cost: "undo", asks: false };

/** 'stop' of 'node.stop'. */
export function verb(action: Action): string {
  return action.method.slice(action.method.indexOf(".") + 1);
}

export function actionOf(method: string): Action | undefined {
  return [ADD, ADD_SERVER, HEAL, ...NODE_ACTIONS, ...SERVER_ACTIONS, ...LINK_ACTIONS, ...SCENARIO_ACTIONS].find((action) => action.method === method);
}

/** How long a killed node's znodes stay: '2.7–6 s', '' where it is not known. */
export function expiryWindow(stage: Stage): string {
  return stage.expiry_high ? between(stage.expiry_low ?? 0, stage.expiry_high) : "";
}

/** One line beside the button. */
export function nodeConsequence(action: Action, node: Node, stage: Stage): string {
  const possible = node.actions?.includes(verb(action)) ?? false;
  const window = expiryWindow(stage);
  switch (action.method) {
    case "node.pause":
      if (!possible) return node.state === "paused" ? "It is paused." : "Only for a running node.";
      if (isBereft(node)) return "Freezes it. Its session is gone already.";
      return node.timeout
        ? `Freezes it. Asleep past ${span(node.timeout).replace(".0", "")}, it wakes as a zombie.`
        : "Freezes it. Asleep past its session’s timeout, it wakes as a zombie.";
    case "node.resume":
      if (!possible) return "Only for a paused node.";
      return node.state === "paused" && (node.expires !== undefined || stage.leaderless)
        ? "Wakes it. Its session still lives."
        : "Wakes it. It will find its session gone.";
    case "node.start":
      if (possible) return "Starts it again under its name, with a new session.";
      return node.ended === undefined || node.pid !== undefined ? "It has not ended." : "Once its session has expired and its znodes are gone.";
    case "node.stop":
      if (!possible) return gone(node, "stopped");
      if (node.state === "dead") return "Ends its process. Its znodes are gone already.";
      if (stage.leaderless) return "Ends its process. Without a quorum its session and its znodes stay.";
      return "Closes the session. Its znodes go at once.";
    case "node.kill":
      if (!possible) return gone(node, "killed");
      if (sleeps(node)) return "Ends the frozen process. Its znodes are gone already.";
      if (node.state === "dead") return "Ends its process at once. Its znodes are gone already.";
      if (stage.leaderless) return "Without a quorum its session and its znodes stay.";
      return window ? `Znodes go when the session times out: ${window}.` : "Znodes go when the session times out.";
    case "node.dismiss":
      return "Takes its marker off the stage, for everyone.";
    default:
      return "";
  }
}

/** Its session expired, but its process is only frozen and can be woken. */
export function sleeps(node: Node): boolean {
  return node.state === "dead" && (node.actions?.includes("resume") ?? false);
}

function gone(node: Node, done: string): string {
  if (node.state === "paused" || sleeps(node)) return `A frozen process cannot be ${done}.`;
  return node.state === "starting" ? "Not while it starts." : "Its process has ended.";
}

/** What killing a node would do, for the dialog. */
export function killNodeWords(node: Node, stage: Stage): string {
  if (sleeps(node)) return "Its session has expired and its znodes are gone already. Its frozen process ends.";
  if (node.state === "dead") return "Its process ends at once. Its session has expired and its znodes are gone already.";
  if (stage.leaderless) return `Its process ends at once. ${STAYS} ${after(node, stage)}`.trim();
  const window = expiryWindow(stage);
  const lives = window ? `lives on for ${window}` : "lives on until it times out";
  return `Its process ends at once, without a word to ZooKeeper. Its session ${lives}; then its znodes go. ${after(node, stage)}`.trim();
}

const STAYS = "There is no quorum, so its session can neither be closed nor expire: its znodes stay until there is one again, and go when the session times out then.";

export function stopNodeWords(node: Node, stage: Stage): string {
  if (node.state !== "dead" && stage.leaderless) return `Its process ends. ${STAYS} ${after(node, stage)}`.trim();
  return `It closes its session, so its znodes go at once, and its process ends. ${after(node, stage)}`.trim();
}

function after(node: Node, stage: Stage): string {
  if (node.leads && !node.place) return "It leads now; the tree does not tell who would be next.";
  if (node.leads) {
    const next = stage.next ? stage.nodes[stage.next] : undefined;
    return next ? `It leads now; ${next.name}, next in line, takes over then.` : "It leads now, and nobody is next in line.";
  }
  if (!node.place) return "";
  return `It is ${ordinal(node.place)} in line; the leader stays.`;
}

/** What ending or freezing a server does to the quorum. */
export interface QuorumAfter {
  /** Voters that serve afterwards. */
  up: number;
  lost: boolean;
  words: string;
}

const serves = (server: Server) => ["leading", "following", "standalone"].includes(server.role);

/** Voters that serve: one that looks for a leader answers, but does not count. */
const serving = (ensemble: Ensemble): number => Object.values(ensemble.servers).filter((one) => one.voter !== false && serves(one)).length;

const DOING: Record<string, string> = { "server.stop": "Stopping", "server.kill": "Killing", "server.pause": "Pausing", "server.wipe": "Wiping" };

export function quorumWithout(server: Server, ensemble: Ensemble, method = "server.kill"): QuorumAfter {
  const doing = DOING[method] ?? "Killing";
  const { size, needs, up } = ensemble.quorum;
  const name = `server ${server.id}`;
  if (server.voter === false)
    return { up, lost: false, words: `${doing} ${name} changes nothing for the quorum: it has no vote.` };
  if (!byMajority(ensemble)) return withoutOfGroups(server, ensemble, method);
  const counts = ensemble.quorum.held ? serves(server) : server.role !== "down" && server.role !== "unknown";
  const left = Math.max(0, (ensemble.quorum.held ? serving(ensemble) : up) - (counts ? 1 : 0));
  const lost = left < needs;
  if (!ensemble.quorum.held)
    return { up: left, lost: true, words: `There is no quorum now. ${doing} ${name} leaves ${left} of ${size}; ${needs} are needed.` };
  if (lost)
    return {
      up: left,
      lost,
      words:
        `${doing} ${name} would lose the quorum: ${left ? left : "none"} of ${size} ${left === 1 ? "is" : "are"} left, and ` +
        `${needs} ${needs === 1 ? "is" : "are"} needed. Until a server ${method === "server.pause" ? "is resumed" : "is started again"} nothing can be written, and no session can expire.`,
    };
  const spare = left - needs;
  return {
    up: left,
    lost,
    words: `${doing} ${name} leaves ${left} of ${size}: the quorum holds; it can then lose ${spare || "none"}.`,
  };
}

/** Where votes weigh differently, the bridge says whose loss would end the quorum. */
function withoutOfGroups(server: Server, ensemble: Ensemble, method: string): QuorumAfter {
  const doing = DOING[method] ?? "Killing";
  const { up, held } = ensemble.quorum;
  const name = `server ${server.id}`;
  if (!held) return { up, lost: true, words: `There is no quorum now: it ${ensemble.quorum.words}.` };
  if (server.decisive)
    return { up, lost: true, words: `${doing} ${name} would lose the quorum: by their weights the others are none. Until it is ${method === "server.pause" ? "resumed" : "started again"} nothing can be written, and no session can expire.` };
  return { up, lost: false, words: `${doing} ${name} leaves a quorum: the others are one by their weights.` };
}

export function serverConsequence(action: Action, server: Server, ensemble: Ensemble): string {
  const possible = server.actions?.includes(verb(action)) ?? false;
  if (action.method === "server.start") {
    if (!possible) return server.process === "paused" ? "It is frozen: resume it." : "It is running.";
    const { size, up, held } = ensemble.quorum;
    const now = held ? serving(ensemble) : up;
    return server.voter === false ? "It takes up reads again." : !byMajority(ensemble) ? "It catches up, and votes again." : `It catches up; then ${Math.min(size, now + 1)} of ${size} serve.`;
  }
  if (action.method === "server.remove") return removeConsequence(server, ensemble);
  if (action.method === "server.wipe" && possible && !quorumWithout(server, ensemble, action.method).lost) return WIPE;
  if (action.method === "server.resume") return possible ? "Wakes it. What it heard last is old: it looks for the leader again." : "Only for a paused server.";
  if (!possible) return server.process === "paused" ? "A frozen process cannot be stopped or paused." : "It is not running.";
  const after = quorumWithout(server, ensemble, action.method);
  if (action.method === "server.pause" && !after.lost) return server.role === "leading" ? "Freezes it; the others elect another leader." : "Freezes it: nobody is answered, nothing is refused.";
  if (server.voter === false) return "Reads move elsewhere. The quorum stays.";
  if (!ensemble.quorum.held) return "There is no quorum now.";
  if (!byMajority(ensemble)) return after.lost ? "The quorum is lost." : "The quorum holds.";
  if (after.lost) return `Leaves ${after.up} of ${ensemble.quorum.size}: the quorum is lost.`;
  const spare = after.up - ensemble.quorum.needs;
  return `Leaves ${after.up} of ${ensemble.quorum.size}: the quorum holds, can then lose ${spare || "none"}.`;
}

/** What ending or freezing a server does, for the dialog: the quorum first, then leadership, then connections. */
export function serverWords(method: string, server: Server, ensemble: Ensemble): string[] {
  if (method === "server.remove") return removeWords(server, ensemble);
  const after = quorumWithout(server, ensemble, method);
  const words = [after.words];
  if (method === "server.wipe") words.push(`Its process ends, its data are deleted, and it is started again. ${WIPE}`);
  if (server.role === "leading" && !after.lost) words.push("It leads the ensemble: until the others have elected a new leader, nobody is served. All connections break and come back; sessions live on.");
  else if (server.connections && !after.lost)
    words.push(`Its ${plural(server.connections, "connection")} ${server.connections === 1 ? "moves" : "move"} to other servers; the sessions live on.`);
  return words;
}
