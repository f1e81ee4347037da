// The inspector while nothing is selected: the cluster in a few facts, and the groups found in its tree.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Cost, Group } from "../protocol";
import type { View } from "./view";
import { voters } from "./voters";
import { plural, visible, znodePath } from "./words";

const KINDS: Record<Group["kind"], string> = { election: "election", lock: "lock", membership: "membership", registry: "registry" };
const SHOWN = 12;

export function overview(view: View): TemplateResult {
  const { status, ensemble, stage } = view;
  if (!status) return html`<p class="why">Nothing is known of the cluster yet.</p>`;
  const groups = Object.values(view.groups?.groups ?? {});
  return html`
    <h2 class="title">${visible(status.cluster)} <span>${ensemble ? plural(voters(ensemble), "server") : nothing}</span></h2>
    <p class="why">${summary(view)}</p>
    <dl class="facts">
      ${ensemble && ensemble.answered !== false
        ? html`<dt>Quorum</dt>
            <dd>${ensemble.quorum.words}</dd>`
        : nothing}
      <dt>Tree</dt>
      <dd>${plural(status.znodes ?? 0, "znode")}</dd>
      ${status.server
        ? html`<dt>Watched</dt>
            <dd>through ${visible(status.server)}</dd>`
        : nothing}
      ${stage?.layout
        ? html`<dt>Layout</dt>
            <dd>${stage.layout}</dd>`
        : nothing}
    </dl>
    ${status.cost ? cost(status.cost) : nothing}
    ${groups.length ? html`<h3 class="part">Groups in the tree</h3><ul class="groups">${groups.slice(0, SHOWN).map((group) => row(view, group))}</ul>` : nothing}
    ${groups.length > SHOWN ? html`<p class="aside">and ${groups.length - SHOWN} more</p>` : nothing}
    <p class="aside">Select ${view.page === "tree" ? "a znode" : "a node, a server or a znode"} to see it here. <kbd>?</kbd> lists the keys.</p>
  `;
}

/** What Zooscope itself asks of the ensemble, and how the check of its own tree went. */
function cost(cost: Cost): TemplateResult {
  return html`<p class="aside">Costs the ensemble: ${plural(cost.watches ?? 0, "watch", "watches")}, ${plural(Math.round(cost.requests ?? 0), "request")}/s</p>
    <p class="aside">Self-check: ${plural(cost.checked ?? 0, "sample")}, ${plural(cost.mismatches ?? 0, "mismatch", "mismatches")}</p>`;
}

function summary(view: View): TemplateResult {
  const stage = view.stage;
  const nodes = Object.values(stage?.nodes ?? {}).filter((node) => node.state !== "dead");
  const leader = stage?.leader ? stage.nodes[stage.leader] : undefined;
  const next = stage?.next ? stage.nodes[stage.next] : undefined;
  const name = (id: string, words: string) => html`<button class="name" @click=${() => view.send({ want: "select", what: { kind: "node", id } })}>${visible(words)}</button>`;
  if (view.ensemble?.answered === false) return html`No ZooKeeper server has answered yet.`;
  if (!nodes.length && !view.status?.lab) return stage?.group ? html`Nobody is in this group now.` : html`No election or other group has been found.`;
  if (!nodes.length) return html`No node is running.`;
  const group = view.groups?.groups[stage?.group ?? ""];
  if (!leader && (group?.kind === "registry" || group?.kind === "membership")) return html`${plural(nodes.length, "member")}. A ${group.kind === "registry" ? "registry" : "group"} has no leader${elsewhere(view)}.`;
  if (!leader) return html`${plural(nodes.length, "node")}, and nobody leads.`;
  // What cannot be known now is told as of then.
  if (view.liveness.word !== "LIVE" && view.liveness.word !== "READ-ONLY") return html`When ZooKeeper told last, ${name(leader.id, leader.name)} led ${plural(nodes.length, "node")}${next ? html`, and ${name(next.id, next.name)} was next in line` : nothing}.`;
  return html`${name(leader.id, leader.name)} leads ${plural(nodes.length, "node")}${next ? html`; ${name(next.id, next.name)} is next in line` : nothing}.`;
}

/** Who leads the election that the story is of. */
function elsewhere(view: View): string {
  const { followed = "", followed_leader: leader = "" } = view.stage ?? {};
  return followed && leader ? `; in ${visible(followed)} ${visible(leader)} leads` : "";
}

function row(view: View, group: Group): TemplateResult {
  const inTree = view.page === "tree";
  const shown = !inTree && view.stage?.group === group.path;
  return html`<li>
    <button
      aria-pressed=${inTree ? nothing : shown}
      title=${group.why ?? ""}
      @click=${() => view.send(inTree ? { want: "select", what: { kind: "znode", path: group.path } } : { want: "group", path: group.path })}
    >
      ${znodePath(group.path)}<small>${group.sure === false ? "perhaps " : ""}${KINDS[group.kind]}, ${group.members.length}</small>
    </button>
  </li>`;
}
