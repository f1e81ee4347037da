// The stones of those who have ended: each has its own button on the stage; of several, all go at once.
import { html, nothing, type TemplateResult } from "lit-html";
import { isFrozen } from "../figure/words";
import type { Node } from "../protocol";
import type { Actions } from "./actions";
import type { Toasts } from "./toasts";
import { tellFailure } from "./verdict";
import type { View } from "./view";

export function gravesOf(nodes: Readonly<Record<string, Node>>): string[] {
  return Object.values(nodes).filter((node) => node.state === "dead" && (node.actions ?? []).includes("dismiss") && !isFrozen(node)).map(({ id }) => id);
}

export function gravesButton(view: View): TemplateResult | typeof nothing {
  const ids = view.may.has("node.dismiss") ? gravesOf(view.stage?.nodes ?? {}) : [];
  if (ids.length < 2) return nothing;
  const busy = ids.some((id) => view.busy.has(`node.dismiss ${id}`));
  return html`<button class="story-graves" title="Takes the stones of those who have ended off the stage, for everyone" ?disabled=${view.liveness.held} aria-busy=${busy}
    @click=${() => busy || view.send({ want: "dismiss", ids })}>Dismiss all ${ids.length} that ended</button>`;
}

/** One after the other; the first that is refused is told, and the rest stay. Tells which are gone. */
export async function dismissAll(actions: Actions, toasts: Toasts, ids: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  for (const id of ids) {
    const outcome = await actions.run("node.dismiss", id);
    if (outcome?.ok) gone.push(id);
    else if (outcome) {
      await tellFailure(actions, toasts, `Dismiss ${id}`, outcome);
      break;
    }
  }
  return gone;
}
