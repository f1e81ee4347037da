// One server of the ensemble: its role, how far it is behind, whom it serves, and what can be done to it.
import { html, nothing, type TemplateResult } from "lit-html";
import { followServers, serversOf } from "../ensemble/details";
import { lacksOf } from "../ensemble/lacks";
import { linkActions } from "../lab/linkactions";
import { size } from "../tree/names";
import type { Detail, Ensemble, Server } from "../protocol";
import { actionList } from "./actionlist";
import { SERVER_ACTIONS, serverConsequence } from "./consequences";
import type { View } from "./view";
import { byMajority, voters } from "./voters";
import { addressWords } from "../figure/words";
import { ago, plural, timeOfDay, visible, zxidWords } from "./words";

export const ROLE_WORDS: Record<Server["role"], string> = {
  leading: "quorum leader",
  following: "follower",
  observing: "observer",
  standalone: "standalone",
  looking: "looking for a leader",
  "read-only": "read-only",
  down: "down",
  unknown: "unknown",
};

export function serverPane(view: View, id: string): TemplateResult {
  const ensemble = view.ensemble;
  const server = ensemble?.servers[id];
  if (!ensemble || !server)
    return html`<h2 class="title">server ${visible(id)}</h2>
      <p class="why">${ensemble ? "It is not in the ensemble’s configuration." : "Nothing is known of it yet."}</p>`;
  const detail = serversOf(view)?.details[id];
  return html`
    ${followServers(view)}
    <h2 class="title">server ${visible(server.id)} <span>${ROLE_WORDS[server.role]}</span></h2>
    <p class="why">${roleSentence(server, ensemble)}</p>
    <dl class="facts">
      <dt>Address</dt>
      <dd class="mono">${addressWords(server)}</dd>
      <dt>In this role</dt>
      <dd>since ${timeOfDay(server.since)}, ${ago(view.now - server.since)}</dd>
      ${fact("zxid", server.zxid ? html`<span class="mono">${zxidWords(server.zxid)}</span>${lag(server)}` : undefined)}
      ${fact("Latency", latency(server, detail))}
      ${fact("Serves", together(counted(server.connections, "connection"), counted(detail?.watches, "watch", "watches")))}
      ${fact("Queued", server.outstanding ? plural(server.outstanding, "request") : undefined)}
      ${fact("Holds", together(counted(server.znodes, "znode"), detail?.ephemerals === undefined ? "" : `${detail.ephemerals.toLocaleString("en")} ephemeral`, detail?.data_size === undefined ? "" : size(detail.data_size)))}
      ${fact("Files", detail?.open_files === undefined ? undefined : `${detail.open_files.toLocaleString("en")}${detail.max_files === undefined ? "" : ` of ${detail.max_files.toLocaleString("en")}`} open`)}
      ${fact("Snapshot", detail?.snapshot_at === undefined ? undefined : html`${ago(view.now - detail.snapshot_at)}${detail.snapshot_zxid ? html`, <span class="mono">${zxidWords(detail.snapshot_zxid)}</span>` : nothing}`)}
      ${fact("Vote", server.voter === false || byMajority(ensemble) ? undefined : together(server.group ? `group ${visible(server.group)}` : "", `weighs ${server.weight ?? 1}`))}
      ${fact("Quorum", ensemble.quorum.words)} ${fact("Version", server.version ? visible(server.version) : undefined)}
      ${fact("Process", server.pid && server.process === "running" ? String(server.pid) : server.process ? server.process : undefined)}
      ${fact("Network", server.link ? html`<b class="broken-link">${server.link === "slow" ? "slow" : server.link} ${server.link === "slow" ? "links with" : "from"} the other servers</b>` : undefined)}
    </dl>
    ${server.decisive && voters(ensemble) > 1 ? html`<p class="aside">Its loss alone would end the quorum.</p>` : nothing}
    ${lacksOf(detail).map((lack) => html`<p class="aside">Not told: ${visible(lack.why)}.${lack.setting ? ` It takes ${visible(lack.setting)}.` : ""}</p>`)}
    ${actions(view, server, ensemble)}
  `;
}

/** 'a, b', undefined where there is neither. */
const together = (...parts: string[]): string | undefined => parts.filter(Boolean).join(", ") || undefined;

const counted = (n: number | undefined, one: string, many?: string): string => (n === undefined ? "" : plural(n, one, many));

function latency(server: Server, detail: Detail | undefined): string | undefined {
  if (server.latency === undefined) return undefined;
  const { latency_min: least, latency_max: most } = detail ?? {};
  const whole = `${round(server.latency)} ms on average since it serves${least === undefined || most === undefined ? "" : `, ${Number(round(least))} to ${Number(round(most))}`}`;
  if (server.requests === undefined) return whole;
  return `${server.recent === undefined ? "no request of late" : `${round(server.recent)} ms of late, by ${plural(server.requests, "request")}`}; ${whole}`;
}

const fact = (name: string, value: unknown) =>
  value === undefined
    ? nothing
    : html`<dt>${name}</dt>
        <dd>${value}</dd>`;

const lag = (server: Server) =>
  server.behind === undefined || server.role === "leading" ? nothing : html`, ${server.behind === 0 ? "up to date" : `${server.behind.toLocaleString("en")} behind`}`;

const round = (ms: number) => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());

export function roleSentence(server: Server, ensemble: Ensemble): string {
  const others = Object.values(ensemble.servers).filter((one) => one.role === "following" || one.role === "observing").length;
  switch (server.role) {
    case "leading":
      return `It puts all writes in order and proposes them to ${others === 1 ? "the other server" : `the ${others} others`}. A write counts once ${byMajority(ensemble) ? `${ensemble.quorum.needs} of ${ensemble.quorum.size} have` : "a quorum has"} it on disk.`;
    case "following":
      return ensemble.leader
        ? `It follows server ${ensemble.leader}: it answers reads itself and passes writes on.`
        : "It follows, and answers reads itself.";
    case "observing":
      return "It has no vote: it learns what was decided, and answers reads.";
    case "standalone":
      return "It is alone. When it ends, nothing is served.";
    case "looking":
      return because("It serves nobody", server.reason || "it knows no leader");
    case "read-only":
      return server.reason || "It is cut off from the quorum: it answers reads, possibly old ones, and refuses writes.";
    case "down":
      return because("It is down", server.reason);
    case "unknown":
      return because("It could not be asked", server.reason);
  }
}

function because(what: string, reason: string | undefined): string {
  return `${reason ? `${what}: ${visible(reason)}` : what}${reason?.endsWith(".") ? "" : "."}`;
}

function actions(view: View, server: Server, ensemble: Ensemble): TemplateResult | typeof nothing {
  if (!view.may.size || !view.status?.lab) return nothing;
  return html`${actionList(view, server.id, SERVER_ACTIONS, server.actions ?? [], (action) => serverConsequence(action, server, ensemble))}${linkActions(view, `server-${server.id}`)}`;
}
