// YAML: its faults, and its layout. Loaded only when a text is YAML.
import { LineCounter, parseAllDocuments, type Document } from "yaml";
import type { Fault } from "./faults";
import type { Formatted } from "./format";

/** Characters up to which it is checked while it is typed. */
const MOST = 200_000;

/** Values that aliases may make; more is a bomb. */
const ALIASES = 1_000;

export function yamlFaults(text: string): Fault[] {
  if (text.length > MOST) return [];
  return read(text).flatMap(({ errors }) => errors.map(({ pos: [from, to], message }) => ({ from, to: Math.max(to, from), words: words(message) })));
}

/** Laid out anew, comments kept; only if it then says just the same. */
export function formatted(text: string): Formatted {
  if (text.length > MOST) return { why: "It is too long to be laid out." };
  const documents = read(text);
  const fault = documents.flatMap(({ errors }) => errors)[0];
  if (fault) return { why: words(fault.message) };
  let laid: string;
  try {
    laid = documents.map((document) => document.toString({ lineWidth: 0 })).join("");
    if (said(read(laid)) !== said(documents)) return { why: "Laid out anew it would not say the same, so it is left as it is." };
  } catch {
    return { why: "It cannot be laid out." };
  }
  return { text: laid };
}

function read(text: string): Document[] {
  const found = parseAllDocuments(text, { lineCounter: new LineCounter(), intAsBigInt: true, keepSourceTokens: false, prettyErrors: true, uniqueKeys: true });
  return Array.isArray(found) ? (found as Document[]) : [];
}

/** What the documents say, with the order of their keys. */
function said(documents: readonly Document[]): string {
  return JSON.stringify(documents.map((document) => document.toJS({ maxAliasCount: ALIASES, mapAsMap: true }) as unknown), (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value instanceof Map ? [...value] : typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The library's message without the place and the picture of the line, which the editor shows itself. */
function words(message: string): string {
  return message.replace(/ at line \d+, column \d+:?[^]*$/, "").replace(/\s*:?\s*$/, ".");
}
