// The notice on the stage while what is shown is not live: what is wrong, since when, and of when the picture is. And while it
// is live, what there is to know about it: a chroot that does not exist, an ensemble that was restored.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../style/icons";
import { untilRetry } from "./pill";
import type { Liveness, View } from "./view";
import { span, timeOfDay } from "./words";

const TITLES: Record<Exclude<Liveness["word"], "LIVE">, string> = {
  OFFLINE: "Offline",
  "BRIDGE GONE": "The bridge is gone",
  CONNECTING: "Connecting",
  "NO QUORUM": "No quorum",
  STALE: "Not live",
  "READ-ONLY": "Read-only",
};

export function band(view: View): TemplateResult | typeof nothing {
  const { liveness, clock } = view;
  if (liveness.word === "LIVE")
    return liveness.warned ? html`<div class="band" data-word="LIVE">${icon("i-warn")}<p>${liveness.why}</p></div>` : nothing;
  const known = view.stage !== null || view.ensemble !== null;
  const lasting = liveness.word !== "CONNECTING" || known;
  return html`<div class="band" data-word=${liveness.word}>
    ${icon(liveness.word === "CONNECTING" ? "i-info" : "i-warn")}
    <p>
      <b>${TITLES[liveness.word]}${lasting ? html` since ${timeOfDay(liveness.since)}, for ${span(clock - liveness.since)}` : nothing}.</b>
      ${liveness.why} ${liveness.word === "OFFLINE" && liveness.retryAt !== null ? `Next try in ${untilRetry(liveness.retryAt, clock)}\u00a0s.` : nothing}
      ${known && liveness.held ? html`What you see is how it was then.` : nothing}
    </p>
  </div>`;
}
