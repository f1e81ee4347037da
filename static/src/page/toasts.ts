// Short notices at the bottom: what came of an action. Problems stay until they are dismissed.
import { html, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../style/icons";
import { visible } from "./words";
import "./toasts.css";

export interface Toast {
  id: number;
  tone: "done" | "problem" | "unknown";
  title: string;
  text: string;
}

const LASTS = 6_000;
const MOST = 4;

export class Toasts {
  shown: readonly Toast[] = [];
  private last = 0;

  constructor(private readonly changed: () => void) {}

  /** Show one; its id is for `amend`. */
  add(tone: Toast["tone"], title: string, text: string): number {
    const id = ++this.last;
    this.show({ id, tone, title, text });
    return id;
  }

  /** More is known now: say it in the same place, or anew where it was dismissed meanwhile. */
  amend(id: number, tone: Toast["tone"], title: string, text: string): void {
    this.show({ id, tone, title, text });
  }

  private show(toast: Toast): void {
    const stands = this.shown.some(({ id }) => id === toast.id);
    this.shown = stands ? this.shown.map((one) => (one.id === toast.id ? toast : one)) : [...this.shown, toast].slice(-MOST);
    if (toast.tone === "done") setTimeout(() => this.dismiss(toast.id), LASTS);
    this.changed();
  }

  readonly dismiss = (id: number): void => {
    this.shown = this.shown.filter((toast) => toast.id !== id);
    this.changed();
  };
}

export function toastList(toasts: Toasts): TemplateResult {
  return html`${repeat(
    toasts.shown,
    (toast) => toast.id,
    (toast) => html`<div class="toast" data-tone=${toast.tone}>
      ${icon(toast.tone === "done" ? "i-check" : "i-warn")}
      <p><b>${visible(toast.title)}</b> ${visible(toast.text)}</p>
      <button class="icon-btn" aria-label="Dismiss" @click=${() => toasts.dismiss(toast.id)}>${icon("i-x")}</button>
    </div>`,
  )}`;
}
