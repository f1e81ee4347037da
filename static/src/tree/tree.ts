// The state of the tree on this page: what is expanded, where it stands, which line is active.
// It draws its rows by itself, so that scrolling does not draw the whole page anew.
import { render } from "lit-html";
import type { Store } from "../live/store";
import type { Row } from "../protocol";
import type { View } from "../page/view";
import { Asking } from "./asking";
import { canvas } from "./canvas";
import { Finder } from "./finder";
import { Gestures } from "./gestures";
import { isLetter, keyStep } from "./keys";
import { Layout, ROW, type Line, type Stretch } from "./model";
import { Outlook } from "./outlook";
import { above, isUnder, join, nameOf, parentOf, ROOT } from "./paths";
import { RowList } from "./rowlist";
import { Seek } from "./seek";
import { Shelves } from "./shelves";
import { looksOf, toldIn } from "./telling";
import type { Order } from "./topics";

/** Lines drawn beyond the view, and how many must be left of them when it moves. */
const DRAWN = 12;
const LEFT = 4;

/** While the view moves, what comes in is drawn this often, ms: nobody reads a change in a row that passes by. */
const PASSING = 100;

/** Lines between the places of the view for which windows are asked for ahead. */
const STEP = 50;

/** Letters typed within this time of each other belong to one word, ms. */
const WORD = 800;

/** Groups that are opened by themselves, so that the first look sees them. */
const GREETED = 4;

export class Tree {
  readonly finder: Finder;
  readonly seek: Seek;
  readonly shelves: Shelves;
  readonly gestures: Gestures;
  layout = new Layout(new Map());
  private readonly expanded = new Set([ROOT]);
  private readonly greeted = new Set<string>();
  private readonly options = new Map<string, { order?: Order; filter?: string }>();
  view: View | null = null;
  private shownAt = 0;
  private element: HTMLElement | null = null;
  private watcher: ResizeObserver | null = null;
  private readonly outlook = new Outlook();
  private dirty = true;
  /** Something came in that is not laid out yet; and when the list was laid out last. */
  private stale = false;
  private arrangedAt = -Infinity;
  /** Rows are drawn whose content has not come. */
  private waits = false;
  private drawing = false;
  /** The lines that are drawn: from the first up to, not with, the last. */
  private drawn = { from: 0, to: 0 };
  private readonly rows = new RowList();
  private readonly asking = new Asking((now) => this.ask(now));
  private beat: ReturnType<typeof setInterval> | undefined;
  /** The line that the keyboard is on, and its znode where it is known. */
  private active: { line: number; path: string | null } = { line: -1, path: null };
  private typed = { text: "", at: -Infinity };

  constructor(readonly topics: Store) {
    this.shelves = new Shelves(topics, () => this.touch());
    this.finder = new Finder(this);
    this.seek = new Seek(topics, () => this.redraw());
    this.gestures = new Gestures(this);
  }

  /** Take in what the page shows; called at each drawing of the page. */
  show(view: View): void {
    this.view = view;
    this.shownAt = performance.now();
    this.greet(view);
    this.stale = true;
    if (this.element) this.draw();
  }

  /** The scrolling element came into the page, or left it (undefined). */
  readonly attach = (element: Element | undefined): void => {
    this.watcher?.disconnect();
    clearInterval(this.beat);
    this.element = (element as HTMLElement | undefined) ?? null;
    if (!this.element) {
      this.asking.stop();
      this.shelves.end();
      this.seek.leave();
      return;
    }
    this.seek.come();
    this.watcher = new ResizeObserver(() => this.measure());
    this.watcher.observe(this.element);
    // Marks fade, and windows out of view are ended, also while nothing changes.
    this.beat = setInterval(() => {
      this.asking.now();
      if (this.asking.rests(performance.now()) && this.outlook.apart) this.moveTo(this.outlook.top);
      this.touch();
    }, 1000);
    this.measure();
    this.moveTo(this.outlook.top);
  };

  readonly onScroll = (): void => {
    if (!this.element || !this.outlook.scrolled(this.element.scrollTop)) return;
    this.asking.moved(this.outlook.top / ROW);
    if (!this.covers()) return this.draw();
    this.outlook.pin(this.layout);
    this.asking.soon();
  };

  isExpanded = (path: string): boolean => this.expanded.has(path);

