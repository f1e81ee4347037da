// The way back from a fault, and from all of them.
import { html, nothing, type TemplateResult } from "lit-html";
import { HEAL } from "../page/consequences";
import type { View } from "../page/view";
import type { Fault } from "../protocol";
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

/** `idle`: whether it is there while nothing is broken. */
export function healButton(view: View, faults: number, idle: boolean): TemplateResult | typeof nothing {
  if (!view.may.has(HEAL.method) || (!faults && !idle)) return nothing;
  const busy = view.busy.has(`${HEAL.method} `);
  return html`<button
    class="heal"
    title="Opens all links, resumes all that is paused, starts all servers"
    ?disabled=${view.liveness.held || !faults}
    aria-busy=${busy}
    @click=${() => busy || view.send({ want: "act", method: HEAL.method, id: "" })}
  >
    ${icon(HEAL.icon)}${HEAL.label}
  </button>`;
}
