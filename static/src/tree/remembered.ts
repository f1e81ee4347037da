// Which decoder a person chose for a znode. Znodes of one parent are alike, so it holds for all of them; in this browser.
import { AUTO } from "./decoded";
import { parentOf, ROOT } from "./paths";

const KEY = "zooscope-decoders";
const MOST = 200;

/** The parent for whose children a choice holds; null below the root, where znodes are not alike, and it holds for one. */
export function parentFor(path: string): string | null {
  const parent = parentOf(path);
  return parent === ROOT ? null : parent;
}

const placeOf = (path: string): string => (parentFor(path) === null ? path : `${parentFor(path)}/`);

export function choiceFor(path: string): string {
  return read().find(([place]) => place === placeOf(path))?.[1] ?? AUTO;
}

/** Remember it; `AUTO` forgets. The oldest of many is forgotten too. */
export function choose(path: string, decoder: string): void {
  const others = read().filter(([place]) => place !== placeOf(path));
  const kept = decoder === AUTO ? others : [...others, [placeOf(path), decoder]].slice(-MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing shows it as chosen, until another znode is looked at.
  }
}

function read(): [string, string][] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one): one is [string, string] => Array.isArray(one) && one.length === 2 && one.every((word) => typeof word === "string")) : [];
  } catch {
    return [];
  }
}
