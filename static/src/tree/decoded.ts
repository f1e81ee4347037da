// What the web process made of a znode's bytes, and when it is worth asking it. Pure.
import type { Content } from "./content";

export interface Choice {
  name: string;
  label: string;
}

/** As `GET /api/decoded` and `POST /api/decode` answer. It has either `text` or `hex`. */
export interface Decoded {
  decoder: string;
  layers: Choice[];
  language: string;
  text: string | null;
  hex: string | null;
  truncated: boolean;
  warning: string;
  choices: Choice[];
}

export const AUTO = "auto";

/** An answer as it came over the wire; null where it is none. */
export function decodedOf(value: Record<string, unknown>): Decoded | null {
  const { decoder, layers, language, text, hex, warning, choices } = value;
  if (typeof decoder !== "string" || !choicesIn(layers) || !choicesIn(choices)) return null;
  if (typeof text !== "string" && typeof hex !== "string") return null;
  return {
    decoder, layers, choices,
    language: typeof language === "string" ? language : "",
    text: typeof text === "string" ? text : null,
    hex: typeof hex === "string" ? hex : null,
    truncated: value["truncated"] === true,
    warning: typeof warning === "string" ? warning : "",
  };
}

function choicesIn(value: unknown): value is Choice[] {
  return Array.isArray(value) && value.every((one: Partial<Choice> | null) => typeof one?.name === "string" && typeof one.label === "string");
}

/** 'gzip, then JSON' */
export function layerWords(layers: readonly Choice[]): string {
  return layers.map(({ label }) => label).join(", then ");
}

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
/** Text that may be more than text: markup, keys, digits of another form, a moment, something percent-encoded, a query. */
const MORE = [/^\s*</, /^\s*---/, /^[ \t]*[\w.$/"'-]+[ \t]*(?:=|:(?:\s|$))/m, /^\s*- /m, /^\s*[A-Za-z0-9+/_\s-]{12,}=*\s*$/, /^\s*[+-]?\d{9,20}\s*$/, /%[0-9A-Fa-f]{2}/, /\?[^\s]*&/];

/** Whether the web process may make more of it than the page can. `plugins`: it has decoders that nobody here knows. */
export function mayHoldMore({ text, json, bytes }: Content, cut: boolean, plugins: boolean): boolean {
  if (!bytes.length) return false;
  if (cut || plugins || text === null) return true;
  if (json !== null) return false;
  return CONTROL.test(text) || MORE.some((form) => form.test(text));
}

export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
