// Who led, epoch by epoch, and how long elections took: what was seen from outside has bounds, what leaders measured has none.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { ago, span, timeOfDay, visible } from "../page/words";
import type { Reign, Servers } from "../protocol";
import { serversOf } from "./details";

const SHOWN = 12;

/** The latest first. */
export function inTime(servers: Servers): [number, Reign][] {
  return Object.entries(servers.reigns).map(([number, reign]): [number, Reign] => [Number(number), reign]).sort(([a], [b]) => b - a);
}

export const latest = (servers: Servers): Reign | undefined => inTime(servers)[0]?.[1];

/** '0.26 s', '31 ms'. */
export function brief(ms: number): string {
  if (ms < 0.5) return "less than 1 ms";
  if (ms < 995) return `${Math.round(ms)} ms`;
  return span(ms);
}

/** How long nobody led: '0.9 s', 'less than 1.0 s', '1.0 to 3.0 s'; '' where it is not known. */
export function gapWords(reign: Reign): string {
  const { gap_low: low, gap_high: high } = reign;
  if (low === undefined || high === undefined) return "";
  if (brief(low) === brief(high)) return brief(high);
  return low < 50 ? `less than ${brief(high)}` : `${brief(low)} to ${brief(high)}`;
}

/** The best that is known of how long it took until this one led: what it measured itself, or what was seen. */
export function took(reign: Reign): string {
  if (reign.outage !== undefined) return brief(reign.outage);
  return gapWords(reign) || "not seen";
}

/** Nothing of a server that is alone: it is elected by nobody. */
export function reignsSection(view: View): TemplateResult | typeof nothing {
  const servers = serversOf(view);
  const reigns = servers ? inTime(servers) : [];
  if (Object.values(view.ensemble?.servers ?? {}).some((one) => one.role === "standalone") && reigns.length < 2) return nothing;
  return html`<section class="ens-part" aria-labelledby="ens-reigns">
    <header class="ens-head"><h2 id="ens-reigns">Epochs and elections</h2>${servers ? html`<p>watched since ${timeOfDay(servers.began)}</p>` : nothing}</header>
    ${reigns.length
      ? html`<ol class="reigns">
          ${servers!.vacant === undefined ? nothing : html`<li class="reign is-vacant"><span class="reign-epoch">–</span><span class="reign-who">nobody leads</span><span class="reign-when">since ${timeOfDay(servers!.vacant)}</span><span class="reign-how">for ${span(view.now - servers!.vacant)}</span></li>`}
          ${reigns.slice(0, SHOWN).map(([, reign]) => row(view, reign))}
        </ol>
        ${reigns.length > SHOWN
          ? html`<details class="reigns-more"><summary>${reigns.length - SHOWN} before these</summary><ol class="reigns">${reigns.slice(SHOWN).map(([, reign]) => row(view, reign))}</ol></details>`
          : nothing}
        ${reigns.length > 1 || servers!.vacant !== undefined ? resolution(reigns.map(([, reign]) => reign)) : nothing}`
      : html`<p class="ens-aside">${servers ? "Nobody was seen to lead yet." : "Nothing is known yet."}</p>`}
  </section>`;
}

function row(view: View, reign: Reign): TemplateResult {
  const until = reign.until;
  return html`<li class="reign ${until === undefined ? "is-now" : ""}">
    <span class="reign-epoch" title="epoch ${reign.epoch}"><span class="sr">epoch </span>${reign.epoch}</span>
    <span class="reign-who"><button @click=${() => view.send({ want: "select", what: { kind: "server", id: reign.leader } })}>server ${visible(reign.leader)}</button></span>
    <span class="reign-when">${reign.found && !reign.exact ? `before ${timeOfDay(reign.since)}` : timeOfDay(reign.since)}${until === undefined ? nothing : ` – ${timeOfDay(until)}`}<small>${lasted(reign, view.now)}</small></span>
    <span class="reign-how">${how(reign)}${reign.why ? html` <small>Ended: ${visible(reign.why)}.</small>` : nothing}</span>
  </li>`;
}

function lasted(reign: Reign, now: number): string {
  if (reign.until !== undefined) return `, ${reign.found && !reign.exact ? "for " : ""}${span(reign.until - reign.since)}${reign.found && !reign.exact ? " or longer" : ""}`;
  return reign.found && !reign.exact ? "" : `, ${ago(now - reign.since)}`;
}

function how(reign: Reign): TemplateResult {
  if (reign.found) return html`<span>It led already when it was first asked.</span>`;
  const gap = gapWords(reign);
  const own = [
    reign.outage === undefined ? "" : brief(reign.outage),
    reign.election === undefined ? "" : `${reign.outage === undefined ? "" : "of it "}${brief(reign.election)} for the vote`,
  ].filter(Boolean);
  return html`<span><b>${gap || "an unknown time"}</b> without a leader${own.length ? html`; <small>by its own measure ${own.join(", ")}</small>` : nothing}.</span>`;
}

/** What the bounds rest on, in a sentence. */
function resolution(reigns: readonly Reign[]): TemplateResult {
  const own = reigns.some((one) => one.election !== undefined || one.exact);
  return html`<p class="ens-aside">Servers are asked once a second, twice while something is wrong: what is seen of an election from outside has bounds.
    ${own ? "What leaders tell of themselves (mntr, AdminServer) is exact, and of their own clock." : "Where mntr or AdminServer may be asked, leaders tell more exactly."}</p>`;
}
