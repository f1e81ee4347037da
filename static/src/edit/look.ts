// How the editor looks: the page's tokens, which reach through its shadow root.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const marks = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.tagName, tags.definition(tags.variableName)], color: "var(--ink)", fontWeight: "650" },
  { tag: [tags.string, tags.attributeValue, tags.content], color: "var(--ens)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword, tags.labelName, tags.typeName], color: "var(--worker)" },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta, tags.meta], color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.bracket, tags.angleBracket, tags.separator], color: "var(--ink-2)" },
  { tag: [tags.attributeName, tags.quote], color: "var(--ink-2)" },
  { tag: tags.invalid, color: "var(--fail)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--paper-2)", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "21px", fontVariantNumeric: "tabular-nums" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 16px 0 8px" },
  ".cm-gutters": { backgroundColor: "var(--paper-2)", color: "var(--ink-3)", border: "0", paddingLeft: "8px" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 4px", minWidth: "32px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--ink) 5%, transparent)" },
  ".cm-activeLineGutter": { color: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--worker-wash)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in oklab, var(--lead) 22%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1.5px solid var(--edge)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--fail)" },
  ".cm-specialChar": { color: "var(--fail)", backgroundColor: "var(--fail-wash)", borderRadius: "3px" },
  ".cm-foldGutter span": { color: "var(--ink-3)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--paper)", border: "1px solid var(--edge)", color: "var(--ink-2)", padding: "0 6px" },
  ".cm-ascii": { marginLeft: "20px", color: "var(--ink-2)", pointerEvents: "none", whiteSpace: "pre" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--fail) 1.5px", textUnderlineOffset: "3px" },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--fail)" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0" },
  ".cm-lint-marker-error": { content: "none", width: "8px", height: "8px", margin: "6px 3px", borderRadius: "2px", background: "var(--fail)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1.5px solid var(--edge)", borderRadius: "8px", overflow: "hidden" },
  ".cm-diagnostic": { padding: "6px 12px", fontFamily: "var(--sans)", fontSize: "14px", lineHeight: "20px" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--fail)" },
  ".cm-panels": { backgroundColor: "var(--paper)", color: "var(--ink)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--rule)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--rule)" },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 12px", fontFamily: "var(--sans)", fontSize: "14px" },
  ".cm-panel.cm-search label": { fontSize: "14px", whiteSpace: "nowrap" },
  ".cm-textfield": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "4px", fontSize: "14px", padding: "2px 6px" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "4px", fontSize: "14px" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in oklab, var(--lead) 35%, transparent)" },
  ".cm-searchMatch-selected": { backgroundColor: "color-mix(in oklab, var(--lead) 70%, transparent)" },
  /* two values side by side */
  ".cm-changedLine": { backgroundColor: "color-mix(in oklab, var(--side) 12%, transparent) !important" },
  ".cm-changedText, .cm-deletedText": { background: "color-mix(in oklab, var(--side) 30%, transparent) !important", borderRadius: "2px" },
  ".cm-changeGutter": { width: "4px", paddingLeft: "0" },
  ".cm-changedLineGutter": { background: "var(--side) !important" },
  ".cm-collapsedLines": { color: "var(--ink-2)", background: "var(--paper)", padding: "4px 12px", fontFamily: "var(--sans)", fontSize: "14px" },
  ".cm-deletedChunk": { backgroundColor: "color-mix(in oklab, var(--fail) 12%, transparent)", paddingLeft: "8px" },
  ".cm-insertedLine, .cm-deletedLine, .cm-deletedLine del": { textDecoration: "none" },
});

export const look = [theme, syntaxHighlighting(marks)];
