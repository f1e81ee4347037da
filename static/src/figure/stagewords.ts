// What the group on the stage is, in words: true of what is drawn.
import type { Group, Node, Stage } from "../protocol";
import { plain } from "./text";
import { duration, seqName } from "./words";

/** For how long it is said which address went, ms. */
const TOLD_FOR = 60_000;

/** What the arrows are, as they are drawn: a chain, a herd, or neither; '' without any. */
export function arrowWords(stage: Stage): string {
  const nodes = Object.values(stage.nodes);
  const watching = nodes.filter((one) => one.watches && one.state !== "dead" && stage.nodes[one.watches]);
  if (!watching.length) return "";
  const ahead = (one: Node): boolean => one.place === undefined || stage.nodes[one.watches!]?.place === one.place - 1;
  if (watching.every(ahead)) return "each arrow is a watch on the one just ahead";
  if (watching.every((one) => one.watches === stage.leader)) return "all watch the leader: a herd";
  return "each arrow is a watch";
}

/** The member of a registry or membership that went last. */
function lastGone(stage: Stage, kind: Group["kind"], now: number): string {
  const gone = Object.values(stage.nodes).filter((one) => one.state === "dead" && one.znode && now - one.since < TOLD_FOR).sort((a, b) => b.since - a.since)[0];
  if (!gone) return "";
  const { head, digits } = seqName(gone.znode!);
  const after = gone.detected !== undefined && gone.detected > 500 ? ` ${duration(gone.detected)} later` : "";
  return `${plain(gone.name)} is gone: its ${kind === "registry" ? "address" : "znode"} ${digits ? `${head}…${digits}` : head} went${after || " with its session"}.`;
}

/** What the group on the stage is, in one or two sentences. */
export function stageWords(stage: Stage, group: Group | undefined, beside = false, now = 0): string {
  const path = plain(stage.group ?? "");
  if (!path) return "";
  if (group && group.sure === false) return "A lock or an election: the lowest number has it, each waits for the one ahead.";
  if (group?.kind === "membership" || group?.kind === "registry") return lastGone(stage, group.kind, now) || `Members of ${path}. None of them leads.`;
  const rule = group?.kind === "lock" ? "Lowest number holds the lock" : "Lowest number leads";
  const arrows = arrowWords(stage);
  // Beside the failover bar there is room for the rule alone, on one line.
  return `${rule}${arrows && !beside ? `; ${arrows}` : ""}.`;
}
