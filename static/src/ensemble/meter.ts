// The quorum as squares: one for each voter, as wide as its vote weighs, those that are up first; a bar stands where there are enough.
import { html, nothing, type TemplateResult } from "lit-html";
import { visible } from "../page/words";
import type { Ensemble, QuorumGroup, Server, Servers } from "../protocol";
import { styles } from "../style/styles";
import { standing, type Standing } from "./details";
import { numeral } from "./slab";

export interface Square {
  id: string;
  weight: number;
  is: Standing;
}

const UP: Record<Standing, number> = { leads: 0, serves: 0, observes: 0, waits: 1, unknown: 2, down: 3 };

/** The widest vote that is drawn to scale, in squares. */
const WIDEST = 5;

/** A group's voters in the order of the meter. One whose vote weighs nothing comes last. */
export function squares(group: QuorumGroup, servers: Readonly<Record<string, Server>>): Square[] {
  return Object.entries(group.weights)
    .map(([id, weight]): Square => ({ id, weight, is: servers[id] ? standing(servers[id]) : "unknown" }))
    .sort((a, b) => Number(!a.weight) - Number(!b.weight) || UP[a.is] - UP[b.is] || a.id.localeCompare(b.id, "en", { numeric: true }));
}

export interface Place {
  left: number;
  width: number;
}

const SIDE = 32;
const GAP = 6;

/** Where the squares of a group stand, and its bar, in px. */
export function layout(list: readonly Square[], needs: number): { places: Place[]; bar: number | null; width: number } {
  const most = Math.max(1, ...list.map((one) => one.weight));
  const scale = most > WIDEST ? WIDEST / most : 1;
  let left = 0;
  let counted = 0;
  let bar: number | null = null;
  const places = list.map((one) => {
    const width = Math.round(Math.max(SIDE, SIDE * one.weight * scale + GAP * (one.weight * scale - 1)));
    const place = { left, width };
    // Where the bar falls within a vote, it stands there: a part of it is enough.
    if (bar === null && one.weight && counted + one.weight >= needs)
      bar = counted + one.weight === needs ? left + width + GAP / 2 : Math.round(left + (width * (needs - counted)) / one.weight);
    counted += one.weight;
    left += width + GAP;
    return place;
  });
  return { places, bar, width: Math.max(0, left - GAP) };
}

export function meter(servers: Servers, ensemble: Ensemble): TemplateResult {
  const { groups } = servers.quorum;
  return html`<div class="meter" role="img" aria-label=${spoken(servers, ensemble)}>${groups.map((group) => drawGroup(group, ensemble))}</div>`;
}

function drawGroup(group: QuorumGroup, ensemble: Ensemble): TemplateResult {
  const list = squares(group, ensemble.servers);
  const { places, bar, width } = layout(list, group.needs);
  const held = group.has >= group.needs;
  return html`<div class="meter-group ${group.name ? "" : "is-whole"}">
    <div class="meter-row" style=${styles({ width: `${width}px` })}>
      ${list.map((one, i) => html`<span class="vote is-${one.is} ${one.weight ? "" : "is-idle"}" style=${styles({ left: `${places[i]!.left}px`, width: `${places[i]!.width}px` })}>${visible(numeral(one.id))}</span>`)}
      ${bar === null || list.length < 2 ? nothing : html`<span class="enough" style=${styles({ left: `${bar}px` })}>${group.name ? nothing : html`<span>${group.needs} needed</span>`}</span>`}
    </div>
    ${group.name
      ? html`<p class="meter-name ${held ? "" : "is-short"}"><b>group ${visible(group.name)}</b> ${group.has} of ${group.weight}${group.weight ? (held ? ", enough" : `, needs ${group.needs}`) : ", not counted"}</p>`
      : nothing}
  </div>`;
}

const SAYS: Record<Standing, string> = { leads: "leads", serves: "serves", observes: "observes", waits: "does not serve", down: "down", unknown: "unknown" };

function spoken(servers: Servers, ensemble: Ensemble): string {
  const voters = servers.quorum.groups.flatMap((group) => squares(group, ensemble.servers));
  return `Voters: ${voters.map((one) => `server ${visible(one.id)} ${SAYS[one.is]}`).join(", ")}`;
}
