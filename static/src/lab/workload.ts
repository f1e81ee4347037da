// The workload of tasks: what is ordered, how far it is, its rates and its queues.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Worker, Workload } from "../protocol";
import { rateWords } from "../figure/loads";
import type { View } from "../page/view";
import { plural, span, visible } from "../page/words";
import { icon } from "../style/icons";
import "./workload.css";

/** What a person has put into the form: of this page alone. */
const form = { by: "tasks" as "tasks" | "rate", tasks: "1000", rate: "50", seconds: "60", work: "20", clearing: false };

const BOUNDS = { tasks: [1, 100_000], rate: [1, 2_000], seconds: [1, 600], work: [0, 60_000] } as const;
const MOST = 100_000;
type Figure = keyof typeof BOUNDS;

export function workloadSection(view: View): TemplateResult | typeof nothing {
  const workload = view.store.value<Workload>("workload");
  const may = view.may.has("workload.run") && !view.readOnly;
  const there = workload !== null && workload.state !== "";
  if (!may && !there) return nothing;
  return html`<section class="workload" aria-labelledby="workload-title">
    <h2 id="workload-title">Tasks for the nodes</h2>
    <p class="workload-why">The leader hands tasks from /tasks to its workers below /assign; results come under /status. Each step is one transaction, so that no task is lost or done twice, whoever dies.</p>
    ${may ? order(view, workload) : nothing}
    ${there ? progress(view, workload) : nothing}
  </section>`;
}

// ── the order ──────────────────────────────────────────────────────────────

function order(view: View, workload: Workload | null): TemplateResult {
  const state = workload?.state ?? "";
  const under = state === "making" || state === "finishing";
  // While one is under way the form shows what was ordered.
  const ordered = under ? workload! : undefined;
  const cut = view.liveness.held || view.paused !== null;
  const busy = (act: string): boolean => view.busy.has(`workload.${act} `);
  const fault = under ? "" : faultOf();
  const nodes = Object.values(view.stage?.nodes ?? {}).filter((node) => node.state !== "dead").length;
  return html`<form class="workload-order" @submit=${(event: Event) => start(event, view)}>
    <fieldset class="workload-by" ?disabled=${under}>
      <legend class="sr">How many</legend>
      ${way(view, "tasks", "A number of tasks", ordered)} ${way(view, "rate", "So many a second", ordered)}
    </fieldset>
    ${(ordered ? !ordered.pace : form.by === "tasks")
      ? number(view, "tasks", "Tasks", "", ordered?.tasks)
      : html`${number(view, "rate", "Tasks a second", "", ordered?.pace)}${ordered ? number(view, "tasks", "Tasks", "", ordered.tasks) : number(view, "seconds", "For", "s")}`}
    ${number(view, "work", "Each takes", "ms", ordered && (ordered.work ?? 0))}
    <div class="workload-does">
      <button type="submit" class="btn-line workload-go" ?disabled=${under || cut || fault !== "" || busy("start")} aria-busy=${busy("start")}>${icon("i-play")}Start</button>
      <button type="button" class="btn-line" ?disabled=${state !== "making" || cut || busy("stop")} @click=${() => view.send({ want: "workload", act: "stop" })}>${icon("i-stop")}Stop</button>
      ${clear(view, workload, cut || busy("clear"))}
    </div>
    <p class="workload-said" data-fault=${fault !== ""} aria-live="polite">${fault || said(under, state, nodes)}</p>
  </form>`;
}

function said(under: boolean, state: string, nodes: number): string {
  if (state === "making") return "Stop: no more tasks are made, and those that are there are done.";
  if (under) return "No more tasks come; those that are there are done.";
  if (nodes === 0) return "There is no node yet to do them: add some.";
  if (nodes === 1) return "There is one node, which leads: tasks wait until there is a worker too.";
  return `${nodes - 1 === 1 ? "One worker takes" : `${nodes - 1} workers take`} them.`;
}

function way(view: View, by: "tasks" | "rate", words: string, ordered?: Workload): TemplateResult {
  const choose = (): void => {
    form.by = by;
    view.send({ want: "redraw" });
  };
  return html`<label class="workload-way"><input type="radio" name="workload-by" .checked=${live((ordered ? (ordered.pace ? "rate" : "tasks") : form.by) === by)} @change=${choose} />${words}</label>`;
}

