// What a session has left: a ring that drains and is filled whenever the session is heard, the seconds, and whose word it is.
import { html, nothing, type TemplateResult } from "lit-html";
import { span } from "../page/words";
import type { Session, Sessions } from "../protocol";
import { expiryWords, left, runsOut } from "./words";

export function countdown(session: Session, now: number, value: Sessions | null): TemplateResult {
  const rest = left(session, now);
  if (!rest) return html`<span class="ss-left" data-known="false">${ring(null)}<span><b>—</b><small>${value?.held === false ? "nothing expires" : "not known"}</small></span></span>`;
  const lost = session.connected === false;
  const over = rest.ms <= 0;
  return html`<span class="ss-left" data-out=${runsOut(session, now)} data-sure=${session.expiry === "server"} title=${expiryWords(session, now)}>
    ${ring(rest.part)}<span><b>${over ? "due" : span(rest.ms)}</b><small>${session.expiry === "server" ? "server’s own" : "estimated"}${lost ? nothing : ""}</small></span>
  </span>`;
}

/** Decoration: the seconds beside it say the same. */
function ring(part: number | null): TemplateResult {
  return html`<svg class="ss-ring" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="9"></circle>
    ${part === null ? nothing : html`<svg viewBox="0 0 24 24"><circle class="rest" cx="12" cy="12" r="9" pathLength="100" stroke-dasharray="${(part * 100).toFixed(1)} 101" transform="rotate(-90 12 12)"></circle></svg>`}
  </svg>`;
}
