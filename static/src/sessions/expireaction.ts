// In the inspector of a node: the end of its session, which is none of its own doing.
import { html, nothing, type TemplateResult } from "lit-html";
import { meter } from "../page/actionlist";
import type { View } from "../page/view";
import type { Node } from "../protocol";
import { icon } from "../style/icons";
import { ExpireSheet } from "./expiresheet";

export function expireAction(view: View, node: Node): TemplateResult | typeof nothing {
  const { session, state } = node;
  if (!view.may.has("session.expire") || !session) return nothing;
  const cut = view.liveness.held;
  const over = state === "dead";
  const stands = view.stage?.leaderless === true;
  const words = over ? "Its session is over." : stands ? "Not without a quorum: no session can end." : cut ? "Not while the page is cut off." : `Ends its session now: its znodes go at once${node.ended === undefined && state !== "silent" ? ", its process lives" : ""}.`;
  return html`<div class="act" data-cost="ends">
    <h3>${meter(3)}Overrules ZooKeeper</h3>
    <div class="do" aria-disabled=${over || cut || stands}>
      <button class="btn-line" aria-label="Expire the session of ${node.id}" ?disabled=${over || cut || stands} @click=${() => open(view, session)}>${icon("i-bolt")}Expire…</button>
      <span>${words}</span>
    </div>
  </div>`;
}

function open(view: View, session: string): void {
  // Nobody acts on an old picture.
  if (view.paused) view.send({ want: "resume" });
  view.hands.open(new ExpireSheet(view.hands, session));
}
