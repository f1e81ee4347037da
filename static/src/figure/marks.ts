// Where the numerals of the chapter that is told stand on the stage.
import { svg, type SVGTemplateResult } from "lit-html";
import type { Chapter, Mark, Node, Stage, Story, Timeline } from "../protocol";

/** The chapter that is told: the chosen one, else the newest. */
export function told(story: Story | null, chapter: string | null): Chapter | null {
  if (!story) return null;
  return story.chapters[chapter ?? story.order[story.order.length - 1] ?? ""] ?? null;
}

/** `second`: the second line of its words. `none`: it has no place on the stage; the tree and the timeline have it. */
export type Spot = "disc" | "words" | "second" | "znode" | "watch" | "session" | "server" | "ensemble" | "none";

export interface Stand {
  mark: Mark;
  spot: Spot;
  /** Id of the node or server; '' for the ensemble as a whole. */
  of: string;
}

function owner(stage: Stage, mark: Mark): Node | undefined {
  const nodes = Object.values(stage.nodes);
  const path = mark.path || (mark.on === "znode" ? mark.ref : "");
  return (
    stage.nodes[mark.ref] ??
    nodes.find((one) => one.session !== undefined && one.session !== "" && one.session === mark.ref) ??
    (path ? (nodes.find((one) => one.znode === path) ?? nodes.find((one) => one.owns?.includes(path))) : undefined)
  );
}

/** What happens to a process, whatever groups it is in. */
const OF_PROCESS = new Set<string>(["killed", "stopped", "exited", "paused", "resumed", "cut", "healed", "started", "suspended", "expired", "session"]);

/** The end of a session stands beside what is written of it, and never on the line of one that began later. */
function ofSession(node: Node, mark: Mark): Spot {
  if (node.state === "dead") return "second";
  if (node.joined !== undefined && mark.at < node.joined) return "disc";
  return node.server ? "session" : "words";
}

/** Give each mark its spot: on a disc, at the words, at the znode's name, on a watch, at a session or a server; what is of the ensemble as
 *  a whole, at its title. `servers`: their ids. */
export function stands(chapter: Chapter | null, stage: Stage | null, timeline: Timeline | null, servers: readonly string[]): Stand[] {
  const marks = chapter?.marks ?? [];
  // Beside a server's fall, the sessions that moved away are many: no single node stands for them.
  const outage = marks.some((one) => one.on === "server");
  return marks.map((mark): Stand => {
    const kind = timeline?.moments[mark.moment ?? ""]?.kind;
    const whole = { mark, spot: "ensemble", of: "" } as const;
    if (mark.on === "server") return !servers.includes(mark.ref) || kind === "gap" || kind === "reconnected" || /^quorum /.test(mark.label ?? "") ? whole : { mark, spot: "server", of: mark.ref };
    if (outage && mark.on === "node" && kind === "reconnected") return whole;
    const node = stage ? owner(stage, mark) : undefined;
    if (!node) return { mark, spot: "none", of: "" };
    // In another group than the story is of, only what happened to the process itself is told of.
    if (stage?.followed && stage.group !== stage.followed && mark.on !== "session" && !OF_PROCESS.has(kind ?? "")) return { mark, spot: "none", of: "" };
    if (mark.on === "session") return { mark, spot: ofSession(node, mark), of: node.id };
    if (mark.on === "znode") return { mark, spot: "znode", of: node.id };
    if (kind === "watch") return { mark, spot: "watch", of: node.id };
    if (kind === "leads" || kind === "acknowledged") return { mark, spot: "words", of: node.id };
    return { mark, spot: "disc", of: node.id };
  });
}

/** The disc with a numeral. */
export function numeral(n: number, x: number, y: number, r: number, says = ""): SVGTemplateResult {
  return svg`<g class="numeral" transform="translate(${x} ${y})"><title>${`step ${n}${says ? `: ${says}` : ""}`}</title><circle r=${r}></circle><text y=${r * 0.43} font-size=${r * 1.36}>${n}</text></g>`;
}
