// What people do to rows: click, press long, right-click, type. A plain click shows a znode; with Ctrl, Shift or the space bar
// several are picked.
import type { DeedId, Target } from "../hands/deeds";
import type { Pick } from "../hands/picked";
import type { Row } from "../protocol";
import { plural } from "../page/words";
import { ROW, type Line } from "./model";
import { ROOT } from "./paths";
import { rowId } from "./rows";
import type { Tree } from "./tree";

/** How long a finger rests until the menu opens, ms, and how far it may slip, px. */
const LONG = 500;
const SLIP = 10;

/** Rows that a range can span. */
const SPAN = 2000;

/** Keys that do something to the znode that the keyboard is on; letters look for names. */
const DEEDS: Record<string, DeedId> = { Delete: "delete", F2: "rename", Insert: "create" };

type Known = Extract<Line, { kind: "znode" }> & { path: string; row: Row };

export class Gestures {
  private pressed: { timer: ReturnType<typeof setTimeout>; x: number; y: number } | null = null;
  /** The click that ends a long press means nothing. */
  private held = false;

  constructor(private readonly tree: Tree) {}

  readonly onClick = (event: MouseEvent): void => {
    if (this.held) {
      this.held = false;
      return;
    }
    const target = event.target as Element;
    const { at, line } = this.lineOf(target);
    if (!line || (line.kind !== "znode" && line.kind !== "ghost") || line.path === null) return;
    const before = this.tree.current.line;
    this.tree.stand(at, line.path);
    const known = isKnown(line) ? line : null;
    if (target.closest("[data-twist]")) this.tree.toggle(line.path);
    else if (known && this.picks && event.shiftKey) this.range(before && isKnown(before) ? before.path : null, at);
    else if (known && this.picks && (event.ctrlKey || event.metaKey || target.closest("[data-pick]"))) this.toggle(known);
    else {
      // Where there is a column to tick, a tap beside it only shows.
      if (!coarse()) this.picks?.clear();
      this.picks?.begin(line.path);
      this.tree.select(line.path);
    }
  };

  readonly onDouble = (event: Event): void => {
    const { line } = this.lineOf(event.target as Element);
    if (line && isKnown(line) && line.row.children && !(event.target as Element).closest("[data-twist], [data-pick]")) this.tree.toggle(line.path);
  };

  /** A right click; the key for it is taken in `onKey`. */
  readonly onMenu = (event: MouseEvent): void => {
    const { at, line } = this.lineOf(event.target as Element);
    if (this.held || (line && this.openMenu(line, at, { x: event.clientX, y: event.clientY }))) event.preventDefault();
  };

  readonly onPress = (event: PointerEvent): void => {
    this.lift();
    this.held = false;
    if (event.pointerType !== "touch") return;
    const { at, line } = this.lineOf(event.target as Element);
    if (!line) return;
    const { clientX: x, clientY: y } = event;
    const timer = setTimeout(() => {
      this.lift();
      this.held = this.openMenu(line, at, { x, y });
    }, LONG);
    this.pressed = { timer, x, y };
    addEventListener("pointermove", this.onMove);
    addEventListener("pointerup", this.lift);
    addEventListener("pointercancel", this.lift);
  };

  readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.keyed(event) && !this.tree.step(event.key, event.timeStamp)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly onMove = (event: PointerEvent): void => {
    const { pressed } = this;
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > SLIP) this.lift();
  };

  private readonly lift = (): void => {
    clearTimeout(this.pressed?.timer);
    this.pressed = null;
    removeEventListener("pointermove", this.onMove);
    removeEventListener("pointerup", this.lift);
    removeEventListener("pointercancel", this.lift);
  };

  /** Keys that pick, and that do something to what is picked. */
  private keyed(event: KeyboardEvent): boolean {
    const { picks } = this;
    const { at, line } = this.tree.current;
    const known = line && isKnown(line) ? line : null;
    if (!picks) return false;
    if (event.key === " " && known) {
      this.toggle(known);
      return true;
    }
    if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      picks.begin(picks.from(known?.path ?? null) ?? "");
      this.tree.step(event.key, event.timeStamp);
      this.range(known?.path ?? null, this.tree.current.at);
      return true;
    }
    if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      const box = document.getElementById(rowId(at))?.getBoundingClientRect();
      return line !== undefined && this.openMenu(line, at, { x: (box?.left ?? 0) + 40, y: (box?.top ?? 0) + ROW });
    }
    if (event.key === "Escape" && picks.size) {
      picks.clear();
      this.tree.redraw();
      return true;
    }
    const deed = DEEDS[event.key];
    const view = this.tree.view;
    // Where the keyboard is on no line, the key is the page's, for the znode that is shown.
    if (!deed || !view || !line) return false;
    view.hands.act(deed, this.targets(known), view);
    return true;
  }

  /** What is picked, where this person can do anything to several znodes. */
  private get picks() {
    const hands = this.tree.view?.hands;
    return hands?.permits.any ? hands.picked : null;
  }

  private toggle(line: Known): void {
    this.picks?.toggle(pickOf(line.path, line.row));
    this.tree.redraw();
  }

  /** Pick all rows between where the range began and a line. Rows that are not loaded are not known by name. */
  private range(from: string | null, to: number): void {
    const { picks, tree } = this;
    const begin = picks?.from(from) ?? null;
    const start = (begin === null ? undefined : tree.layout.find(begin)) ?? to;
    if (begin !== null) picks?.begin(begin);
    const [first, last] = [Math.min(start, to), Math.max(start, to)];
    const found: Pick[] = [];
    let unknown = Math.max(0, last - first - SPAN);
    for (let at = first; at <= Math.min(last, first + SPAN); at += 1) {
      const line = tree.layout.at(at);
      if (line && isKnown(line)) found.push(pickOf(line.path, line.row));
      else if (line?.kind === "znode") unknown += 1;
    }
    const all = picks?.extend(found) ?? true;
    if (unknown || !all) {
      const why = all ? `${plural(unknown, "row")} between them ${unknown === 1 ? "is" : "are"} not loaded: scroll there first.` : "More are not picked at a time.";
      tree.view?.hands.toasts.add("problem", `${plural(picks?.size ?? 0, "znode")} picked.`, why);
    }
    tree.redraw();
  }

  private openMenu(line: Line, at: number, where: { x: number; y: number }): boolean {
    const { tree, picks } = this;
    if (!tree.view || !picks) return false;
    const known = isKnown(line) ? line : null;
    if (!known) return false;
    tree.stand(at, known.path);
    return tree.view.hands.openMenu(tree.view, this.targets(known), where, tree.block);
  }

  /** All that is picked where this row is among it, else this row. */
  private targets(known: Known | null): Target[] {
    const { picks } = this;
    if (picks?.size && (!known || picks.has(known.path))) return picks.all.map(({ path, children }) => ({ path, children, ephemeral: false, locked: false }));
    return known ? [targetOf(known)] : [];
  }

  private lineOf(element: Element): { at: number; line: Line | undefined } {
    const at = Number(element.closest<HTMLElement>("[data-line]")?.dataset["line"] ?? -1);
    return { at, line: this.tree.layout.at(at) };
  }
}

function isKnown(line: Line): line is Known {
  return line.kind === "znode" && line.path !== null && line.path !== ROOT && line.row !== null;
}

function pickOf(path: string, row: Row): Pick {
  return { path, version: row.version ?? 0, czxid: row.czxid ?? "", children: row.children ?? 0 };
}

function targetOf({ path, row }: Known): Target {
  return { path, children: row.children ?? 0, ephemeral: row.kind === "ephemeral", locked: row.locked ?? false, redacted: row.redacted ?? false };
}

function coarse(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
