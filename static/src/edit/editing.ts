// The editor of one znode: the text, the session, the draft and the dialog, held together. What is drawn is in `sheet.ts`.
import { render } from "lit-html";
import type { Desk } from "../hands/sheet";
import { brief } from "../page/words";
import type { Znode } from "../protocol";
import type { Decoded } from "../tree/decoded";
import { znodeTopic } from "../tree/topics";
import { decoded } from "./asked";
import { equal, fromBase64, toBase64 } from "./bytes";
import { comparison, TWO_COLUMNS, type Comparison } from "./compare";
import { EditDialog, type Owner } from "./dialog";
import { dropDraft, keepDraft, readDraft, type Draft } from "./drafts";
import type { Mode } from "./faults";
import { compacted, format } from "./format";
import { Session, type Value } from "./session";
import { sheet } from "./sheet";
import { surface, type Placed, type Surface } from "./surface";
import { beside, bytesIn, opened, packed, turned, type Beside, type Opened } from "./value";

/** ms after the last key before the draft is kept and the length counted. */
const REST = 300;

export type Asked = "leave" | "faulty" | null;

export class Editing implements Owner {
  readonly session: Session;
  readonly dialog: EditDialog;
  opened: Opened | null = null;
  surface: Surface | null = null;
  faults: readonly Placed[] = [];
  /** Put back into what it was packed in. */
  pack = true;
  dirty = false;
  /** Bytes of what is typed, before it is packed; null where it is no bytes yet. */
  length: number | null = 0;
  asked: Asked = null;
  /** Something to know about what was just done. */
  note = "";
  /** The draft that this began with. */
  draft: Draft | null = null;
  /** The browser has no room for the draft. */
  unkept = false;
  /** The other value, as it is shown beside this one. */
  beside: Beside | null = null;
  formatting = false;
  private clean = "";
  private decoded: Decoded | null = null;
  private compared: Comparison | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly clock: ReturnType<typeof setInterval>;
  private readonly quiet: () => void;
  private over = false;

  constructor(
    readonly desk: Desk,
    readonly path: string,
  ) {
    this.session = new Session({ actions: desk.actions, path, changed: () => this.turnedOut() });
    this.dialog = new EditDialog(this);
    this.quiet = desk.store.subscribe(znodeTopic(path), (znode) => this.session.hear(znode as Znode | null, Date.now()));
    this.clock = setInterval(() => this.draw(), 1000);
  }

  /** Open the dialog, read the znode, and put the text into the editor. */
  async begin(): Promise<void> {
    this.draw();
    this.dialog.open();
    this.draft = readDraft(this.path);
    if (this.draft) {
      this.session.resume({ version: this.draft.version, mzxid: this.draft.mzxid, data: fromBase64(this.draft.data) });
      await this.session.check();
    } else if (!(await this.session.open())) return this.draw();
    await this.fill();
  }

  readonly draw = (): void => {
    if (!this.over) render(sheet(this), this.dialog.element);
  };

  /** Save what is typed. What has a fault is asked about first; where nothing is typed, nothing is written. */
  async save(anyway = false): Promise<void> {
    const { surface, session } = this;
    if (!surface || session.phase !== "editing" || session.conflict || session.gone) return;
    // What was typed in the last moment is not compared yet.
    if (this.timer !== null) this.typed();
    if (!this.dirty) return this.say("Nothing is changed, so there is nothing to save.");
    const bytes = await this.bytes();
    if (!bytes || (this.faults.length && !anyway)) {
      this.asked = "faulty";
      return this.draw();
    }
    this.asked = null;
    await session.save(bytes);
  }

  /** Save it over the other value, which is on the screen. */
  async keepMine(): Promise<void> {
    const bytes = await this.bytes();
    if (bytes) await this.session.save(bytes);
  }

