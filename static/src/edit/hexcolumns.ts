// The columns beside lines of hex: how many bytes come before, and what the bytes say as ASCII.
import { RangeSetBuilder, StateField, type EditorState, type Text } from "@codemirror/state";
import { Decoration, EditorView, lineNumbers, ViewPlugin, WidgetType, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { asciiOf, bytesIn } from "./hexlines";

/** Bytes before each line. */
const offsets = StateField.define<number[]>({
  create: (state) => count(state.doc),
  update: (found, transaction) => (transaction.docChanged ? count(transaction.state.doc) : found),
});

function count(doc: Text): number[] {
  const found = [0];
  let before = 0;
  for (const line of doc.iterLines()) found.push((before += bytesIn(line)));
  return found;
}

class Ascii extends WidgetType {
  constructor(readonly text: string) {
    super();
  }

  override eq(other: Ascii): boolean {
    return other.text === this.text;
  }

  toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "cm-ascii";
    element.textContent = this.text;
    element.setAttribute("aria-hidden", "true");
    return element;
  }
}

function asciiColumn(view: EditorView): DecorationSet {
  const found = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      if (line.length) found.add(line.to, line.to, Decoration.widget({ widget: new Ascii(asciiOf(line.text)), side: 1 }));
      at = line.to + 1;
    }
  }
  return found.finish();
}

const ascii = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = asciiColumn(view);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = asciiColumn(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export const hexColumns = [
  offsets,
  lineNumbers({ formatNumber: (line: number, state: EditorState) => (state.field(offsets)[line - 1] ?? 0).toString(16).padStart(5, "0") }),
  ascii,
];
