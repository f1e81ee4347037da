// What a znode's data is: text, JSON or bytes. Pure; nothing in the data is ever run.
import { pieces, type Piece } from "./names";

export type Form = "json" | "text" | "hex";

export interface Content {
  bytes: Uint8Array;
  /** The text exactly as it is; null where the bytes are not UTF-8. */
  text: string | null;
  /** The same tokens laid out over lines; null where it is not JSON. */
  json: string | null;
  /** The forms that it can be shown in, the best first. */
  forms: Form[];
  /** 'JSON', 'UTF-8 text', 'bytes, not UTF-8'. */
  words: string;
}

/** Deeper nesting is not laid out: its indentation alone would fill the memory. */
const DEEPEST = 200;

/** Read base64 as the protocol sends it. `cut`: it is only the beginning of the data. */
export function content(base64: string, cut: boolean): Content {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const text = decode(bytes, cut);
  if (text === null) return { bytes, text, json: null, forms: ["hex"], words: "bytes, not UTF-8" };
  const json = cut ? null : layOut(text);
  if (json !== null) return { bytes, text, json, forms: ["json", "text", "hex"], words: "JSON, UTF-8" };
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return { bytes, text, json, forms: ["hex", "text"], words: "bytes with control characters" };
  return { bytes, text, json, forms: ["text", "hex"], words: "UTF-8 text" };
}

function decode(bytes: Uint8Array, cut: boolean): string | null {
  // The cut can go through a character of up to four bytes.
  for (let less = 0; less <= (cut ? 3 : 0); less += 1) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, bytes.length - less));
    } catch {
      continue;
    }
  }
  return null;
}

/** JSON over lines, every string and number exactly as written; null for other text, and for lone scalars. */
export function layOut(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  let result = "";
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    const closes = token === "}" || token === "]";
    if (closes) depth -= 1;
    // An empty object or array stays on its line.
    const breaks = before === "," || (closes ? before !== "{" && before !== "[" : before === "{" || before === "[");
    if (breaks) result += `\n${"  ".repeat(depth)}`;
    if (token === "{" || token === "[") depth += 1;
    if (depth > DEEPEST) return null;
    result += token === ":" ? ": " : token;
  }
  return result;
}

/** Text as lines of pieces, what cannot be seen as escapes. Spaces and tabs stay. */
export function lines(text: string): Piece[][] {
  return text.split(/\r\n|\n/).map((line) => (PLAIN.test(line) ? [{ text: line, escape: false }] : visible(line)));
}

const PLAIN = /^[\t -~]*$/;

function visible(line: string): Piece[] {
  return line.split(/([\t ]+)/).flatMap((part) => (/^[\t ]*$/.test(part) ? (part ? [{ text: part, escape: false }] : []) : pieces(part)));
}

/** Rows of a hex dump: the offset, the bytes, and what they are in ASCII. */
export function hex(bytes: Uint8Array, from: number, to: number, width = 8): [string, string, string][] {
  const rows: [string, string, string][] = [];
  for (let at = from * width; at < Math.min(to * width, bytes.length); at += width) {
    const some = [...bytes.subarray(at, at + width)];
    const digits = some.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = some.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    rows.push([at.toString(16).padStart(5, "0"), digits.padEnd(width * 3 - 1), ascii]);
  }
  return rows;
}
