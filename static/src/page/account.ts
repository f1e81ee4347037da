// Who this person is here, and what concerns them: a button in the bar, and a list that it opens.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { at } from "./base";
import type { View } from "./view";
import "./account.css";

const PERSON = html`<svg class="ico" viewBox="0 0 16 16" aria-hidden="true">
  ${svg`<circle cx="8" cy="5.2" r="2.9"></circle><path d="M2.4 14C2.9 10.9 5 9.4 8 9.4S13.1 10.9 13.6 14"></path>`}
</svg>`;

export function account(view: View): TemplateResult | typeof nothing {
  if (!view.role) return nothing;
  return html`<button type="button" class="account-button" popovertarget="account" title="${view.user}, ${view.role}" aria-label="${view.user}, ${view.role}">
      ${PERSON}<span class="badge" data-role=${view.role}>${view.role}</span>
    </button>
    <div id="account" class="account" popover>
      <p class="account-who"><b>${view.user}</b><span>${view.role}</span></p>
      ${view.readOnly
        ? html`<p class="account-note">Nobody can change the tree: this Zooscope was started without <code>--allow-changes</code>.</p>`
        : nothing}
      <a href=${at("/tokens")}>Tokens for scripts</a>
      ${hasPassword() ? html`<a href=${at("/password")}>Change password</a>` : nothing}
      ${view.may.has("audit.read") ? html`<a href=${at("/audit")}>Audit log</a>` : nothing}
      <a href="/login">Log in as someone else</a>
      <form method="post" action="/leave">
        <input type="hidden" name="csrfmiddlewaretoken" value=${csrf()} />
        <button type="submit">Sign out</button>
      </form>
    </div>`;
}

/** Who came by a link has none. */
const hasPassword = (): boolean => document.querySelector<HTMLElement>("#app")?.dataset["password"] !== undefined;

const csrf = (): string => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
