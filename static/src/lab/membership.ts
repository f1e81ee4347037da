// Which servers there are: adding, removing, and letting one begin with nothing.
import { html, nothing, type TemplateResult } from "lit-html";
import { ADD_SERVER } from "../page/consequences";
import { arithmetic, keptBecause, votes } from "../page/membership";
import { ROLE_WORDS } from "../page/serverpane";
import type { View } from "../page/view";
import { visible } from "../page/words";
import type { Ensemble, Server } from "../protocol";
import { icon } from "../style/icons";
import { reconfigButton } from "../ensemble/reconfig";
import "./membership.css";

const MOST = 7;

export function membershipSection(view: View): TemplateResult | typeof nothing {
  const { ensemble } = view;
  if (!ensemble) return nothing;
  const servers = Object.values(ensemble.servers).sort((a, b) => Number(a.id) - Number(b.id));
  const beside = Object.keys(ensemble.processes ?? {}).sort((a, b) => Number(a) - Number(b));
  return html`<section class="lab-part" aria-label="Servers">
    <h2>Servers</h2>
    <p class="lab-quiet">${arithmetic(0, votes(ensemble).length)}.</p>
    <div class="adding">
      ${add(view, servers.length + beside.length, "participant", "Add server", "")} ${add(view, servers.length + beside.length, "observer", "Add observer", "observer")}
      ${reconfigButton(view)}
      <span>${servers.length} of at most ${MOST}${view.busy.has("server.add ") || view.busy.has("server.add observer") ? "; one starts, and joins when it has caught up" : ""}</span>
    </div>
    <ul class="members">
      ${servers.map((server) => member(view, server, ensemble))} ${beside.map((id) => outsider(view, id, ensemble.processes?.[id] ?? ""))}
    </ul>
  </section>`;
}

function add(view: View, there: number, role: string, words: string, id: string): TemplateResult | typeof nothing {
  if (!view.may.has(ADD_SERVER.method)) return nothing;
  const busy = view.busy.has(`${ADD_SERVER.method} ${id}`);
  const full = there >= MOST && !busy;
  return html`<button
    class="btn-small"
    ?disabled=${view.liveness.held || full}
    title=${full ? `The lab takes ${MOST} servers` : nothing}
    aria-busy=${busy}
    @click=${() => busy || view.send({ want: "act", method: ADD_SERVER.method, id, body: { role } })}
  >
    ${icon(ADD_SERVER.icon)}${busy ? "Adding…" : words}
  </button>`;
}

function member(view: View, server: Server, ensemble: Ensemble): TemplateResult {
  const select = (): void => view.send({ want: "select", what: { kind: "server", id: server.id } });
  return html`<li data-down=${server.role === "down"}>
    <button class="member-name" @click=${select}><b>server ${visible(server.id)}</b> <span>${server.voter === false ? "observer" : ROLE_WORDS[server.role]}${server.voter === false && server.role === "down" ? ", down" : ""}</span></button>
    ${act(view, "server.wipe", server.id, "Wipe", "i-wipe", server.actions?.includes("wipe") ?? false, "")}
    ${act(view, "server.remove", server.id, "Remove", "i-out", server.actions?.includes("remove") ?? false, keptBecause(server, ensemble))}
  </li>`;
}

/** A process that is no member: it starts, or was left behind. */
function outsider(view: View, id: string, state: string): TemplateResult {
  const joins = [...view.busy].some((one) => one.startsWith("server.add"));
  return html`<li data-outside>
    <p class="member-name"><b>server ${visible(id)}</b> <span>${joins ? "starts, and is no member yet" : `no member; its process is ${visible(state)}`}</span></p>
    ${joins ? nothing : act(view, "server.remove", id, "Remove", "i-out", true, "")}
  </li>`;
}

function act(view: View, method: string, id: string, words: string, image: string, possible: boolean, why: string): TemplateResult | typeof nothing {
  if (!view.may.has(method)) return nothing;
  const busy = view.busy.has(`${method} ${id}`);
  return html`<button class="btn-small" aria-label="${words} server ${id}" title=${why || nothing} ?disabled=${view.liveness.held || !possible || why !== ""} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method, id })}>
    ${icon(image)}${words}…
  </button>`;
}
