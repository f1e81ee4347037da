// The stage: nodes in their slots, the watches between them, and the ensemble below, in one figure.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Ensemble, Node, Stage } from "../protocol";
import type { View } from "../page/view";
import { drawWatches, watches, type Watch } from "./arcs";
import { heading } from "./heading";
import { loadsOf, loadTop, withLoads, working } from "./loads";
import { numeral, stands, told, type Stand } from "./marks";
import { calm } from "./motion";
import { drawNode, nodeText, type NodeText } from "./node";
import { numeralsFor, type Scenery } from "./numerals";
import { drawQuorum, quorumWords, meterFor } from "./quorum";
import { drawBus, drawSlabs, slabsFor, type Slab } from "./server";
import { drawSessions, sessionLines, type SessionLine } from "./sessions";
import { sized, type Size } from "./sized";
import { neighbour, NUMBERED, slotCentre, slotsFor, type Closeness, type Direction, type Point, type Slots } from "./slots";
import "./stage.css";
import "./node.css";
import "./ensemble.css";
import { firstFit, plain, textWidth } from "./text";
import { nodeAria } from "./words";

/** Stage and ensemble strip. Draws what the view holds; what is not live is dimmed by the shell. */
export function stagePanel(view: View): TemplateResult {
  return html`<div class="stage">
    ${heading(view)}
    <div class="stage-figure" @keydown=${walk}>${sized(guess(view), () => ({}), (size) => figure(view, size))}</div>
  </div>`;
}

/** Before the element can be measured. */
function guess(view: View): Size {
  return { width: view.width < 700 ? Math.max(280, view.width - 32) : view.width < 1366 || view.present ? view.width - 330 : view.width - 688, height: 0 };
}

export interface StageLayout {
  width: number;
  height: number;
  /** CSS px for each unit: above 1 on a wall. */
  scale: number;
  slots: Slots;
  slabs: Slab[];
  band: { top: number; height: number } | null;
  /** Baseline of the ensemble's title. */
  title: number;
  /** Heights in CSS px: with everything at ease, and the least at which all can be read. */
  natural: number;
  least: number;
  /** Words and meter of the quorum stand on a line of their own. */
  stacked: boolean;
}

/** Least room for arcs, and by how much session lines may be shorter than at ease. */
const LEAST_ARCS = 60;
const LEAST_GAP = 12;

/** Where everything stands, for a figure of `size`. A height of 0 means as high as it needs to be. */
export function stageLayout(stage: Stage | null, ensemble: Ensemble | null, size: Size, loaded = false, wall = false): StageLayout {
  const width = Math.max(240, size.width);
  const layout: Layout = (wide, scale, closeness = 0) => laidOut(stage, ensemble, wide, scale, closeness, loaded, wall);
  const natural = layout(width, 1);
  if (natural.slots.rows > 1) return tiers(layout, ensemble, width, size, natural);
  const scale = Math.min(1.7, Math.max(1, Math.min(size.width / 912, size.height / natural.height || 1)));
  const made = scale > 1.04 ? layout(size.width / scale, scale) : natural;
  const least = natural.slots.lines && ensemble ? natural.height - (natural.slots.arcRoom - LEAST_ARCS) - LEAST_GAP : natural.height;
  return { ...stretch(made, ensemble, size.height / made.scale), natural: natural.height, least };
}

/** Several rows: as much at ease as the height allows. */
function tiers(layout: Layout, ensemble: Ensemble | null, width: number, size: Size, atEase: StageLayout): StageLayout {
  const natural = atEase.height;
  const least = layout(width, 1, 2).height;
  if (!size.height) return { ...atEase, natural, least };
  const scale = Math.min(1.7, Math.max(1, Math.min(size.width / 912, size.height / least)));
  const wide = scale > 1.04 ? [width / scale, width] : [width];
  for (const made of wide)
    for (const closeness of [0, 1, 2] as const) {
      const lay = layout(made, size.width / made, closeness);
      // Larger, but without the sequence numbers: then rather as it is.
      if (made !== width && lay.slots.pitch < NUMBERED) continue;
      if (lay.height * lay.scale <= size.height || (made === width && closeness === 2)) return { ...spread(lay, ensemble, size.height / lay.scale), natural, least };
    }
  return { ...layout(width, 1, 2), natural, least };
}

