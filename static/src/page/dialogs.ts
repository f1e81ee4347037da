// What stands over the page: the confirmation of an action, the keys, and the address to join.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import qrcode from "qrcode-generator";
import type { Problem } from "../protocol";
import { icon } from "../style/icons";
import { cutQuestion, type CutBody } from "../lab/parting";
import { actionOf, killNodeWords, quorumWithout, serverWords, stopNodeWords } from "./consequences";
import { keysFor, type Key } from "./keys";
import type { View } from "./view";
import { brief, visible } from "./words";
import "./dialogs.css";

export type Dialog =
  /** `body`: what else is sent. `told`: what the bridge said that it costs. */
  | { kind: "confirm"; method: string; id: string; body?: object; told?: string }
  | { kind: "keys" }
  | { kind: "join"; url: string; problem: Problem | null; copied: boolean };

export interface Answers {
  /** `force`: the person was told that the quorum will be lost, and wants it. */
  confirm(method: string, id: string, force: boolean): void;
  close(): void;
  /** A sheet was asked to close: what was typed may want a second word. */
  leave(): void;
  /** Something was typed after that. */
  stay(): void;
  copy(text: string): void;
}

export function dialogContent(dialog: Dialog, view: View, answers: Answers): TemplateResult {
  switch (dialog.kind) {
    case "confirm":
      return confirmation(dialog, view, answers);
    case "keys":
      return keys(view, answers);
    case "join":
      return join(dialog, view, answers);
  }
}

/** What is about to happen, in words. Null when it cannot happen any more: the node is gone, or was stopped by someone else. */
export function question(method: string, id: string, view: View, body?: object, told = ""): { title: string; words: string[]; button: string; grave: boolean } | null {
  const action = actionOf(method);
  if (!action) return null;
  if (method === "link.cut") return cutQuestion(body as CutBody, told);
  if (method.startsWith("server.")) {
    const server = view.ensemble?.servers[id];
    if (method === "server.remove" && !server && view.ensemble?.processes?.[id])
      return { title: `Remove server ${id}?`, words: ["It is no member of the ensemble. Its process ends, and its files are deleted."], button: `Remove server ${id}`, grave: false };
    if (!server || !view.ensemble) return null;
    const grave = told !== "" || (method !== "server.remove" && quorumWithout(server, view.ensemble, method).lost);
    const what = `${action.label} server ${id}`;
    return { title: `${what}?`, words: told ? [told] : serverWords(method, server, view.ensemble), button: `${what}${grave ? " all the same" : ""}`, grave };
  }
  const node = view.stage?.nodes[id];
  if (!node || !view.stage) return null;
  const words = method === "node.stop" ? stopNodeWords(node, view.stage) : killNodeWords(node, view.stage);
  return { title: `${action.label} ${brief(node.name)}?`, words: [words], button: `${action.label} ${brief(node.name)}`, grave: false };
}

function confirmation({ method, id, body, told }: Extract<Dialog, { kind: "confirm" }>, view: View, answers: Answers): TemplateResult {
  const asked = question(method, id, view, body, told);
  if (!asked)
    return html`<h2 id="dialog-title">It is gone</h2>
      <p>There is no ${visible(id)} any more.</p>
      <div class="answers"><button autofocus class="btn-quiet" @click=${answers.close}>Close</button></div>`;
  return html`
    <h2 id="dialog-title">${visible(asked.title)}</h2>
    ${asked.words.map((words, i) => html`<p class=${asked.grave && i === 0 ? "grave" : ""}>${asked.grave && i === 0 ? icon("i-warn") : nothing}<span>${words}</span></p>`)}
    <div class="answers">
      <button class="btn-quiet" @click=${answers.close}>Cancel <kbd>Esc</kbd></button>
      <button autofocus class="btn-grave" @click=${() => answers.confirm(method, id, asked.grave)}>${visible(asked.button)} <kbd>Enter</kbd></button>
    </div>
  `;
}

function keys(view: View, answers: Answers): TemplateResult {
  const [all, ...changing] = keysFor(view);
  const part = (one?: { title: string; keys: readonly Key[] }) => html`${one?.title ? html`<h3 class="keys-part">${one.title}</h3>` : nothing}${keyList(one?.keys ?? [])}`;
  return html`
    <h2 id="dialog-title">Keys</h2>
    <div class="keys-parts">
      <section>${part(all)}</section>
      ${changing.length ? html`<section>${changing.map(part)}</section>` : nothing}
    </div>
    <div class="answers"><button autofocus class="btn-quiet" @click=${answers.close}>Close <kbd>Esc</kbd></button></div>
  `;
}

function keyList(keys: readonly Key[]): TemplateResult {
  return html`<dl class="keys">
    ${keys.map(
      ({ keys: names, words }) => html`<dt>${names.map((name) => html`<kbd>${name}</kbd>`)}</dt>
        <dd>${words}</dd>`,
    )}
  </dl>`;
}

function join(dialog: Extract<Dialog, { kind: "join" }>, view: View, answers: Answers): TemplateResult {
  const { url, problem } = dialog;
  return html`
    <h2 id="dialog-title">Let others look on</h2>
    <p>Whoever opens this address sees ${view.status?.cluster ? html`<b>${visible(view.status.cluster)}</b>` : "the cluster"} live, and can change nothing.</p>
    ${url
      ? html`${qr(url)}
          <p class="url">${url}</p>
          ${onlyHere(url) ? html`<p>Only a browser on this machine reaches it. For others, start Zooscope with HOST set to an address of this machine.</p>` : nothing}`
      : html`<p>${problem ? `${problem.text} ${problem.hint ?? ""}` : "Asking for the address."}</p>`}
    <div class="answers">
      ${url ? html`<button class="btn-quiet" @click=${() => answers.copy(url)}>${dialog.copied ? "Copied" : "Copy the address"}</button>` : nothing}
      <button autofocus class="btn-quiet" @click=${answers.close}>Close <kbd>Esc</kbd></button>
    </div>
  `;
}

function onlyHere(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}

/** Dark on light in either theme: many cameras read nothing else. */
function qr(url: string): TemplateResult {
  const code = qrcode(0, "M");
  code.addData(url);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (code.isDark(y, x)) path += `M${x + 4} ${y + 4}h1v1h-1z`;
  return html`<svg class="qr" viewBox="0 0 ${size + 8} ${size + 8}" role="img" aria-label="QR code of the address" shape-rendering="crispEdges">
    ${svg`<path d=${path}></path>`}
  </svg>`;
}
