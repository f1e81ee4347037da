// What part of the list is looked at, and where its lines stand on the canvas. Pure.
import { ROW, Scale, type Layout } from "./model";

/** Lines whose znodes are remembered: the first may be deleted in the same moment in which others come above it. */
const PINS = 6;

export class Outlook {
  /** Of the view, px. */
  height = 0;
  /** The pixel of the whole list that stands at the top of the view. */
  top = 0;
  /** The scroll offset. */
  offset = 0;
  private lines = 0;
  private scale = new Scale(0, 0);
  /** What stands first in view, and where it stood when it was drawn last. */
  private pinned: { path: string; line: number }[] = [];

  /** Of the canvas, px. */
  get canvas(): number {
    return this.scale.height;
  }

  /** A line stands so many pixels from its own place in the list. Where that stays, scrolling moves nothing on the canvas. */
  get shift(): number {
    return this.offset - this.top;
  }

  /** Scrolling moves nothing on the canvas. */
  get still(): boolean {
    return this.scale.plain;
  }

  /** The list has so many lines now. */
  fit(lines: number): void {
    this.lines = lines;
    this.scale = new Scale(lines, this.height);
    this.top = this.within(this.top);
  }

  /** It was scrolled. False: it is where it was. */
  scrolled(offset: number): boolean {
    if (Math.abs(offset - this.offset) < 1) return false;
    // Who goes to another place goes there by the scale: its ends are the list's.
    const jumped = Math.abs(offset - this.offset) > this.height;
    const beside = jumped || offset <= 0 || offset >= this.canvas - this.height ? 0 : this.top - this.scale.top(this.offset);
    this.offset = offset;
    if (jumped) this.pinned = [];
    this.top = this.within(this.scale.top(offset) + beside);
    return true;
  }

  /** Look at a pixel of the list. */
  go(top: number): void {
    this.top = this.within(top);
    this.pinned = [];
    this.settle();
  }

  /**
   * Keep what is looked at where it is while lines above it come and go. Rows stay where they are on the canvas, and so does the
   * scroll offset: where a hundred come and go in a second, moving both would paint the whole view anew each time.
   */
  anchor(layout: Layout): void {
    const moved = this.pinned.flatMap(({ path, line }) => {
      const now = layout.find(path);
      return now === undefined ? [] : [{ path, line: now, by: now - line }];
    });
    this.top += (moved[0]?.by ?? 0) * ROW;
    // It may be laid out once more before it is drawn: what has been followed is not followed again.
    if (moved.length) this.pinned = moved;
  }

  /** Remember what stands first in view; at the very top new lines may push the others down. */
  pin(layout: Layout): void {
    this.pinned = [];
    const first = Math.ceil(this.top / ROW);
    for (let line = first; first > 0 && line < first + PINS; line += 1) {
      const one = layout.at(line);
      if (one?.kind === "znode" && one.path !== null) this.pinned.push({ path: one.path, line });
    }
  }

  /** Whether offset and list have come apart so near to an end that it could not be scrolled to. */
  get strayed(): boolean {
    const end = this.lines * ROW - this.height;
    const [least, most] = [Math.min(this.top, this.offset), Math.max(this.top, this.offset)];
    return this.apart && (!this.still || least < this.height || most > end - this.height);
  }

  /** Whether the offset is not where the scale has what is looked at. */
  get apart(): boolean {
    return Math.abs(this.scale.scroll(this.top) - this.offset) >= 1;
  }

  /** Bring the offset to what is looked at. */
  settle(): void {
    this.offset = this.scale.scroll(this.top);
  }

  /** The lines in view with `more` on each side. */
  around(more: number): { from: number; to: number } {
    const from = Math.max(0, Math.floor(this.top / ROW) - more);
    return { from, to: Math.min(this.lines, Math.ceil((this.top + this.height) / ROW) + more) };
  }

  private within(top: number): number {
    return Math.max(0, Math.min(top, this.lines * ROW - this.height));
  }
}