/** Rows a little further apart, where there is room for that. */
function spread(lay: StageLayout, ensemble: Ensemble | null, height: number): StageLayout {
  const { slots } = lay;
  const more = Math.min(18, (height - lay.height) / slots.rows);
  if (more < 1) return lay;
  const roomy: Slots = { ...slots, arcRoom: slots.arcRoom + more, rowHeight: slots.rowHeight + more, height: slots.height + more * slots.rows };
  return place(lay.width, lay.scale, roomy, ensemble, 14 + Math.max(0, Math.min(14, height - lay.height - more * slots.rows)));
}

type Layout = (width: number, scale: number, closeness?: Closeness) => StageLayout;

function laidOut(stage: Stage | null, ensemble: Ensemble | null, width: number, scale: number, closeness: Closeness, loaded: boolean, wall: boolean): StageLayout {
  const plainly = slotsFor(width, stage ? Math.max(stage.slots ?? 0, ...Object.values(stage.nodes).map((one) => one.slot + 1), 1) : 1, closeness, wall);
  const slots = loaded ? withLoads(plainly) : plainly;
  return place(width, scale, slots, ensemble, slots.lines && ensemble ? 34 : 14);
}

function place(width: number, scale: number, slots: Slots, ensemble: Ensemble | null, gap: number): StageLayout {
  if (!ensemble) return { width, height: slots.height + 90, scale, slots, slabs: [], band: { top: slots.height + 16, height: 70 }, title: slots.height + 56, stacked: false, natural: 0, least: 0 };
  const top = slots.height + gap;
  const slabs = slabsFor(ensemble, width, top + 28);
  const last = slabs[slabs.length - 1];
  const foot = last ? last.y + last.height : top + 20;
  const stacked = width < 560;
  const title = foot + 36;
  const end = title + (stacked ? 26 : 0) + 14;
  return { width, height: end, scale, slots, slabs, band: { top, height: end - top }, title, stacked, natural: 0, least: 0 };
}

/** Use the room that there is: more for arcs and session lines; less down to what can be read. */
function stretch(made: StageLayout, ensemble: Ensemble | null, height: number): StageLayout {
  const spare = height - made.height;
  if (!height || !made.slots.lines || !ensemble || Math.abs(spare) < 4) return made;
  const { slots } = made;
  const arcs = Math.max(-(slots.arcRoom - LEAST_ARCS), Math.min(spare * 0.6, 60));
  const gap = Math.max(-LEAST_GAP, Math.min(spare - arcs, 40));
  const roomy: Slots = { ...slots, arcRoom: slots.arcRoom + arcs, rowHeight: slots.rowHeight + arcs, height: slots.height + arcs };
  return place(made.width, made.scale, roomy, ensemble, 34 + gap);
}

