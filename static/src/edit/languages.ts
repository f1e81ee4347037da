// The languages of the editor: their colours, and their faults with the place of each.
import { json } from "@codemirror/lang-json";
import { xml } from "@codemirror/lang-xml";
import { yaml } from "@codemirror/lang-yaml";
import { ensureSyntaxTree, StreamLanguage, syntaxTree } from "@codemirror/language";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import type { EditorState, Extension } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";
import { hexFault, jsonFault, propertiesFaults, type Fault, type Mode } from "./faults";

export function languageOf(mode: Mode): Extension {
  switch (mode) {
    case "json":
      return json();
    case "xml":
      return xml({ autoCloseTags: false });
    case "yaml":
      return yaml();
    case "properties":
      return StreamLanguage.define(properties);
    default:
      return [];
  }
}

/** All that is wrong, in the order of the text; for JSON and hex the first. */
export async function faultsOf(state: EditorState, mode: Mode): Promise<Fault[]> {
  const text = state.doc.toString();
  switch (mode) {
    case "json":
      return text.trim() ? one(jsonFault(text)) : [];
    case "hex":
      return one(hexFault(text));
    case "properties":
      return propertiesFaults(text);
    case "yaml":
      return (await import("./yaml")).yamlFaults(text);
    case "xml":
      return text.trim() ? xmlFaults(state) : [];
    default:
      return [];
  }
}

const one = (fault: Fault | null): Fault[] => (fault ? [fault] : []);

const MOST = 20;

/** From the tree of the document, which nothing is looked up for: no entity, no declaration. */
function xmlFaults(state: EditorState): Fault[] {
  const tree = ensureSyntaxTree(state, state.doc.length, 500) ?? syntaxTree(state);
  const found: Fault[] = [];
  let roots = 0;
  tree.iterate({
    enter: ({ node, name, type, from, to }) => {
      if (found.length >= MOST) return false;
      if (name === "Element" && node.parent?.name === "Document") {
        roots += 1;
        if (roots > 1) found.push({ from, to: Math.min(to, from + 40), words: "A document has one outermost element; this is another." });
      }
      const words = XML_WORDS[name]?.(state, node) ?? (type.isError ? "This is not expected here." : "");
      if (words) found.push({ from, to: Math.max(to, from), words });
      return true;
    },
  });
  if (!roots && !found.length) found.push({ from: 0, to: 0, words: "There is no element: XML has one outermost element." });
  return found;
}

const XML_WORDS: Record<string, ((state: EditorState, node: SyntaxNode) => string) | undefined> = {
  MismatchedCloseTag: (state, node) => {
    const open = node.parent?.getChild("OpenTag")?.getChild("TagName");
    return open ? `This closes another element than <${state.sliceDoc(open.from, Math.min(open.to, open.from + 40))}>, which is open.` : "This closes another element than the one that is open.";
  },
  MissingCloseTag: (state, node) => {
    const open = node.parent?.getChild("OpenTag")?.getChild("TagName");
    return open ? `<${state.sliceDoc(open.from, Math.min(open.to, open.from + 40))}> is never closed.` : "An element is never closed.";
  },
  UnmatchedCloseTag: () => "This closes an element that is not open.",
  InvalidEntity: () => "A '&' begins a reference such as &amp;; by itself it is written &amp;.",
};