  toggle(path: string, open = !this.expanded.has(path)): void {
    if (path === ROOT) return;
    if (open) this.expanded.add(path);
    else for (const one of [...this.expanded]) if (one === path || isUnder(one, path)) this.expanded.delete(one);
    this.greeted.add(path);
    this.dirty = true;
    this.draw();
  }

  /** Order and filter of a parent's children. */
  option(path: string): { order: Order; filter: string } {
    const { order, filter } = this.options.get(path) ?? {};
    return { order: order ?? this.ownOrder(path), filter: filter ?? "" };
  }

  setOption(path: string, option: { order?: Order; filter?: string }): void {
    this.options.set(path, { ...this.options.get(path), ...option });
    this.dirty = true;
    this.draw();
  }

  select(path: string): void {
    this.view?.send({ want: "select", what: { kind: "znode", path } });
  }

  /** Draw the page outside the rows anew. */
  redraw(): void {
    this.view?.send({ want: "redraw" });
  }

  /** Open everything above a znode, put it into the middle of the view, and make it the active line. */
  reveal(path: string): void {
    for (const one of above(path)) this.expanded.add(one);
    this.arrange();
    const line = this.layout.find(path);
    if (line === undefined) return;
    this.active = { line, path };
    this.moveTo(line * ROW - Math.max(0, (this.outlook.height - ROW) / 2));
    this.draw();
  }

  /** What has the keyboard while it is in the rows. */
  get block(): HTMLElement | null {
    return this.element?.querySelector<HTMLElement>("[role=tree]") ?? null;
  }

  focus(): void {
    this.block?.focus({ preventScroll: true });
  }

  /** Go a step by the keyboard. False where the key means nothing here. */
  step(key: string, at: number): boolean {
    if (isLetter(key)) {
      const goesOn = at - this.typed.at < WORD;
      this.typed = { text: goesOn ? this.typed.text + key : key, at };
    }
    const step = keyStep(key, this.layout, this.active.line, {
      page: Math.max(1, Math.floor(this.outlook.height / ROW) - 1),
      expanded: this.isExpanded,
      word: this.typed.text,
    });
    if (!step) return false;
    if (step.toggle !== undefined) this.toggle(step.toggle);
    if (step.select !== undefined) this.select(step.select);
    if (step.line !== undefined) this.activate(step.line);
    return true;
  }

  /** What stands on the line that the keyboard is on. */
  get current(): { at: number; line: Line | undefined } {
    return { at: this.active.line, line: this.layout.at(this.active.line) };
  }

  /** Put the keyboard on a line that is in view. */
  stand(at: number, path: string): void {
    this.active = { line: at, path };
    this.draw();
  }

  /** Tabbed into: there is always an active line in view. */
  readonly onFocus = (): void => {
    const { top, height } = this.outlook;
    const first = Math.ceil(top / ROW);
    const last = Math.floor((top + height) / ROW) - 1;
    if (this.active.line < first || this.active.line > last) this.activate(Math.max(0, first));
  };

  activate(line: number): void {
    const found = this.layout.at(line);
    if (!found) return;
    this.active = { line, path: found.kind === "znode" || found.kind === "ghost" ? found.path : null };
    const { top, height } = this.outlook;
    if (line * ROW < top) this.moveTo(line * ROW);
    else if ((line + 1) * ROW > top + height) this.moveTo((line + 1) * ROW - height);
    this.draw();
  }

  private moveTo(top: number): void {
    this.outlook.fit(this.layout.length);
    this.outlook.go(top);
    this.outlook.pin(this.layout); // What came in and is not laid out yet may stand above.
    if (!this.element) return;
    // The list may just have grown: without its new height the browser would stop at the old end.
    this.draw();
    this.element.scrollTop = this.outlook.offset;
  }

  private measure(): void {
    this.outlook.height = this.element?.clientHeight || 600;
    this.draw();
  }

