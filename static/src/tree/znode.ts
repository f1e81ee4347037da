// The state of the znode inspector: the znode that it follows, and how it is shown.
import type { Problem, Znode } from "../protocol";
import { AclReading } from "../hands/acltab";
import type { View } from "../page/view";
import { content, lines, type Content, type Form } from "./content";
import { LOCAL } from "./chooser";
import { AUTO, fromHex, mayHoldMore, type Decoded } from "./decoded";
import type { Piece } from "./names";
import { DecoderList, Reading, type Wanted } from "./reading";
import { choiceFor, choose } from "./remembered";
import { Watching } from "../sessions/watching";
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
  /** The decoder that the person chose for this znode and those beside it, or `AUTO`. */
  chosen = AUTO;
  readonly decoders = new DecoderList();
  readonly watching = new Watching(() => this.redraw());
  private readonly reading = new Reading(() => this.redraw());
  private wanted: Wanted | null = null;
  private read: { data: string; cut: boolean; content: Content } | null = null;
  private split: { text: string; lines: Piece[][] } | null = null;
  private bytes: { hex: string; bytes: Uint8Array } | null = null;
  private stop: (() => void) | null = null;
  private view: View | null = null;

  /** Show this znode; called at each drawing. */
  follow(view: View, path: string): void {
    this.view = view;
    if (this.stop && this.path === path) return;
    this.stop?.();
    if (this.path !== path) {
      this.watching.forget();
      Object.assign(this, { path, last: null, goneAt: null, answered: false, all: false, copied: null, chosen: choiceFor(path), wanted: null });
    }
    this.stop = view.store.subscribe(znodeTopic(path), (value) => this.take(value as Znode | null));
  }

  /** The inspector left the page, or came (with its element). */
  readonly attach = (element: Element | undefined): void => {
    if (element) return;
    this.stop?.();
    this.stop = null;
    this.reading.end();
  };

  get content(): Content {
    const { data = "" } = this.last ?? {};
    if (this.read?.data !== data || this.read.cut !== this.cut) this.read = { data, cut: this.cut, content: content(data, this.cut) };
    return this.read.content;
  }

  /** Have the web process decode it, where it may know more than this page; called at each drawing of the data. */
  ask(view: View): void {
    const { actions } = view.hands;
    this.decoders.learn(actions, () => this.redraw());
    const local = this.form !== null || (this.chosen === AUTO && !mayHoldMore(this.content, this.cut, this.decoders.plugins));
    const { data = "", stat } = this.last ?? {};
    this.wanted = local ? null : { path: this.path, data: this.cut ? null : data, mzxid: stat?.mzxid ?? "", decoder: this.chosen };
    this.reading.want(this.wanted, actions);
  }

  /** What the web process made of it; null where it was not asked, or has not answered yet. */
  get decoded(): Decoded | null {
    return this.wanted && this.reading.for(this.wanted);
  }

  /** Why there is nothing of the web process. */
  get problem(): Problem | null {
    return this.wanted && this.reading.problemFor(this.wanted);
  }

  /** What is on the page: text, or bytes. */
  get shown(): { text: string; bytes: Uint8Array | null } {
    const { content, decoded } = this;
    if (decoded) return { text: decoded.text ?? "", bytes: decoded.text === null ? this.unpacked(decoded.hex ?? "") : null };
    const form = this.form ?? content.forms[0];
    if (form === "hex" || content.text === null) return { text: "", bytes: content.bytes };
    return { text: (form === "json" ? content.json : null) ?? content.text, bytes: null };
  }

  lines(): Piece[][] {
    const { text } = this.shown;
    if (this.split?.text !== text) this.split = { text, lines: lines(text) };
    return this.split.lines;
  }

  choose(decoder: string): void {
    this.chosen = decoder;
    this.all = false;
    choose(this.path, decoder);
    this.redraw();
  }

  change(what: Partial<Pick<ZnodeState, "tab" | "all" | "copied">>): void {
    Object.assign(this, what);
    this.redraw();
  }

  /** The chosen form, where this page has it itself; null where it takes the web process, or nothing was chosen. */
  private get form(): Form | null {
    const { forms } = this.content;
    return forms.find((one) => LOCAL[one] === this.chosen && (!this.cut || one === "hex")) ?? null;
  }

  private get cut(): boolean {
    const { preview = 0, stat } = this.last ?? {};
    return (stat?.data_length ?? preview) > preview;
  }

  private unpacked(hex: string): Uint8Array {
    if (this.bytes?.hex !== hex) this.bytes = { hex, bytes: fromHex(hex) };
    return this.bytes.bytes;
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
