// The editor itself: CodeMirror in a shadow root, where its styles need no exception from the Content-Security-Policy.
import { defaultKeymap, history, historyKeymap, isolateHistory } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { forceLinting, linter, lintGutter, lintKeymap, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import type { Fault, Mode } from "./faults";
import { hexColumns } from "./hexcolumns";
import { faultsOf, languageOf } from "./languages";
import { look } from "./look";

/** ms after the last key before the text is checked. */
const REST = 350;

export interface Placed extends Fault {
  line: number;
  column: number;
}

export interface Surface {
  readonly text: string;
  readonly mode: Mode;
  /** What ends a line of `text`. */
  readonly eol: string;
  /** Replace the text; one step of undo. */
  replace(text: string): void;
  /** Another language, and where `text` is given another text, with a history of its own. */
  turn(mode: Mode, text?: string, eol?: string): void;
  lock(locked: boolean): void;
  go(fault: Placed): void;
  focus(): void;
  destroy(): void;
}

export interface Watcher {
  changed(): void;
  faults(found: readonly Placed[]): void;
  save(): void;
}

export function surface(host: HTMLElement, text: string, mode: Mode, eol: string, watcher: Watcher): Surface {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const [locked, spoken] = [new Compartment(), new Compartment()];
  let now = mode;
  let ends = eol;

  const stateOf = (text: string): EditorState =>
    EditorState.create({ doc: inside(text), extensions: [EditorState.lineSeparator.of("\n"), basics, locked.of([]), spoken.of(speaking(now, watcher))] });
  /** In the editor a line ends in '\n'; where a text has other ends besides, they stay in it as characters. */
  const inside = (text: string): string => (ends === "\r\n" ? text.split("\r\n").join("\n") : text);
  const basics: Extension = [
    history(),
    drawSelection(),
    highlightSpecialChars(),
    bracketMatching(),
    indentOnInput(),
    indentUnit.of("  "),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([{ key: "Mod-s", run: () => (watcher.save(), true), preventDefault: true }, ...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap]),
    EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) watcher.changed();
    }),
    look,
  ];
  const view = new EditorView({ state: stateOf(text), parent: root, root });

  return {
    get text() {
      const text = view.state.doc.toString();
      return ends === "\r\n" ? text.split("\n").join("\r\n") : text;
    },
    get mode() {
      return now;
    },
    get eol() {
      return ends;
    },
    replace(text) {
      // Without this, what was typed just before would be undone with it.
      const alone = isolateHistory.of("full");
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(inside(text)) }, annotations: alone, scrollIntoView: true });
    },
    turn(mode, text, eol = ends) {
      now = mode;
      ends = eol;
      if (text === undefined) view.dispatch({ effects: spoken.reconfigure(speaking(mode, watcher)) });
      else view.setState(stateOf(text));
      forceLinting(view);
    },
    lock(on) {
      view.dispatch({ effects: locked.reconfigure(on ? EditorState.readOnly.of(true) : []) });
    },
    go({ from, to }) {
      const end = view.state.doc.length;
      view.dispatch({ selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/** What a language brings: its colours and checks, its name for screen readers. */
function speaking(mode: Mode, watcher: Watcher): Extension {
  const label = mode === "hex" ? "Data in hex" : "Data";
  return [
    languageOf(mode),
    mode === "hex" ? hexColumns : [lineNumbers(), foldGutter({ openText: "▾", closedText: "▸" }), EditorView.lineWrapping],
    lintGutter(),
    linter(
      async ({ state }): Promise<Diagnostic[]> => {
        const found = await faultsOf(state, mode);
        watcher.faults(found.map((fault) => placed(fault, state)));
        return found.map(({ from, to, words }) => ({ from: Math.min(from, state.doc.length), to: Math.min(to, state.doc.length), severity: "error", message: words }));
      },
      { delay: REST },
    ),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocorrect: "off", autocapitalize: "off", translate: "no" }),
  ];
}

function placed(fault: Fault, state: EditorState): Placed {
  const at = Math.min(fault.from, state.doc.length);
  const line = state.doc.lineAt(at);
  return { ...fault, line: line.number, column: at - line.from + 1 };
}
