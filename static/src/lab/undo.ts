// The way back from a fault, and from all of them.
import { html, nothing, type TemplateResult } from "lit-html";
import { HEAL } from "../page/consequences";
import type { View } from "../page/view";
import { plural } from "../page/words";
import type { Fault, Lab } from "../protocol";
import { icon } from "../style/icons";
import { faultWords, UNDO_WORDS } from "./words";

/** What is asked for to undo it: the method, what it is about, and what is sent. */
export function undoing(fault: Fault): { method: string; id: string; body?: object } {
  const { undo: method, who, to = "", both = true } = fault;
  if (method === "link.heal") return { method, id: `${who}>${to}`, body: { from: who, to, both } };
  return { method, id: who.replace(/^server-/, "") };
}

export function undoButton(view: View, fault: Fault): TemplateResult | typeof nothing {
  const { method, id, body } = undoing(fault);
  if (!view.may.has(method)) return nothing;
  const busy = view.busy.has(`${method} ${id}`);
  const words = UNDO_WORDS[method] ?? "Undo";
  return html`<button
    class="btn-small"
    aria-label="${words}: ${faultWords(fault)}"
    ?disabled=${view.liveness.held}
    aria-busy=${busy}
    @click=${() => busy || view.send({ want: "act", method, id, ...(body ? { body } : {}) })}
  >
    ${words}
  </button>`;
}

/** What came of it, and what it does not bring back. */
export function healedWords(value: Record<string, unknown>, lab: Lab | null): [title: string, words: string] {
  const parts = ([["links", "fault of links", "faults of links"], ["resumed", "process resumed", "processes resumed"], ["started", "server started", "servers started"]] as const)
    .map(([name, one, many]) => [Number(value[name] ?? 0), one, many] as const)
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => plural(count, one, many));
  const ended = Object.keys(lab?.ended ?? {});
  return [parts.length ? `Healed: ${parts.join(", ")}.` : "There was nothing to heal.", ended.length ? `${listed(ended)} ${ended.length === 1 ? "has" : "have"} ended and stay${ended.length === 1 ? "s" : ""} so until started again.` : ""];
}

/** 'node-1', 'node-1 and node-2', 'node-1, node-2 and 3 more'. */
export function listed(names: readonly string[]): string {
  if (names.length <= 2) return names.join(" and ");
  return names.length === 3 ? `${names[0]}, ${names[1]} and ${names[2]}` : `${names[0]}, ${names[1]} and ${names.length - 2} more`;
}

/** `idle`: whether it is there while nothing is broken. */
export function healButton(view: View, faults: number, idle: boolean): TemplateResult | typeof nothing {
  if (!view.may.has(HEAL.method) || (!faults && !idle)) return nothing;
  const busy = view.busy.has(`${HEAL.method} `);
  return html`<button
    class="heal"
    title="Opens all links, resumes all that is paused, starts all servers. Nodes that have ended stay so."
    ?disabled=${view.liveness.held || !faults}
    aria-busy=${busy}
    @click=${() => busy || view.send({ want: "act", method: HEAL.method, id: "" })}
  >
    ${icon(HEAL.icon)}${HEAL.label}
  </button>`;
}
