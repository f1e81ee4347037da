// What is wrong by the rules of the configuration: on the ensemble's page in full, on every page as a badge.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { ago, plural, span, timeOfDay, visible } from "../page/words";
import type { Alert, AlertRule, Alerts, Delivery, PastAlert } from "../protocol";
import { icon } from "../style/icons";
import "./alerts.css";

const TOPIC = "alerts";
const SEVERITIES: readonly Alert["severity"][] = ["critical", "warning", "info"];

/** Of the past ones, how many are shown at first. */
const SHOWN = 5;

const STATES: Record<NonNullable<AlertRule["state"]>, string> = { quiet: "quiet", pending: "so, but not for long enough yet", firing: "fires", unknown: "not known" };

const HEAD = html`<header class="ens-head"><h2>Alerts</h2></header>`;

const firingIn = (alerts: Alerts | null): Alert[] =>
  Object.values(alerts?.firing ?? {}).sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.fired - b.fired);

/** In the bar on top, while something fires; it leads to the page that says what. */
export function alertBadge(view: View): TemplateResult | typeof nothing {
  const firing = firingIn(view.store.value<Alerts>(TOPIC));
  const first = firing[0];
  if (!first) return nothing;
  const words = `${firing.map((alert) => `${visible(alert.words)} Since ${timeOfDay(alert.since)}.`).join("\n")}`;
  return html`<button class="alert-badge" data-severity=${first.severity} title=${words} @click=${() => view.send({ want: "go", to: "ensemble" })}>
    ${icon("i-warn")}<b>${firing.length}</b><span>${firing.length === 1 ? "alert" : "alerts"}</span>
  </button>`;
}

export function alertsSection(view: View): TemplateResult {
  const alerts = view.store.value<Alerts>(TOPIC);
  if (!alerts) return html`<section class="alerts" aria-label="Alerts">${HEAD}<p class="alerts-quiet">Nothing is known yet.</p></section>`;
  const firing = firingIn(alerts);
  const rules = Object.entries(alerts.rules ?? {});
  const past = Object.entries(alerts.past ?? {}).sort(([a], [b]) => Number(b) - Number(a)).map(([, one]) => one);
  return html`<section class="alerts" aria-label="Alerts">
    ${HEAD}
    ${firing.length
      ? html`<ul class="alerts-list">${firing.map((alert) => row(view, alert))}</ul>`
      : html`<p class="alerts-quiet">${quiet(rules)}</p>`}
    ${alerts.delivery ? delivery(view, alerts.delivery) : nothing}
    ${past.length ? history(view, past) : nothing}
    ${rules.length
      ? html`<details class="alerts-rules"><summary>${plural(rules.length, "rule")}</summary>
          <dl>${rules.map(([name, rule]) => html`<div data-state=${rule.state ?? "quiet"}><dt>${visible(name)} <small>${rule.severity}</small></dt><dd>${visible(rule.words)}: <b>${STATES[rule.state ?? "quiet"]}</b></dd></div>`)}</dl>
        </details>`
      : nothing}
  </section>`;
}

function quiet(rules: [string, AlertRule][]): string {
  if (!rules.length) return "No rule watches this cluster.";
  const unknown = rules.filter(([, rule]) => rule.state === "unknown").map(([name]) => visible(name));
  const pending = rules.filter(([, rule]) => rule.state === "pending").map(([name]) => visible(name));
  const said = [`No alert: ${rules.length === 1 ? "the one rule is not" : `none of the ${rules.length} rules is`} broken.`];
  if (pending.length) said.push(`${pending.join(", ")}: so, but not for long enough yet.`);
  if (unknown.length) said.push(`${unknown.join(", ")}: not known at the moment.`);
  return unknown.length === rules.length ? "What the rules ask for is not known at the moment." : said.join(" ");
}

function row(view: View, alert: Alert): TemplateResult {
  return html`<li class="alerts-row" data-severity=${alert.severity}>
    ${icon(alert.severity === "info" ? "i-info" : "i-warn")}
    <div>
      <p class="alerts-words">${visible(alert.words)}</p>
      <p class="alerts-when">
        <b>${alert.severity}</b> · ${visible(alert.rule)} · since ${timeOfDay(alert.since)}, ${ago(view.now - alert.since)}${alert.unknown ? html` · <b>how it is now is not known</b>` : nothing}
      </p>
    </div>
  </li>`;
}

function history(view: View, past: PastAlert[]): TemplateResult {
  const line = (one: PastAlert) => html`<li>
    <span class="alerts-time">${timeOfDay(one.ended)}</span>
    <span>${visible(one.words)} <small>${one.severity}, over after ${span(one.ended - one.since)}</small></span>
  </li>`;
  const old = view.now - (past[0]?.ended ?? 0);
  return html`<details class="alerts-past" ?open=${old < 600_000}>
    <summary>${plural(past.length, "alert")} ended; the last one ${ago(old)}</summary>
    <ul>${past.slice(0, SHOWN).map(line)}</ul>
    ${past.length > SHOWN ? html`<details><summary>${past.length - SHOWN} older</summary><ul>${past.slice(SHOWN).map(line)}</ul></details>` : nothing}
  </details>`;
}

function delivery(view: View, told: Delivery): TemplateResult {
  const lost = told.lost ? ` ${plural(told.lost, "message")} had to be given up.` : "";
  if (told.state === "ok")
    return html`<p class="alerts-note">${told.waiting ? `${plural(told.waiting, "message")} on the way to the webhook.` : "Alerts are posted to the webhook."}${lost}</p>`;
  return html`<p class="alerts-note" data-tone="problem">
    ${icon("i-warn")}<span><b>The webhook does not take alerts:</b> ${visible(told.words ?? "")}${told.since ? html`, since ${timeOfDay(told.since)}, ${ago(view.now - told.since)}` : nothing}. ${plural(told.waiting ?? 0, "message")} wait${told.waiting === 1 ? "s" : ""}; it is tried again.${lost}</span>
  </p>`;
}