  /** Give up what is typed for the other value; Undo has it back. */
  takeTheirs(): void {
    const { beside, surface } = this;
    const theirs = this.session.seen();
    if (!beside || !surface || !theirs || !this.opened) return;
    this.opened = { ...this.opened, form: beside.form };
    // With other line ends the text begins anew: there is no undo across them.
    const eol = beside.form?.eol ?? "\n";
    if (beside.mode === surface.mode && eol === surface.eol) surface.replace(beside.text);
    else surface.turn(beside.mode, beside.text, eol);
    this.clean = surface.text;
    this.note = `This is version ${theirs.version}. Undo brings back what you had.`;
    this.asked = null;
    this.typed();
    surface.focus();
  }

  /** Go on with what is typed, having seen the other value. */
  editOn(): void {
    const { beside } = this;
    const theirs = this.session.seen();
    if (!theirs) return;
    this.clean = beside?.mode === this.surface?.mode ? (beside?.text ?? "") : "\u0000";
    this.note = `Saving replaces version ${theirs.version}, which you have seen.`;
    this.asked = null;
    this.typed();
    this.surface?.focus();
  }

  async recreate(): Promise<void> {
    const bytes = await this.bytes();
    if (bytes) await this.session.recreate(bytes);
  }

  async format(compact = false): Promise<void> {
    const { surface } = this;
    if (!surface || this.formatting) return;
    const before = surface.text;
    this.formatting = true;
    this.draw();
    const found = compact ? compacted(before) : await format(before, surface.mode, this.desk.actions);
    this.formatting = false;
    // What was typed meanwhile is worth more.
    if (found.text === undefined) this.note = `Not laid out: ${found.why}`;
    else if (surface.text === before && found.text !== before) surface.replace(found.text);
    else this.note = surface.text === before ? "It is laid out already." : "";
    this.draw();
    surface.focus();
  }

  turn(mode: Mode): void {
    const { surface, opened } = this;
    if (!surface || !opened || mode === surface.mode) return;
    const before = surface.mode;
    const found = turned(surface.text, before, mode, opened.form);
    if (!found) this.note = before === "hex" ? "These bytes are not text in UTF-8, or the hex has a fault." : "";
    else if ((before === "hex") === (mode === "hex")) surface.turn(mode);
    else {
      const clean = turned(this.clean, before, mode, opened.form)?.text ?? this.clean;
      this.opened = { ...opened, form: found.form };
      surface.turn(mode, found.text, found.form?.eol ?? "\n");
      this.clean = clean;
    }
    this.faults = found ? [] : this.faults;
    this.typed();
    surface.focus();
  }

  setPack(on: boolean): void {
    this.pack = on;
    this.typed();
  }

  /** Close it; ask where something would be lost. From two values, go back to editing. */
  leave(): void {
    if (this.session.phase === "saving") return;
    if (this.session.conflict && this.beside && this.asked !== "leave") return this.beside.same ? this.close() : this.editOn();
    if (this.dirty && this.session.phase === "editing") {
      this.asked = this.asked === "leave" ? null : "leave";
      if (!this.asked) this.surface?.focus();
      return this.draw();
    }
    this.close();
  }

  /** Close it. The draft stays where it is kept, and goes where it is not. */
  close(keep = false): void {
    if (!keep) {
      this.stopTimer();
      dropDraft(this.path);
    } else this.keep();
    this.dirty = false;
    this.dialog.close();
  }

  say(note: string): void {
    this.note = note;
    this.draw();
  }

  answer(asked: Asked): void {
    this.asked = asked;
    this.draw();
    if (!asked) this.surface?.focus();
  }

  /** Throw the draft away that this began with, for what the znode holds now. */
  async afresh(): Promise<void> {
    dropDraft(this.path);
    this.stopTimer();
    this.draft = null;
    this.surface?.destroy();
    this.surface = null;
    this.session.phase = "opening";
    this.session.moved = null;
    this.draw();
    if (!(await this.session.open())) return this.draw();
    this.pack = true;
    await this.fill();
  }

  /** What is typed, as text to be copied. */
  get text(): string {
    return this.surface?.text ?? "";
  }

