// The lab's processes and what they take of this machine; more nodes.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { actionOf, ADD } from "../page/consequences";
import type { View } from "../page/view";
import { ago, plural, visible } from "../page/words";
import type { Lab } from "../protocol";
import { icon } from "../style/icons";
import { styles } from "../style/styles";
import { bytes } from "./words";

const START = actionOf("node.start")!;

interface Sum {
  words: string;
  count: number;
  memory: number;
  cpu: number;
}

/** What servers, nodes and the rest take, each taken together. */
export function sums(lab: Lab): Sum[] {
  const kinds: [words: string, fits: (name: string) => boolean][] = [
    ["server", (name) => name.startsWith("server-")],
    ["node", (name) => name.startsWith("node-")],
    ["process of Zooscope", (name) => !/^(server|node)-/.test(name)],
  ];
  return kinds.map(([words, fits]) => {
    const found = Object.entries(lab.processes).filter(([name]) => fits(name)).map(([, process]) => process);
    const sum = (pick: (one: (typeof found)[number]) => number) => found.reduce((total, one) => total + pick(one), 0);
    return { words, count: found.length, memory: sum((one) => one.memory), cpu: sum((one) => one.cpu ?? 0) };
  });
}

export function processesSection(view: View): TemplateResult {
  const { lab } = view;
  return html`<section class="lab-part" aria-label="Processes">
    <h2>Processes</h2>
    <div class="adding">${add(view, 1, "Add node")} ${add(view, 10, "Add ten")}<span>${lab ? `${lab.nodes ?? 0} of at most ${lab.most ?? 0} nodes run` : nothing}</span></div>
    ${endedNodes(view)}
    ${lab?.machine ? usage(lab, lab.machine) : nothing}
  </section>`;
}

function add(view: View, count: number, words: string): TemplateResult | typeof nothing {
  if (!view.may.has(ADD.method)) return nothing;
  const room = (view.lab?.most ?? 0) - (view.lab?.nodes ?? 0);
  const id = count === 1 ? "" : `x${count}`;
  const busy = view.busy.has(`${ADD.method} ${id}`);
  return html`<button class="btn-small" ?disabled=${view.liveness.held || room < count} title=${room < count ? `There is room for ${room} more` : nothing} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method: ADD.method, id, ...(count > 1 ? { body: { count } } : {}) })}>${icon(ADD.icon)}${words}</button>`;
}

/** What 'Heal everything' does not bring back. */
function endedNodes(view: View): TemplateResult | typeof nothing {
  const ended = Object.entries(view.lab?.ended ?? {}).sort(([, a], [, b]) => b.at - a.at);
  if (!ended.length) return nothing;
  return html`<h3>Nodes that have ended</h3>
    <p class="lab-quiet">“Heal everything” leaves them as they are.</p>
    <ul class="ended-nodes">${repeat(ended, ([name]) => name, ([name, { at, how }]) => html`<li><p><b>${visible(name)}</b> <span>${visible(how)}, ${ago(view.now - at)}</span></p>${again(view, name)}</li>`)}</ul>`;
}

function again(view: View, name: string): TemplateResult | typeof nothing {
  if (!view.may.has(START.method)) return nothing;
  const busy = view.busy.has(`${START.method} ${name}`);
  // Of nodes of other groups than the one that is shown only the bridge knows.
  const here = view.stage?.nodes[name];
  const early = here !== undefined && !here.actions?.includes("start");
  return html`<button class="btn-small" aria-label="Start ${name}" title=${early ? "Once its session has expired" : nothing} ?disabled=${view.liveness.held || early} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method: START.method, id: name })}>${icon(START.icon)}Start</button>`;
}

function usage(lab: Lab, machine: NonNullable<Lab["machine"]>): TemplateResult {
  const parts = sums(lab);
  const share = (n: number) => `${((n / machine.total) * 100).toFixed(2)}%`;
  return html`<div class="memory">
    <p>Memory: <b>${bytes(machine.free)} free</b> of ${bytes(machine.total)}; the lab takes ${bytes(parts.reduce((sum, one) => sum + one.memory, 0))}.</p>
    <div class="memory-bar" aria-hidden="true">${parts.map((one, i) => html`<s data-kind=${i} style=${styles({ width: share(one.memory) })}></s>`)}<s data-kind="free" style=${styles({ width: share(machine.free) })}></s></div>
    <table class="memory-table">
      <thead><tr><th scope="col">Process</th><th scope="col">Memory</th><th scope="col">Each</th><th scope="col">Processor</th></tr></thead>
      <tbody>${parts.map((one, i) => html`<tr><th scope="row"><s data-kind=${i} aria-hidden="true"></s>${one.words === "process of Zooscope" ? "Zooscope" : plural(one.count, one.words)}</th><td>${bytes(one.memory)}</td><td>${one.count ? bytes(one.memory / one.count) : nothing}</td><td>${(one.cpu * 100).toFixed(0)}% of a core</td></tr>`)}</tbody>
    </table>
  </div>`;
}
