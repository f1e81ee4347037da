// Lays a text out without changing what it says. What cannot be laid out is left, with the reason.
import type { Actions } from "../page/actions";
import { layOut } from "../tree/content";
import { decodedOf } from "../tree/decoded";
import { jsonFault, type Mode } from "./faults";
import { hexLines, readHex } from "./hexlines";

export type Formatted = { text: string; why?: undefined } | { text?: undefined; why: string };

/** Languages that have a layout. */
export const FORMATS: readonly Mode[] = ["json", "xml", "yaml", "hex"];

export async function format(text: string, mode: Mode, actions: Actions): Promise<Formatted> {
  switch (mode) {
    case "json":
      return json(text);
    case "hex": {
      const { bytes, fault } = readHex(text);
      return bytes ? { text: hexLines(bytes) } : { why: fault.words };
    }
    case "yaml":
      return (await import("./yaml")).formatted(text);
    case "xml":
      return xml(text, actions);
    default:
      return { why: "This has no layout." };
  }
}

function json(text: string): Formatted {
  const fault = jsonFault(text);
  if (fault) return { why: fault.words };
  const laid = layOut(text) ?? (/^\s*[[{]/.test(text) ? null : text.trim());
  return laid === null ? { why: "It nests too deeply to be laid out." } : { text: laid };
}

/** The same JSON on one line, every token as it was written. */
export function compacted(text: string): Formatted {
  const fault = jsonFault(text);
  if (fault) return { why: fault.words };
  return { text: (text.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? []).join("") };
}

async function xml(text: string, actions: Actions): Promise<Formatted> {
  const encoding = /^<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)/.exec(text)?.[1];
  if (encoding && !/^utf-?8$/i.test(encoding)) return { why: `It says that it is in ${encoding.slice(0, 40)}, but it is in UTF-8.` };
  const { ok, value, problem } = await actions.request("POST", "/api/decode", { data: { encoding: "text", value: text }, as: "xml" });
  if (!ok) return { why: problem?.text ?? "The web process did not answer." };
  const decoded = decodedOf(value);
  if (decoded?.decoder !== "xml" || decoded.text === null || decoded.warning) return { why: decoded?.warning || "It cannot be laid out." };
  return { text: decoded.text + (text.endsWith("\n") ? "\n" : "") };
}