/** `fixed`: what was ordered, and cannot be changed. */
function number(view: View, name: Figure, label: string, unit: string, fixed?: number): TemplateResult {
  const off = fixed !== undefined;
  const typed = (event: Event): void => {
    form[name] = (event.target as HTMLInputElement).value.trim();
    view.send({ want: "redraw" });
  };
  return html`<label class="workload-figure">${label}<span><input inputmode="numeric" autocomplete="off" maxlength="7" .value=${live(off ? String(fixed) : form[name])} ?disabled=${off} aria-invalid=${!off && bad(name) !== ""} @input=${typed} />${unit ? html`<span>${unit}</span>` : nothing}</span></label>`;
}

/** Clearing away what is not done asks once more, in place. */
function clear(view: View, workload: Workload | null, off: boolean): TemplateResult | typeof nothing {
  if (!workload?.state) {
    form.clearing = false;
    return nothing;
  }
  const unfinished = (workload.waiting ?? 0) + (workload.assigned ?? 0);
  const sure = form.clearing || workload.state === "done";
  const press = (): void => {
    form.clearing = !sure;
    if (sure) view.send({ want: "workload", act: "clear" });
    else view.send({ want: "redraw" });
  };
  const keep = (): void => {
    form.clearing = false;
    view.send({ want: "redraw" });
  };
  return html`<button type="button" class="btn-line workload-clear" data-grave=${form.clearing} ?disabled=${off} @click=${press}>${icon("i-x")}${form.clearing ? `Clear away ${plural(unfinished, "unfinished task")}` : "Clear away"}</button>
    ${form.clearing ? html`<button type="button" @click=${keep}>Keep them</button>` : nothing}`;
}

function start(event: Event, view: View): void {
  event.preventDefault();
  if (faultOf()) return;
  const work = Number(form.work);
  const body = form.by === "tasks" ? { tasks: Number(form.tasks), work } : { rate: Number(form.rate), seconds: Number(form.seconds), work };
  view.send({ want: "workload", act: "start", body });
}

function bad(name: Figure): string {
  const [least, most] = BOUNDS[name];
  const value = Number(form[name]);
  if (/^\d+$/.test(form[name]) && value >= least && value <= most) return "";
  const words = { tasks: "Tasks", rate: "Tasks a second", seconds: "Seconds", work: "Milliseconds that each takes" }[name];
  return `${words}: a whole number from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}.`;
}

function faultOf(): string {
  const names: Figure[] = form.by === "tasks" ? ["tasks", "work"] : ["rate", "seconds", "work"];
  const fault = names.map(bad).find(Boolean) ?? "";
  const all = Number(form.rate) * Number(form.seconds);
  if (fault || form.by === "tasks" || all <= MOST) return fault;
  return `These are ${all.toLocaleString("en")} tasks; a workload has ${MOST.toLocaleString("en")} at the most.`;
}

// ── how far it is ──────────────────────────────────────────────────────────

function progress(view: View, workload: Workload): TemplateResult {
  const { tasks = 0, made = 0, done = 0, waiting = 0, assigned = 0, again = 0, rate = 0, rates = [] } = workload;
  const all = Math.max(tasks, made, 1);
  const share = (count: number): number => Math.round((Math.min(count, all) / all) * 1000) / 10;
  const oldest = workload.oldest !== undefined && waiting > 0 ? span(view.now - workload.oldest) : "";
  return html`<div class="workload-state">
    <p class="workload-now"><b>${done.toLocaleString("en")}</b> of ${tasks.toLocaleString("en")} done${workload.state === "done" ? (workload.stopped ? ", stopped" : ", all of them") : html`, <b>${rateWords(rate)}</b>`}</p>
    <svg class="workload-bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${done} done, ${assigned} with workers, ${waiting} waiting, of ${tasks}">
      <rect class="ground" width="100" height="6"></rect>
      <rect class="done" width=${share(done)} height="6"></rect>
      <rect class="assigned" x=${share(done)} width=${share(assigned)} height="6"></rect>
      <rect class="waiting" x=${share(done + assigned)} width=${share(waiting)} height="6"></rect>
    </svg>
    <dl class="workload-facts">
      ${fact("Waiting", waiting.toLocaleString("en"), oldest ? `the oldest for ${oldest}` : "", "waiting")}
      ${fact("With workers", assigned.toLocaleString("en"), "", "assigned")}
      ${fact("Done", done.toLocaleString("en"), "", "done")}
      ${fact("Handed out again", again.toLocaleString("en"), again ? "after a worker had died" : "")}
    </dl>
    ${checked(workload)}
    ${rates.length ? spark(rates) : nothing}
    ${workers(view, workload)}
  </div>`;
}