function figure(view: View, size: Size): TemplateResult {
  const { stage, ensemble, now } = view;
  if (!stage && !ensemble) return html`<p class="stage-empty">${view.liveness.word === "LIVE" ? "Reading the cluster." : "Nothing is known of the cluster yet."}</p>`;
  const loads = loadsOf(working(view), stage);
  const lay = stageLayout(stage, ensemble, size, loads.size > 0, view.present);
  const nodes = stage ? Object.values(stage.nodes).sort((a, b) => a.slot - b.slot) : [];
  const chapter = told(view.story, view.chapter);
  const places = stands(chapter, stage, view.timeline, Object.keys(ensemble?.servers ?? {}));
  const chosen = view.selection?.kind === "node" ? view.selection.id : "";
  const words = new Map<string, NodeText>(nodes.map((one) => [one.id, nodeText(one, stage!, lay.slots, now, places)]));
  const arcs = stage ? watches(stage, lay.slots, chosen, now) : [];
  const lines = lay.slots.lines ? sessionLines(nodes, new Map(nodes.map((one) => [one.id, foot(one, words.get(one.id)!, lay.slots)])), lay.slabs, chosen) : [];
  const beats = !calm() && view.liveness.word === "LIVE" && !view.paused && nodes.length <= 12;
  // The strut keeps the height that is needed; the figure itself takes whatever height there is.
  const least = view.width < 700 ? lay.natural : lay.least;
  return html`<svg class="stage-strut" width="1" height=${Math.ceil(least)} aria-hidden="true"></svg><svg class="stage-svg" width=${Math.round(lay.width * lay.scale)} height=${Math.round(lay.height * lay.scale)} viewBox="0 0 ${lay.width} ${lay.height}" role="group" aria-label=${summary(stage, ensemble)}>
    <defs><pattern id="stage-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"></rect><path class="hatch-line" d="M0 0V6"></path></pattern></defs>
    ${lay.band ? svg`<rect class="band-ground" x="-12" y=${lay.band.top} width=${lay.width + 24} height=${lay.band.height} rx="12"></rect>` : nothing}
    ${drawSessions(lines, beats)}
    ${drawWatches(arcs)}
    ${nodes.length ? ringNote(nodes, lay) : empty(view, lay)}
    ${repeat(nodes, (one) => one.id, (one) =>
      drawNode({
        node: one, stage: stage!, slots: lay.slots, centre: slotCentre(lay.slots, one.slot), text: words.get(one.id)!, now, selected: one.id === chosen,
        reachable: one.id === (stage!.nodes[chosen] ? chosen : nodes[0]!.id), aria: nodeAria(one, stage!, ensemble, now),
        mayDismiss: view.may.has("node.dismiss") && (one.actions ?? []).includes("dismiss"), chip: lay.slots.lines ? "" : (one.server ?? ""), load: loads.get(one.id),
        select: () => view.send({ want: "select", what: { kind: "node", id: one.id } }), dismiss: () => view.send({ want: "act", method: "node.dismiss", id: one.id }),
      }))}
    ${strip(view, lay, places)}
    ${numeralsFor(places, { ...sceneryOf(stage, lay, words, lines, arcs, now), loads }).map(({ mark, at, r }) => numeral(mark.n, at.x, at.y, r, mark.label))}
  </svg>`;
}

function sceneryOf(stage: Stage | null, lay: StageLayout, texts: ReadonlyMap<string, NodeText>, lines: readonly SessionLine[], arcs: readonly Watch[], now: number): Scenery {
  // At the edges numerals may reach into the margin of the column.
  const bounds = { left: -10, right: lay.width + 10, top: -8, bottom: lay.height };
  return { stage, slots: lay.slots, texts, lines, slabs: lay.slabs, watches: arcs, now, bounds };
}

/** Where a node's session line begins: below its last line. */
function foot(node: Node, text: NodeText, slots: Slots): Point {
  const centre = slotCentre(slots, node.slot);
  if (slots.load) return { x: centre.x, y: centre.y + loadTop(slots) + slots.load };
  const rows = (text.name ? 1 : 0) + (text.znode ? 1 : 0) + text.lines.length;
  return { x: centre.x, y: centre.y + slots.firstLine + (rows - 1) * slots.lineStep + 10 };
}

/** What the ring means, beside the last node, where the row has room for it. */
function ringNote(nodes: Node[], lay: StageLayout): unknown {
  const { slots } = lay;
  const last = nodes[nodes.length - 1]!;
  const free = slots.columns - 1 - last.slot;
  if (!slots.lines || free < 1.4 * (130 / slots.pitch) || last.state !== "alive" || last.connection === "suspended") return nothing;
  const { x, y } = slotCentre(slots, last.slot);
  const r = slots.ring;
  const to = x + slots.pitch * 0.72;
  return svg`<g class="ring-note"><path d="M${x + r * 1.05} ${y - r * 0.3}C${x + r + 14} ${y - 20} ${to - 22} ${y - 22} ${to - 6} ${y - 16}"></path>
    <text x=${to} y=${y - 11}>The ring is the session.</text><text x=${to} y=${y + 10}>Heartbeats keep it full.</text></g>`;
}

function empty(view: View, lay: StageLayout): unknown {
  const lab = view.status?.lab === true;
  const lines = !view.stage
    ? ["The nodes are not known yet."]
    : lab || view.stage.group
      ? [lab ? "No nodes. Add one." : "Nobody is in this group now."]
      : ["No election or membership found yet.", "Zooscope looks for sequential ephemeral znodes: the course’s election,", "kazoo’s locks and parties, and Curator’s recipes."];
  const { slots } = lay;
  const y = slots.arcRoom + slots.ring;
  const places = view.stage && lab ? Array.from({ length: slots.columns }, (_, i) => slotCentre(slots, i)) : [];
  return svg`${places.map((one) => svg`<circle class="free-slot" cx=${one.x} cy=${one.y} r=${slots.ring}></circle>`)}
    ${lines.map((line, i) => svg`<text class=${i ? "empty-more" : "empty"} x=${lay.width / 2} y=${(places.length ? y + slots.ring + 44 : y) + i * 26}>${firstFit([line], lay.width, i ? 16 : 20) || line.slice(0, 46)}</text>`)}`;
}

