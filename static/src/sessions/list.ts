// The state of the sessions' page: which window of them it follows, and which have just come or gone.
import type { View } from "../page/view";
import type { Departed, Parting, Session, Sessions } from "../protocol";
import { FIRST, sessionsTopic, sessionTopic, WINDOW, type Asked, type Order } from "./topics";
import { Watching } from "./watching";

/** While somebody types, it is asked for once they have rested for so long, ms. */
const REST = 200;

/** A row: a session, or one that has gone a few seconds ago and stays until that is read. */
export interface Line {
  session: Session;
  gone: Departed | null;
}

export class SessionList {
  asked: Asked = FIRST;
  tab: "sessions" | "watches" = "sessions";
  /** What is typed into the filter; asked for a moment later. */
  typed = "";
  value: Sessions | null = null;
  lines: readonly Line[] = [];
  /** The session whose row is open, and what ends with it. */
  open = "";
  parting: Parting | null = null;
  readonly watching = new Watching(() => this.redraw());
  private topic = "";
  private stop: (() => void) | null = null;
  private stopOne: (() => void) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private view: View | null = null;

  /** Called at each drawing. */
  follow(view: View): void {
    this.view = view;
    const topic = sessionsTopic(this.asked);
    if (this.stop && this.topic === topic) return;
    this.stop?.();
    this.topic = topic;
    // What came of another question is no row of this one.
    this.lines = this.lines.filter(({ gone }) => !gone);
    this.stop = view.store.subscribe(topic, (value) => this.take(value as Sessions | null));
  }

  /** The page left, or came (with its element). */
  readonly attach = (element: Element | undefined): void => {
    if (element) return;
    this.stop?.();
    this.stop = null;
    this.unfold("");
  };

  get problem(): string {
    const problem = this.view?.store.problem(this.topic);
    return problem ? `${problem.text} ${problem.hint ?? ""}` : "";
  }

  ask(what: Partial<Asked>): void {
    this.asked = { ...this.asked, offset: 0, ...what };
    this.redraw();
  }

  /** The same column again turns it round. */
  sort(order: Order): void {
    this.ask({ order, reverse: this.asked.order === order && !this.asked.reverse });
  }

  turn(pages: number): void {
    this.ask({ offset: Math.max(0, this.asked.offset + pages * WINDOW) });
  }

  type(text: string): void {
    this.typed = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask({ filter: text.trim() }), REST);
    this.redraw();
  }

  /** Open this row and close the one that was open; '' closes it. */
  unfold(id: string): void {
    this.stopOne?.();
    this.stopOne = null;
    this.parting = null;
    this.open = id === this.open ? "" : id;
    if (this.open && this.view)
      this.stopOne = this.view.store.subscribe(sessionTopic(this.open), (value) => {
        this.parting = value as Parting | null;
        this.redraw();
      });
    this.redraw();
  }

  show(tab: SessionList["tab"]): void {
    this.tab = tab;
    this.redraw();
  }

  private take(value: Sessions | null): void {
    if (value) {
      this.lines = linesOf(value, this.lines);
      this.value = value;
      const { offset } = this.asked;
      if (offset && offset >= value.matching) this.ask({ offset: Math.max(0, Math.ceil(value.matching / WINDOW) - 1) * WINDOW });
    }
    this.redraw();
  }

  private redraw(): void {
    this.view?.send({ want: "redraw" });
  }
}

/** The rows now: those of the window, and where they stood before, those that have just gone. */
export function linesOf(value: Sessions, before: readonly Line[]): Line[] {
  const lines: Line[] = value.order.flatMap((id) => {
    const session = value.sessions[id];
    return session ? [{ session, gone: null }] : [];
  });
  before.forEach(({ session }, index) => {
    const gone = value.gone?.[session.id];
    if (gone && !value.sessions[session.id]) lines.splice(Math.min(index, lines.length), 0, { session, gone });
  });
  return lines;
}
