// What a key does in the tree (the ARIA pattern for trees). Pure.
import type { Layout, Line } from "./model";

export interface Step {
  /** The line to go to. */
  line?: number;
  /** The znode to open or close. */
  toggle?: string;
  /** The znode to show in the inspector. */
  select?: string;
}

interface Around {
  /** Lines of a page. */
  page: number;
  expanded: (path: string) => boolean;
  /** The letters typed so far of a name, with this key. */
  word: string;
}

/** How far a name that was begun is searched for, in lines. */
const REACH = 5000;

/** The step for a key at a line; null for keys that mean nothing here. */
export function keyStep(key: string, layout: Layout, line: number, around: Around): Step | null {
  const here = layout.at(line);
  const path = here && "path" in here ? here.path : null;
  const children = here?.kind === "znode" ? (here.row?.children ?? 0) : 0;
  switch (key) {
    case "ArrowDown":
      return go(layout, line + 1, 1);
    case "ArrowUp":
      return go(layout, line - 1, -1);
    case "PageDown":
      return go(layout, Math.min(line + around.page, layout.length - 1), -1);
    case "PageUp":
      return go(layout, Math.max(line - around.page, 0), 1);
    case "Home":
      return go(layout, 0, 1);
    case "End":
      return go(layout, layout.length - 1, -1);
    case "ArrowRight":
      if (path === null || children === 0) return {};
      return around.expanded(path) ? go(layout, line + 1, 1) : { toggle: path };
    case "ArrowLeft": {
      if (path !== null && children > 0 && around.expanded(path)) return { toggle: path };
      const parent = here && here.depth > 1 ? layout.find(here.parent) : undefined;
      return parent === undefined ? {} : { line: parent };
    }
    case "Enter":
    case " ":
      return path === null ? {} : { select: path };
  }
  return isLetter(key) ? search(layout, line, around.word.toLowerCase()) : null;
}

/** Whether a key adds to the name that is looked for; some belong to the page as a whole. */
export function isLetter(key: string): boolean {
  return [...key].length === 1 && !" /?[]".includes(key);
}

/** The nearest line from `line` on, in a direction, that the keyboard can be on. */
function go(layout: Layout, line: number, direction: 1 | -1): Step {
  for (let at = line; at >= 0 && at < layout.length; at += direction) if (stands(layout.at(at))) return { line: at };
  return {};
}

function stands(line: Line | undefined): boolean {
  return line?.kind === "znode" || line?.kind === "ghost";
}

/** The next line whose name begins with what was typed; the same one while a word grows. */
function search(layout: Layout, line: number, text: string): Step {
  const same = [...text].every((letter) => letter === text[0]);
  const wanted = same ? (text[0] as string) : text;
  const from = same ? line + 1 : Math.max(line, 0);
  for (let step = 0; step < Math.min(layout.length, REACH); step += 1) {
    const at = (from + step) % layout.length;
    const found = layout.at(at);
    const name = found?.kind === "znode" ? found.row?.name : found?.kind === "ghost" ? found.ghost.name : undefined;
    if (name?.toLowerCase().startsWith(wanted)) return { line: at };
  }
  return {};
}