  /** Something came in: draw before the next frame. */
  private touch(): void {
    this.stale = true;
    if (this.drawing || !this.element) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      // The page may have been drawn in this frame, or scrolled.
      if (this.due) this.draw();
      else if (this.stale) setTimeout(() => this.stale && this.touch(), PASSING);
    });
  }

  /** Whether the list is to be laid out anew now. */
  private get due(): boolean {
    const now = performance.now();
    return this.dirty || (this.stale && (this.waits || this.asking.rests(now) || now - this.arrangedAt >= PASSING));
  }

  private ownOrder(path: string): Order {
    const kind = Object.values(this.view?.groups?.groups ?? {}).find((group) => group.path === path)?.kind;
    return kind === "election" || kind === "lock" ? "number" : "name";
  }

  /** Open the groups that the bridge found, once each. */
  private greet(view: View): void {
    const groups = Object.values(view.groups?.groups ?? {}).sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const { path } of groups) {
      if (this.greeted.size >= GREETED) return;
      if (this.greeted.has(path)) continue;
      this.greeted.add(path);
      for (const one of [...above(path), path]) this.expanded.add(one);
    }
  }

  /** Bring shelves and layout to what is expanded and known. */
  private arrange(): void {
    const parents = new Map([...this.expanded].map((path) => [path, this.option(path)]));
    this.shelves.keep(parents);
    const told = toldIn(this.view);
    for (const [path, shelf] of this.shelves.all) {
      const row = path === ROOT ? undefined : this.rowOf(path);
      shelf.refresh(row && (row.children ?? 0), told.get(path) ?? NONE);
      for (const { ghost } of shelf.ghosts) this.view?.hands.picked.gone(join(path, ghost.name));
    }
    this.layout = new Layout(this.shelves.all);
    const { path, line } = this.active;
    const found = path === null ? undefined : this.layout.find(path);
    this.active = { path, line: found ?? Math.min(line, this.layout.length - 1) };
    this.dirty = this.stale = false;
    this.arrangedAt = performance.now();
  }

  /** The row of a znode, if its window is here. */
  rowOf(path: string): Row | undefined {
    const shelf = this.shelves.all.get(parentOf(path));
    const place = shelf?.place(nameOf(path));
    return place === undefined ? undefined : shelf?.at(place);
  }

  private draw(): void {
    const { element, outlook } = this;
    if (!element) return;
    if (this.due) this.rearrange();
    else outlook.fit(this.layout.length);
    if (this.shelves.look(this.inView())) this.rearrange();
    const strayed = outlook.strayed;
    if (strayed) outlook.settle();
    const { from, to } = (this.drawn = outlook.around(DRAWN));
    const lines: [number, Line][] = [];
    for (let at = from; at < to; at += 1) {
      const line = this.layout.at(at);
      if (line) lines.push([at, line]);
    }
    this.waits = lines.some(([, line]) => line.kind === "znode" && !line.row);
    const looks = looksOf(this.view, performance.now() - this.shownAt, this.isExpanded, this.active.line);
    const { shift } = outlook;
    const inView = this.active.line >= from && this.active.line < to;
    render(canvas(this, lines, looks, { height: outlook.canvas, shift, active: inView ? this.active.line : -1 }), element);
    if (this.block) this.rows.draw(this.block, lines, looks, (at) => at * ROW + shift);
    if (strayed) element.scrollTop = outlook.offset;
    outlook.pin(this.layout);
    this.asking.soon();
  }

  /** Lay out what is known now, and look at what was looked at. */
  private rearrange(): void {
    this.arrange();
    this.outlook.anchor(this.layout);
    this.outlook.fit(this.layout.length);
  }

  private inView(): Stretch[] {
    const { from, to } = this.outlook.around(0);
    return this.layout.spans(from, to);
  }

  /** Whether all that is in view now, with some more, is drawn as it is and where it is. */
  private covers(): boolean {
    const { from, to } = this.outlook.around(LEFT);
    return !this.due && this.outlook.still && from >= this.drawn.from && to <= this.drawn.to;
  }

  private ask(now: number): boolean {
    if (!this.element) return false;
    const { from, to } = this.outlook.around(0);
    const { above: before, below: after } = this.asking.reach(now);
    // What is in view comes first: there is a limit to what may be open.
    const wanted = this.inView();
    for (let by = STEP; by < after + STEP; by += STEP) wanted.push(...this.layout.spans(from + Math.min(by, after), to + Math.min(by, after)));
    for (let by = STEP; by < before + STEP; by += STEP) wanted.push(...this.layout.spans(from - Math.min(by, before), to - Math.min(by, before)));
    // A parent with nothing known below it has no lines yet by which it could be in view.
    for (const [path, shelf] of this.shelves.all) {
      if (shelf.total > 0) continue;
      const line = path === ROOT ? from : this.layout.find(path);
      if (line !== undefined && line >= from - before && line < to + after) wanted.push({ parent: path, from: 0, to: 1 });
    }
    return this.shelves.need(wanted, now);
  }
}

const NONE: ReadonlyMap<string, number> = new Map();
