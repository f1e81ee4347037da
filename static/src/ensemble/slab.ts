// A server as a square with its number; its shape says what its role is, and so does the word beside it.
import { html, nothing, type TemplateResult } from "lit-html";
import { visible } from "../page/words";
import type { Server } from "../protocol";
import { icon } from "../style/icons";
import { standing } from "./details";

/** Its number, or the first letter of what it is called. */
export function numeral(id: string): string {
  return /^\d{1,3}$/.test(id) ? id : "·";
}

export function slab(server: Server): TemplateResult {
  const is = standing(server);
  return html`<span class="slab-box is-${is}" aria-hidden="true">${visible(numeral(server.id))}${is === "leads" ? icon("i-flag") : is === "down" ? icon("i-x") : nothing}</span>`;
}
