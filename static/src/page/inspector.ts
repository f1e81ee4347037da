// The column on the right: one node, server or znode in full. Two tabs, so that a znode and whoever owns it are a click apart.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../style/icons";
import { znodePane } from "../tree/znodepane";
import { nodePane } from "./nodepane";
import { overview } from "./overview";
import { serverPane } from "./serverpane";
import type { Selection, View } from "./view";
import { visible } from "./words";
import "./inspector.css";

/** What was inspected last of either sort; the selection is one of the two, or nothing. */
export interface Tabs {
  figure: Extract<Selection, { kind: "node" | "server" }> | null;
  znode: Extract<Selection, { kind: "znode" }> | null;
}

export const NO_TABS: Tabs = { figure: null, znode: null };

/** The tabs after a selection was made. */
export function tabsAfter(tabs: Tabs, what: Selection): Tabs {
  if (!what) return tabs;
  return what.kind === "znode" ? { ...tabs, znode: what } : { ...tabs, figure: what };
}

export function inspector(view: View, tabs: Tabs): TemplateResult {
  const what = view.selection;
  return html`
    <div class="insp-head">
      ${view.page === "cluster" && tabs.figure && tabs.znode ? segments(view, tabs) : nothing}
      <button class="icon-btn close" aria-label="Close the inspector" title="Close (Esc)" @click=${() => view.send({ want: "close-inspector" })}>
        ${icon("i-x")}
      </button>
    </div>
    <div class="insp-body" data-kind=${what?.kind ?? "overview"}>${pane(view)}</div>
  `;
}

function segments(view: View, tabs: Tabs): TemplateResult {
  const tab = (what: Exclude<Selection, null>, label: string) => html`<button
    role="tab"
    title=${label}
    aria-selected=${view.selection?.kind === what.kind}
    @click=${() => view.send({ want: "select", what })}
  >
    ${label}
  </button>`;
  return html`<div class="segments seg" role="tablist" aria-label="What is inspected">
    ${tabs.figure ? tab(tabs.figure, figureLabel(view, tabs.figure)) : nothing}
    ${tabs.znode ? tab(tabs.znode, `znode ${visible(tabs.znode.path.slice(tabs.znode.path.lastIndexOf("/")))}`) : nothing}
  </div>`;
}

function figureLabel(view: View, what: NonNullable<Tabs["figure"]>): string {
  if (what.kind === "server") return `server ${visible(what.id)}`;
  return visible(view.stage?.nodes[what.id]?.name ?? what.id);
}

function pane(view: View): unknown {
  switch (view.selection?.kind) {
    case "node":
      return nodePane(view, view.selection.id);
    case "server":
      return serverPane(view, view.selection.id);
    case "znode":
      return znodePane(view, view.selection.path);
    default:
      return overview(view);
  }
}
