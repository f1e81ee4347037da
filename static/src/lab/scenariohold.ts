// The end of a scenario, left standing until it has been talked about: whether it is, for how long yet, and the way back.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { View } from "../page/view";
import { visible } from "../page/words";
import type { Play } from "../protocol";
import { icon } from "../style/icons";
import { scenariosOf } from "./scenariotopic";

/** What whoever runs scenarios from this page wants: this page's alone. */
export const wish = { hold: true };

/** How a person's run is asked for: slow enough to follow, and its end left standing where that is wished. */
export function manner(): object {
  return { ...(wish.hold ? { hold: true } : {}), slow: true };
}

export function holdSwitch(view: View): TemplateResult {
  const turn = (event: Event): void => {
    wish.hold = (event.target as HTMLInputElement).checked;
    view.send({ want: "redraw" });
  };
  return html`<label class="scenario-wish"><input type="checkbox" .checked=${live(wish.hold)} @change=${turn} />Leave the end standing
    <small>until you put it back, 10 minutes at the most</small></label>`;
}

/** The run whose end is left standing. */
export function heldPlay(view: View): Play | null {
  const play = scenariosOf(view)?.play;
  return play?.state === "holding" ? play : null;
}

/** '9:42', of the time until it is put back by itself; '' where it holds for good. */
export function countdown(view: View, play: Play): string {
  if (play.until === undefined) return "";
  const seconds = Math.max(0, Math.ceil((play.until - view.now) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function putBack(view: View, play: Play): void {
  view.send({ want: "act", method: "scenario.putback", id: play.name });
}

export function putBackButton(view: View, play: Play): TemplateResult | typeof nothing {
  if (!view.may.has("scenario.run")) return nothing;
  const busy = view.busy.has(`scenario.putback ${play.name}`);
  return html`<button class="btn-quiet scenario-putback" title="Put back what ${visible(play.title)} did (key b)" ?disabled=${view.liveness.held} aria-busy=${busy} @click=${() => busy || putBack(view, play)}>
    ${icon("i-undo")}Put back
  </button>`;
}
