// The state of the znode inspector: the znode that it follows, and how it is shown.
import type { Znode } from "../protocol";
import { AclReading } from "../hands/acltab";
import type { View } from "../page/view";
import { content, lines, type Content, type Form } from "./content";
import type { Piece } from "./names";
import { znodeTopic } from "./topics";

export const TABS = ["data", "stat", "acl"] as const;

export type Tab = (typeof TABS)[number];

/** Lines of data that are shown before someone asks for all. */
export const SOME = 400;

export class ZnodeState {
  path = "";
  tab: Tab = "data";
  /** The znode as it was last, also after it is gone. */
  last: Znode | null = null;
  /** When it was seen to be gone, by the bridge's clock; null while it exists or was never seen. */
  goneAt: number | null = null;
  /** An answer came: it exists or it does not. */
  answered = false;
  /** Show all lines, however many. */
  all = false;
  /** What the last copying did, by what was copied. */
  copied: { what: string; done: boolean } | null = null;
  readonly acl = new AclReading();
  private chosen: Form | null = null;
  private read: { data: string; cut: boolean; content: Content } | null = null;
  private split: { text: string; lines: Piece[][] } | null = null;
  private stop: (() => void) | null = null;
  private view: View | null = null;

  /** Show this znode; called at each drawing. */
  follow(view: View, path: string): void {
    this.view = view;
    if (this.stop && this.path === path) return;
    this.stop?.();
    if (this.path !== path) {
      Object.assign(this, { path, last: null, goneAt: null, answered: false, all: false, copied: null, chosen: null });
    }
    this.stop = view.store.subscribe(znodeTopic(path), (value) => this.take(value as Znode | null));
  }

  /** The inspector left the page, or came (with its element). */
  readonly attach = (element: Element | undefined): void => {
    if (element) return;
    this.stop?.();
    this.stop = null;
  };

  get content(): Content {
    const { data = "", preview = 0, stat } = this.last ?? {};
    const cut = (stat?.data_length ?? preview) > preview;
    if (this.read?.data !== data || this.read.cut !== cut) this.read = { data, cut, content: content(data, cut) };
    return this.read.content;
  }

  /** The form that is shown: the chosen one where the data has it, else its best. */
  get form(): Form {
    const { forms } = this.content;
    return this.chosen && forms.includes(this.chosen) ? this.chosen : (forms[0] as Form);
  }

  lines(): Piece[][] {
    const text = (this.form === "json" ? this.content.json : this.content.text) ?? "";
    if (this.split?.text !== text) this.split = { text, lines: lines(text) };
    return this.split.lines;
  }

  change(what: Partial<Pick<ZnodeState, "tab" | "all" | "copied">> & { form?: Form }): void {
    const { form, ...rest } = what;
    Object.assign(this, rest);
    if (form) {
      this.chosen = form;
      this.all = false;
    }
    this.redraw();
  }

  private take(value: Znode | null): void {
    if (value) {
      this.answered = true;
      if (value.exists) {
        this.last = value;
        this.goneAt = null;
      } else if (this.last && this.goneAt === null) this.goneAt = this.view?.now ?? 0;
    }
    this.redraw();
  }

  private redraw(): void {
    this.view?.send({ want: "redraw" });
  }
}
