// Whether this tab shows the figure alone, for a projector: kept over a reload, and no longer than the tab.

const KEY = "zooscope.present";

/** A browser may refuse to keep anything. */
export function wasPresenting(): boolean {
  try {
    return sessionStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}

export function keepPresenting(on: boolean): void {
  try {
    if (on) sessionStorage.setItem(KEY, "yes");
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then a reload leaves it.
  }
}
