// Two values side by side, what differs in colour. Where the screen is narrow, one below the other in one text.
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import type { Mode } from "./faults";
import { hexColumns } from "./hexcolumns";
import { languageOf } from "./languages";
import { look } from "./look";

/** CSS pixels from which on there is room for two columns. */
export const TWO_COLUMNS = 760;

export interface Comparison {
  destroy(): void;
}

export function comparison(host: HTMLElement, theirs: string, mine: string, mode: Mode, two: boolean): Comparison {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  root.adoptedStyleSheets = [];
  const collapse = { margin: 3, minSize: 8 };
  const unicolumn = (label: string): Extension => [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    highlightSpecialChars(),
    mode === "hex" ? hexColumns : [lineNumbers(), EditorView.lineWrapping],
    languageOf(mode),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    look,
  ];
  if (two) {
    const side = (doc: string, label: string, name: string) => ({ doc, extensions: [unicolumn(label), EditorView.editorAttributes.of({ class: name })] });
    const view = new MergeView({
      a: side(theirs, "What is in ZooKeeper now", "is-theirs"),
      b: side(mine, "What you have here", "is-mine"),
      parent: root, root, collapseUnchanged: collapse, gutter: true,
    });
    framed(root);
    return view;
  }
  const merged = unifiedMergeView({ original: theirs, mergeControls: false, collapseUnchanged: collapse, gutter: true });
  const view = new EditorView({ doc: mine, extensions: [unicolumn("What you have here, with what is in ZooKeeper now above it"), merged], parent: root, root });
  framed(root);
  return view;
}

/** The library leaves the size of the whole to the page, and has one colour for both sides. */
function framed(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { --side: var(--worker); }
    .is-theirs, .cm-deletedChunk { --side: var(--watch); }
    .is-mine { --side: var(--worker); }
    .cm-mergeView { height: 100%; overflow-y: auto; }
    .cm-mergeViewEditors { min-height: 100%; background: var(--paper-2); }
    .cm-mergeView .cm-editor { height: auto; }
    .cm-mergeViewEditor + .cm-mergeViewEditor { border-left: 1px solid var(--rule); }
    .cm-deletedChunk { background: color-mix(in oklab, var(--side) 12%, transparent); }
  `);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