function strip(view: View, lay: StageLayout, places: Stand[]): unknown {
  const { ensemble } = view;
  if (!ensemble) return svg`<text class="title" x="0" y=${lay.title}>The ensemble</text><text class="note" x="134" y=${lay.title}>its servers are not known yet</text>`;
  const chosen = view.selection?.kind === "server" ? view.selection.id : "";
  // What happened to the ensemble as a whole, not to one server, stands before its title.
  const whole = places.filter((one) => one.spot === "ensemble");
  const indent = 26 * whole.length;
  const first = lay.slabs[0]?.server.id;
  const meter = drawQuorum(ensemble, lay.stacked ? meterFor(ensemble).width + 12 + quorumWidth(ensemble) : lay.width, lay.title + (lay.stacked ? 26 : 0));
  const room = (lay.stacked ? lay.width : lay.width - meter.width - 44) - 134 - indent;
  const note = firstFit(ensembleNotes(ensemble), room, 15.4);
  return svg`${drawBus(lay.slabs)}
    ${drawSlabs(lay.slabs.map((slab) => ({
      slab, now: view.now, selected: slab.server.id === chosen, reachable: slab.server.id === (ensemble.servers[chosen] ? chosen : first), select: () => view.send({ want: "select", what: { kind: "server", id: slab.server.id } }),
    })))}
    ${whole.map((one, i) => numeral(one.mark.n, 11 + 26 * i, lay.title - 6, 11, one.mark.label))}
    <text class="title" x=${indent} y=${lay.title}>The ensemble</text>
    ${note ? svg`<text class="note" x=${134 + indent} y=${lay.title}>${note}</text>` : nothing}
    ${ensemble.answered === false ? nothing : meter.drawing}`;
}

function quorumWidth(ensemble: Ensemble): number {
  const words = quorumWords(ensemble);
  return textWidth(`${words.strong} `, 16, true) + textWidth(words.rest, 16) + 8;
}

/** What is to be said of the ensemble, in wordings from long to short. */
export function ensembleNotes(ensemble: Ensemble): string[] {
  const leader = plain(ensemble.leader ?? "");
  if (ensemble.answered === false) return ["No ZooKeeper server has answered yet."];
  if (Object.keys(ensemble.servers).length === 1 && leader) return ["is one server: if it stops, nothing can be read or written.", "is one server."];
  if (!ensemble.quorum.held && ensemble.quorum.up >= ensemble.quorum.needs) return ["has no leader: nothing can be written until one is elected.", "has no leader."];
  if (!ensemble.quorum.held) return ["cannot elect a leader: too few servers agree.", "has no leader."];
  if (!leader) return ["does not say which of its servers leads.", ""];
  return [
    `elected a leader of its own, server ${leader}, in a different election. It proposes each write.`,
    `elected a leader of its own, server ${leader}, in a different election.`,
    `has a leader of its own: server ${leader}.`,
    `led by server ${leader}`,
  ];
}

function summary(stage: Stage | null, ensemble: Ensemble | null): string {
  const count = stage ? Object.keys(stage.nodes).length : 0;
  const servers = ensemble ? Object.keys(ensemble.servers).length : 0;
  const leader = stage?.leader ? stage.nodes[stage.leader] : undefined;
  return `${count} node${count === 1 ? "" : "s"}${leader ? `, ${plain(leader.name)} leads` : ""}; ${servers} ZooKeeper server${servers === 1 ? "" : "s"}`;
}

const ARROWS: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** Arrow keys lead from slot to slot and between nodes and servers. */
function walk(event: KeyboardEvent): void {
  const direction = ARROWS[event.key];
  if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = [...(event.currentTarget as Element).querySelectorAll<SVGElement>(".hit")];
  const from = all.indexOf((event.target as Element).closest(".hit") as SVGElement);
  if (from < 0) return;
  const next = neighbour(all.map((one) => ({ x: Number(one.dataset["x"]), y: Number(one.dataset["y"]) })), from, direction);
  event.preventDefault();
  event.stopPropagation();
  all[next]?.focus();
}