function fact(name: string, value: string, more: string, key = ""): TemplateResult {
  return html`<div>
    <dt>${key ? html`<i class="workload-key" data-of=${key}></i>` : nothing}${name}</dt>
    <dd><b>${value}</b>${more ? html` <span>${more}</span>` : nothing}</dd>
  </div>`;
}

const WRONG = { lost: "is in no place", double: "is in two places", twice: "has two results" };

/** The continuous check, in words. */
function checked(workload: Workload): TemplateResult {
  const { checked = 0, violated = 0, violations = [] } = workload;
  if (!violated) return html`<p class="workload-check" data-well="true">${icon("i-check")}<span>${plural(checked, "task")} checked: each is in exactly one place.</span></p>`;
  return html`<p class="workload-check" data-well="false" role="alert">${icon("i-warn")}<span><b>${plural(violated, "task")} not in exactly one place.</b> ${violations.slice(0, 5).map((one) => html`Task ${one.task} ${WRONG[one.what]}. `)}</span></p>`;
}

/** Results a second over the last minute, its highest second in words. */
function spark(rates: readonly number[]): TemplateResult {
  const most = Math.max(1, ...rates);
  return html`<figure class="workload-spark">
    <svg viewBox="0 0 ${rates.length * 4} 40" preserveAspectRatio="none" aria-hidden="true">
      ${rates.map((one, at) => (one ? svg`<rect x=${at * 4} y=${40 - (one / most) * 38} width="3" height=${(one / most) * 38}></rect>` : nothing))}
    </svg>
    <figcaption>Results a second over the last minute; ${most.toLocaleString("en")} at the most.</figcaption>
  </figure>`;
}

const SHOWN = 40;

function workers(view: View, workload: Workload): TemplateResult | typeof nothing {
  const all = Object.entries(workload.workers ?? {}).sort(([a, one], [b, other]) => Number(one.gone ?? false) - Number(other.gone ?? false) || (a < b ? -1 : 1));
  if (!all.length) return workload.state === "done" ? nothing : html`<p class="workload-none">No worker is there: tasks wait.</p>`;
  const most = Math.max(24, ...all.map(([, one]) => one.queue ?? 0));
  return html`<table class="workload-workers">
    <thead><tr><th scope="col">Worker</th><th scope="col">Before it</th><th scope="col">Done</th><th scope="col">Rate</th></tr></thead>
    <tbody>${all.slice(0, SHOWN).map(([entry, one]) => row(view, entry, one, most))}</tbody>
  </table>
  ${all.length > SHOWN ? html`<p class="workload-none">and ${all.length - SHOWN} more</p>` : nothing}`;
}

function row(view: View, entry: string, worker: Worker, most: number): TemplateResult {
  const { node = "", queue = 0, done = 0, rate = 0, gone = false } = worker;
  const name = view.stage?.nodes[node]?.name ?? node;
  return html`<tr data-gone=${gone}>
    <th scope="row">${name ? html`<span>${visible(name)}</span> ` : nothing}<code>${visible(entry)}</code>${gone ? html`<em>gone</em>` : nothing}</th>
    <td class="workload-queue"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="8"></rect><rect class="assigned" width=${(Math.min(queue, most) / most) * 100} height="8"></rect></svg><span>${queue}</span></td>
    <td>${done.toLocaleString("en")}</td>
    <td>${rateWords(rate)}</td>
  </tr>`;
}
