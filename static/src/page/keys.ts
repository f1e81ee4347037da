// The keyboard: which key asks for what.
import type { DeedId } from "../hands/deeds";
import { shownTarget } from "../hands/target";
import { heldPlay } from "../lab/scenariohold";
import { pagesOf } from "./pages";
import { stepOn, told } from "./storypanel";
import type { Intent, View } from "./view";

export interface Key {
  keys: readonly string[];
  words: string;
  /** Only for whoever may do this. */
  needs?: string;
}

const KEYS: readonly Key[] = [
  { keys: ["/"], words: "Find a znode" },
  { keys: ["Space"], words: "Hold what is shown; show what is now. On a button that Tab led to, it presses that" },
  { keys: ["[", "]"], words: "Step back and forward through what happened" },
  { keys: ["a"], words: "Add a node", needs: "node.add" },
  { keys: ["b"], words: "Put back what a scenario has left standing", needs: "scenario.run" },
  { keys: ["p"], words: "Present: the figure alone, for a projector" },
  { keys: ["t"], words: "Light or dark" },
  { keys: ["Esc"], words: "Close what is open; pick and select nothing" },
  { keys: ["↑", "↓", "←", "→"], words: "In the tree: go, open, close; on the stage: the next node" },
  { keys: ["?"], words: "These keys" },
];

/** For those who may change znodes: on the one that is shown. */
const ON_SHOWN: readonly Key[] = [
  { keys: ["n"], words: "Create a child" },
  { keys: ["e"], words: "Edit its data", needs: "edit" },
  { keys: ["m"], words: "Move it" },
  { keys: ["F2"], words: "Rename it" },
  { keys: ["Del"], words: "Delete it, or all that is picked" },
];

const IN_TREE: readonly Key[] = [
  { keys: ["a…z"], words: "Find a name: letters do nothing else there" },
  { keys: ["Insert"], words: "Create a child" },
  { keys: ["F2"], words: "Rename it" },
  { keys: ["Del"], words: "Delete it, or all that is picked" },
  { keys: ["Space"], words: "Pick it for doing something to several; also Ctrl and click" },
  { keys: ["Shift", "↑", "↓"], words: "Pick a range; also Shift and click" },
  { keys: ["Shift", "F10"], words: "All that can be done to it; also the menu key, a right click, a long press" },
];

/** The keys that do something for this person, in parts with a title each. */
export function keysFor(view: View): { title: string; keys: readonly Key[] }[] {
  const held = (keys: readonly Key[]): readonly Key[] => keys.filter(({ needs }) => needs === undefined || (needs === "edit" ? view.hands.edit !== null : view.may.has(needs)));
  const pages = pagesOf(view).map(({ key, says }) => ({ keys: [key], words: says }));
  const all = { title: "", keys: [...held(KEYS), ...pages] };
  if (!view.hands.permits.any) return [all];
  return [all, { title: "On the znode that is shown", keys: held(ON_SHOWN) }, { title: "In the tree, on the znode that the keyboard is on", keys: IN_TREE }];
}

/** What a key asks for, 'search' for the search field, null for nothing. */
export function intentOf(key: string, view: View): Intent | "search" | "escape" | null {
  switch (key) {
    case "/":
      return "search";
    case " ":
      return { want: view.paused ? "resume" : "pause" };
    case "[": {
      const back = told(view)?.back;
      return back ? { want: "chapter", id: back } : null;
    }
    case "]":
      return told(view)?.on ? { want: "chapter", id: stepOn(view) } : null;
    case "a":
      return { want: "act", method: "node.add", id: "" };
    case "b": {
      const held = heldPlay(view);
      return held ? { want: "act", method: "scenario.putback", id: held.name } : null;
    }
    case "p":
      return { want: "present" };
    case "t":
      return { want: "theme" };
    case "?":
      return { want: "dialog", which: "keys" };
    case "Escape":
      return "escape";
    default: {
      const page = pagesOf(view).find((one) => one.key === key);
      return page ? { want: "go", to: page.name } : deedKey(key, view);
    }
  }
}

const DEEDS: Record<string, DeedId> = { n: "create", e: "edit", m: "move", F2: "rename", Delete: "delete" };

/** Keys that do something to the znode that is shown; for whoever may not, they are no keys. */
function deedKey(key: string, view: View): Intent | null {
  const deed = DEEDS[key];
  const paths = shownTarget(view).map(({ path }) => path);
  return deed && paths.length && view.hands.deeds(paths).some(({ id }) => id === deed) ? { want: "deed", deed } : null;
}

const TYPING = "input, textarea, select, [contenteditable]";
/** What a space bar presses. */
const PRESSED = "button, a, summary, [role=button], [role=tab], [role=slider], [role=treeitem], [role=option]";

/** Whether a key pressed here is meant for the page as a whole. */
export function forPage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const target = event.target instanceof Element ? event.target : null;
  if (document.querySelector("dialog[open]")) return false;
  if (target?.closest(TYPING)) return event.key === "Escape";
  return !(event.key === " " && target?.closest(PRESSED));
}
