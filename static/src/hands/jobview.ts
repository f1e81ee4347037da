// How a long work is told of: its title, its bar, its state in a word.
import { html, nothing, type TemplateResult } from "lit-html";
import { brief } from "../page/words";
import { parentOf } from "../tree/paths";
import { styles } from "../style/styles";
import type { Job } from "./jobs";
import "./works.css";

const VERBS: Record<string, string> = {
  "subtree.delete": "Delete",
  "subtree.copy": "Copy",
  "subtree.move": "Move",
  "subtree.acl": "Change ACLs below",
  "subtree.import": "Import into",
  "subtree.compare": "Compare",
};

export function verbOf(job: Job): string {
  const dry = job.parameters["dry_run"] === true ? "Dry run: " : "";
  const verb = isRename(job) ? "Rename" : (VERBS[job.kind] ?? job.kind);
  return dry ? dry + verb.toLowerCase() : verb;
}

/** A move within the same parent. */
export function isRename({ kind, path, parameters: { to } }: Job): boolean {
  return kind === "subtree.move" && typeof to === "string" && parentOf(to) === parentOf(path);
}

/** The top of what a work has made, once it has; null for any other. */
export function madeBy({ kind, state, path, parameters }: Job): string | null {
  if (state !== "done" || parameters["dry_run"] === true) return null;
  if (kind === "subtree.import") return path;
  const { to } = parameters;
  return (kind === "subtree.copy" || kind === "subtree.move") && typeof to === "string" ? to : null;
}

/** 'Delete /config' */
export function titleOf(job: Job): string {
  return `${verbOf(job)} ${brief(job.path)}`;
}

const STATES: Record<Job["state"], string> = { running: "Running.", done: "Done.", failed: "Failed.", cancelled: "Stopped.", unknown: "Unknown." };

export function stateWords(job: Job): string {
  return job.state === "running" && job.cancelling ? "Stopping." : STATES[job.state];
}

/**
 * As long as nobody knows how many there will be, the bar only says that it is under way. What has ended without a step, as
 * every dry run does, has none.
 */
export function progress(job: Job): TemplateResult | typeof nothing {
  const known = job.total !== null && job.total > 0;
  if (job.state !== "running" && (!known || job.done === 0 || job.parameters["dry_run"] === true)) return nothing;
  const part = known ? Math.min(1, job.done / (job.total as number)) : 0;
  return html`<div
    class="job-bar"
    role="progressbar"
    aria-label=${titleOf(job)}
    aria-valuemin="0"
    aria-valuemax=${known ? (job.total as number) : nothing}
    aria-valuenow=${known ? job.done : nothing}
    data-state=${job.state}
    data-known=${known}
  >
    <i style=${styles({ width: known ? `${(part * 100).toFixed(2)}%` : "30%" })}></i>
  </div>`;
}
