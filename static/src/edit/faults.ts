// Where a text breaks the rules of its language. Pure.
import { readHex } from "./hexlines";

export interface Fault {
  from: number;
  to: number;
  words: string;
}

export const MODES = ["json", "xml", "yaml", "properties", "text", "hex"] as const;

export type Mode = (typeof MODES)[number];

export const MODE_WORDS: Record<Mode, string> = { json: "JSON", xml: "XML", yaml: "YAML", properties: "properties", text: "plain text", hex: "bytes, in hex" };

/** Deeper nesting is not checked. */
const DEEPEST = 500;

/** The first fault of a text that is to be JSON; null where it is. */
export function jsonFault(text: string): Fault | null {
  try {
    new Scanner(text).document();
    return null;
  } catch (error) {
    if (error instanceof Found) return error.fault;
    throw error;
  }
}

export function hexFault(text: string): Fault | null {
  return readHex(text).fault;
}

/** Escapes that Java's reader of properties refuses: all else it takes for a key or a value. */
export function propertiesFaults(text: string): Fault[] {
  const found: Fault[] = [];
  for (const { 0: escape, index } of text.matchAll(/\\[^]/g)) {
    if (escape[1] === "u" && !/^[0-9A-Fa-f]{4}/.test(text.slice(index + 2)))
      found.push({ from: index, to: index + 2, words: "After \\u come four digits of hex." });
  }
  return found;
}

class Found extends Error {
  constructor(readonly fault: Fault) {
    super(fault.words);
  }
}

/** RFC 8259, as strict as it is. */
class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value(0);
    this.space();
    if (this.at < this.text.length) this.fail("Nothing may follow the value: JSON is one value.");
  }

  private value(depth: number): void {
    this.space();
    if (depth > DEEPEST) this.fail("It nests too deeply to be checked.");
    const next = this.text[this.at];
    if (next === undefined) this.fail("The value is missing here.");
    else if (next === "{") this.members(depth);
    else if (next === "[") this.items(depth);
    else if (next === '"') this.string();
    else this.scalar();
  }

  private members(depth: number): void {
    this.at += 1;
    this.space();
    if (this.take("}")) return;
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') this.fail(this.text[this.at] === "}" ? "A comma is followed by another name, not by '}'." : "A name in double quotes is expected here.");
      this.string();
      this.space();
      if (!this.take(":")) this.fail("A ':' is expected here, between name and value.");
      this.value(depth + 1);
      const end = this.at;
      this.space();
      if (this.take("}")) return;
      if (!this.take(",")) this.fail(this.at < this.text.length ? "A ',' or '}' is expected here." : "The '}' is missing.", end);
    }
  }

  private items(depth: number): void {
    this.at += 1;
    this.space();
    if (this.take("]")) return;
    for (;;) {
      this.space();
      if (this.text[this.at] === "]") this.fail("A comma is followed by another value, not by ']'.");
      this.value(depth + 1);
      const end = this.at;
      this.space();
      if (this.take("]")) return;
      if (!this.take(",")) this.fail(this.at < this.text.length ? "A ',' or ']' is expected here." : "The ']' is missing.", end);
    }
  }

  private string(): void {
    const start = this.at;
    this.at += 1;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code)) this.fail("The closing quote of this string is missing.", start);
      if (code === 0x22) break;
      if (code < 0x20) this.fail(code === 0x0a || code === 0x0d ? "A string ends on its line; a line end in it is written \\n." : "A control character in a string is written as an escape.");
      if (code === 0x5c) {
        const escape = /^(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/.exec(this.text.slice(this.at + 1, this.at + 6));
        if (!escape) this.fail('After a backslash comes one of " \\ / b f n r t, or u and four digits of hex.');
        this.at += escape?.[0].length ?? 0;
      }
      this.at += 1;
    }
    this.at += 1;
  }

  private scalar(): void {
    const word = /^[^\s,:[\]{}"]+/.exec(this.text.slice(this.at, this.at + 400))?.[0] ?? "";
    if (/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word) || /^-?[1-9]\d{300,}$/.test(word)) {
      this.at += word.length;
      // A number longer than what was looked at.
      while (/[0-9]/.test(this.text[this.at] ?? "")) this.at += 1;
      return;
    }
    if (!word) this.fail("A value is expected here.");
    const hint = /^'/.test(word) ? "Strings stand in double quotes." : /^[+-]?\.?\d/.test(word) ? "This is no number of JSON." : `'${word.slice(0, 20)}' is no value of JSON: a string stands in double quotes.`;
    this.fail(hint, this.at, this.at + word.length);
  }

  private space(): void {
    while (this.at < this.text.length && " \t\n\r".includes(this.text[this.at] as string)) this.at += 1;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private fail(words: string, from = this.at, to = from + 1): never {
    throw new Found({ from, to: Math.min(Math.max(to, from), this.text.length), words });
  }
}
