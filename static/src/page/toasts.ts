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

  add(tone: Toast["tone"], title: string, text: string): void {
    const toast = { id: ++this.last, tone, title, text };
    this.shown = [...this.shown, toast].slice(-MOST);
    if (tone === "done") setTimeout(() => this.dismiss(toast.id), LASTS);
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
