// An ACL in words: who may do what.
import { html, type TemplateResult } from "lit-html";
import { escaped } from "../tree/rows";
import { PERMS, permWords, whoWords, type Ace } from "./aces";
import "./acl.css";

export function aclList(entries: readonly Ace[]): TemplateResult {
  return html`<ul class="acl">
    ${entries.map(
      (ace) => html`<li>
        <p><b>${escaped(whoWords(ace))}</b> ${permWords(ace.perms)}.</p>
        <p class="acl-raw"><bdi>${escaped(ace.scheme)}:${escaped(ace.id)}</bdi> ${letters(ace.perms)}</p>
      </li>`,
    )}
  </ul>`;
}

/** 'rwcda' as ZooKeeper's shell writes them, what is not permitted as a dot. */
function letters(perms: string): string {
  return PERMS.map(({ letter }) => (perms.includes(letter) ? letter : "·")).join("");
}
