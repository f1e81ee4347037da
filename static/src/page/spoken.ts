// What screen readers are told: the newest happening, and when the connection's state changes. What stands on the page changes
// many times a second; read out as often it would never end, so it is told when it has settled, and now and then while it does not.
import { html, type TemplateResult } from "lit-html";
import { plain } from "./storypanel";
import type { View } from "./view";

/** For how long a sentence stays the same before it is told, ms; and how long one that keeps changing may wait. */
export const SETTLED = 1_000;
export const AT_LATEST = 8_000;

export class Spoken {
  private told = "";
  private urgent = "";
  private waiting: { words: string; since: number; from: number } | null = null;

  /** What the page says at `view.clock`, by what it said before. */
  hear(view: View): void {
    this.urgent = urgentWords(view, this.urgent);
    const newest = view.story?.chapters[view.story.order.at(-1) ?? ""];
    const words = newest && view.liveness.word === "LIVE" ? plain(newest.parts) : this.told;
    if (words === this.told) {
      this.waiting = null;
      return;
    }
    const now = view.clock;
    if (this.waiting?.words !== words) this.waiting = { words, since: now, from: this.waiting?.from ?? now };
    if (now - this.waiting.since < SETTLED && now - this.waiting.from < AT_LATEST) return;
    this.told = words;
    this.waiting = null;
  }

  draw(): TemplateResult {
    return html`<p aria-live="polite">${this.told}</p><p aria-live="assertive">${this.urgent}</p>`;
  }
}

/** Told anew when the word changes, not with every change of its reason, which may count. */
function urgentWords({ liveness: { word, why } }: View, before: string): string {
  if (word === "LIVE") return "Live";
  return before.startsWith(`${word}.`) ? before : `${word}. ${why}`;
}