  /** Put the value that the session has into the editor, and over it what was typed before. */
  private async fill(): Promise<void> {
    const { data } = this.session.base as Value;
    this.decoded = await decoded(this.desk.actions, this.path, data);
    this.opened = await opened(data, this.decoded);
    if (this.over) return;
    this.show(this.opened);
    if (this.draft) this.restore(this.draft);
    this.typed();
  }

  private show({ text, mode, form }: Opened): void {
    this.surface = surface(this.dialog.editorHost, text, mode, form?.eol ?? "\n", {
      changed: () => this.typedSoon(),
      faults: (found) => {
        this.faults = found;
        if (!found.length && this.asked === "faulty") this.asked = null;
        this.draw();
      },
      save: () => void this.save(),
    });
    this.clean = this.surface.text;
    this.draw();
    this.surface.focus();
  }

  private restore(draft: Draft): void {
    const { surface, opened } = this;
    if (!surface || !opened) return;
    this.pack = draft.packed;
    if (draft.mode !== surface.mode) this.turn(draft.mode);
    if (draft.text !== surface.text) surface.replace(draft.text);
  }

  /** What would be saved; null where the hex is not right. */
  private async bytes(): Promise<Uint8Array | null> {
    const { surface, opened } = this;
    if (!surface || !opened) return null;
    const inner = bytesIn(surface.text, surface.mode, opened.form);
    return inner && packed(inner, this.pack ? opened.wraps : []);
  }

  private typedSoon(): void {
    this.note = "";
    this.asked = null;
    if (this.timer === null) this.timer = setTimeout(() => this.typed(), REST);
    // At once: what is new must not be thought saved.
    if (!this.dirty) {
      this.dirty = true;
      this.draw();
    }
  }

  private typed(): void {
    this.stopTimer();
    const { surface, opened } = this;
    if (!surface || !opened) return;
    this.dirty = surface.text !== this.clean || (opened.wraps.length > 0 && !this.pack);
    this.length = bytesIn(surface.text, surface.mode, opened.form)?.length ?? null;
    if (this.dirty) this.keep();
    else dropDraft(this.path);
    this.draw();
  }

  keep(): void {
    const { base } = this.session;
    const { surface } = this;
    if (!base || !surface) return;
    const { version, mzxid, data } = base;
    const draft: Draft = { version, mzxid, data: toBase64(data), mode: surface.mode, text: surface.text, packed: this.pack, at: Date.now() };
    this.unkept = !keepDraft(this.path, draft);
  }

  /** The session has something new: its value is shown beside this one, or it is done. */
  private turnedOut(): void {
    const { session } = this;
    if (session.phase === "saved") {
      this.desk.toasts.add("done", `Saved ${brief(this.path)}.`, `It is version ${session.base?.version ?? 0} now.`);
      return this.close();
    }
    this.surface?.lock(session.phase === "saving");
    if (session.conflict && this.beside?.of !== session.conflict) void this.compare(session.conflict);
    else if (!session.conflict) this.uncompare();
    this.draw();
  }

  private async compare(value: Value): Promise<void> {
    const { surface, opened } = this;
    const mine = await this.bytes();
    if (!surface || !opened || !mine || this.session.conflict !== value) return;
    const found = await beside(value, { text: surface.text, mode: surface.mode, form: opened.form, wraps: this.pack ? opened.wraps : [] }, this.decoded);
    if (this.session.conflict !== value) return;
    this.uncompare();
    this.beside = { ...found, same: found.same || equal(mine, value.data) };
    this.draw();
    if (!this.beside.same) this.compared = comparison(this.dialog.compareHost, found.theirs, found.mine, found.mode, this.dialog.element.clientWidth >= TWO_COLUMNS);
    this.dialog.element.querySelector<HTMLElement>(".edit-choices button")?.focus();
  }

  private uncompare(): void {
    this.compared?.destroy();
    this.compared = this.beside = null;
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Closed by something else than its buttons: the draft is there when it is opened again. */
  ended(): void {
    if (this.over) return;
    if (this.dirty) this.keep();
    this.over = true;
    this.stopTimer();
    clearInterval(this.clock);
    this.quiet();
    this.surface?.destroy();
    this.uncompare();
    this.desk.redraw();
  }
}
