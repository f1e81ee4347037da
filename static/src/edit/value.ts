// The value in the editor: what the znode held, what it is packed in, and how text and bytes become each other. Pure.
import { layOut } from "../tree/content";
import type { Decoded } from "../tree/decoded";
import { equal } from "./bytes";
import { MODES, type Mode } from "./faults";
import { hexLines, readHex } from "./hexlines";
import type { Value } from "./session";
import { bytesOf, readable, textual, type Textual } from "./textual";
import { unwrap, wrap, type Wrap } from "./wraps";

export interface Opened {
  /** What the editor shows at first, as lines that end in '\n' or in `form.eol`. */
  text: string;
  mode: Mode;
  /** How the text is written in bytes; null in hex. */
  form: Textual | null;
  /** What it is packed in; saved so again. */
  wraps: Wrap[];
  /** Why it is not shown as the page shows it, in words; '' where it is. */
  why: string;
}

/** Decoders whose text is the very text of the bytes, perhaps laid out: that text can be edited. */
const TEXTS = new Set(["json", "xml", "yaml", "properties", "text", "url", "number"]);

/** Open bytes for editing, as `decoded` says that they are packed. */
export async function opened(bytes: Uint8Array, decoded: Decoded | null): Promise<Opened> {
  const layers = decoded?.layers.slice(0, -1) ?? [];
  const last = decoded?.layers.at(-1);
  const found = layers.length ? await unwrap(bytes, layers) : { inner: bytes, wraps: [] };
  const form = found && textual(found.inner);
  if (found && form && readable(form) && (!last || TEXTS.has(last.name) || !layers.length)) {
    return { text: form.text, mode: modeOf(decoded), form, wraps: found.wraps, why: viewOnly(last, true) };
  }
  const whole = textual(bytes);
  if (whole && readable(whole)) return { text: whole.text, mode: "text", form: whole, wraps: [], why: packedWords(layers) };
  return { text: hexLines(bytes), mode: "hex", form: null, wraps: [], why: found ? viewOnly(last, false) : packedWords(layers) };
}

/** The bytes that the text stands for; null where it is hex and not right. */
export function bytesIn(text: string, mode: Mode, form: Textual | null): Uint8Array | null {
  return mode === "hex" ? readHex(text).bytes : bytesOf({ text, bom: form?.bom ?? false });
}

/** Show the same bytes another way; null where that cannot be. */
export function turned(text: string, from: Mode, to: Mode, form: Textual | null): { text: string; form: Textual | null } | null {
  if ((from === "hex") === (to === "hex")) return { text, form };
  const bytes = bytesIn(text, from, form);
  if (!bytes) return null;
  if (to === "hex") return { text: hexLines(bytes), form: null };
  const found = textual(bytes);
  return found && { text: found.text, form: found };
}

export async function packed(bytes: Uint8Array, wraps: readonly Wrap[]): Promise<Uint8Array> {
  return wraps.length ? await wrap(bytes, wraps) : bytes;
}

function modeOf(decoded: Decoded | null): Mode {
  const language = decoded?.decoder === "url" ? "text" : decoded?.language;
  return MODES.find((mode) => mode === language) ?? "text";
}

function viewOnly(last: Decoded["layers"][number] | undefined, asText: boolean): string {
  if (!last || last.name === "raw" || TEXTS.has(last.name)) return "";
  return `${capital(last.label)} can be shown, not written: what is edited here is ${asText ? "its text" : "its bytes"}.`;
}

function packedWords(layers: Decoded["layers"]): string {
  if (!layers.length) return "";
  const names = layers.map(({ label }) => label).join(" and ");
  return `It is packed in ${names}, which cannot be put back exactly: what is edited here is packed.`;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Another value of the znode, and this one, in a form in which they can be compared. */
export interface Beside {
  of: Value;
  /** The other value as it would be edited. */
  text: string;
  /** Both as they are compared: JSON laid out, so that only what it says differs. */
  theirs: string;
  mine: string;
  mode: Mode;
  /** How `text` is written in bytes; null in hex. */
  form: Textual | null;
  /** They say the same. */
  same: boolean;
}

interface Mine {
  text: string;
  mode: Mode;
  form: Textual | null;
  wraps: readonly Wrap[];
}

export async function beside(of: Value, mine: Mine, decoded: Decoded | null): Promise<Beside> {
  const layers = mine.wraps.map(({ name, label }) => ({ name, label }));
  const found = await unwrap(of.data, layers.length ? layers : (decoded?.layers.slice(0, -1) ?? []));
  const inner = found?.inner ?? of.data;
  const bytes = bytesIn(mine.text, mine.mode, mine.form) ?? new Uint8Array();
  const form = textual(inner);
  const same = equal(inner, bytes);
  if (mine.mode !== "hex" && form) {
    const [theirs, ours] = [form.text.split("\r\n").join("\n"), mine.text.split("\r\n").join("\n")];
    const laid = mine.mode === "json" ? [layOut(theirs), layOut(ours)] : [null, null];
    if (laid[0] && laid[1] && laid[0] !== laid[1]) return { of, text: form.text, theirs: laid[0], mine: laid[1], mode: mine.mode, form, same };
    // Where only line ends or marks differ, the text would show nothing.
    if (same || theirs !== ours) return { of, text: form.text, theirs, mine: ours, mode: mine.mode, form, same };
  }
  const theirs = hexLines(inner);
  return { of, text: theirs, theirs, mine: hexLines(bytes), mode: "hex", form: null, same };
}
