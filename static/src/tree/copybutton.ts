// A quiet button that copies a text and says whether it could.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../style/icons";
import { copy } from "./copy";
import type { ZnodeState } from "./znode";

const SAID_FOR = 2500;

export function copyButton(state: ZnodeState, what: string, label: string, text: string): TemplateResult {
  const result = state.copied?.what === what ? state.copied : null;
  const click = async (): Promise<void> => {
    const done = await copy(text);
    const copied = { what, done };
    state.change({ copied });
    setTimeout(() => state.copied === copied && state.change({ copied: null }), SAID_FOR);
  };
  const said = !result ? label : result.done ? "Copied" : "Not copied: select it instead";
  return html`<button type="button" class="zn-quiet" data-copy=${what} @click=${click}>${result?.done ? icon("i-check") : nothing}<span aria-live="polite">${said}</span></button>`;
}
