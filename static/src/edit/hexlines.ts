// Bytes as lines of hex that a person edits, and back. Pure, but for asking how wide the window is.
import type { Fault } from "./faults";

/** CSS pixels from which on a line of sixteen bytes fits. */
const WIDE = 600;

export function hexLines(bytes: Uint8Array, perLine = innerWidth < WIDE ? 8 : 16): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += perLine) lines.push([...bytes.subarray(at, at + perLine)].map((byte) => byte.toString(16).padStart(2, "0")).join(" "));
  return lines.join("\n");
}

/** The bytes that the digits say, however they are spaced; or the first place that says none. */
export function readHex(text: string): { bytes: Uint8Array; fault: null } | { bytes: null; fault: Fault } {
  const bytes = new Uint8Array(text.length >> 1);
  let length = 0;
  let half = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const digit = digitOf(code);
    if (digit >= 0) {
      if (half < 0) half = at;
      else {
        bytes[length++] = digitOf(text.charCodeAt(half)) * 16 + digit;
        half = -1;
      }
    } else if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      if (half >= 0) break;
    } else return { bytes: null, fault: { from: at, to: at + 1, words: `Only 0-9 and a-f are digits of hex, not '${text.slice(at, at + 1)}'.` } };
  }
  if (half >= 0) return { bytes: null, fault: { from: half, to: half + 1, words: "A byte has two digits; this one has one." } };
  return { bytes: bytes.slice(0, length), fault: null };
}

/** How many bytes stand in a line; half ones count. */
export function bytesIn(line: string): number {
  let digits = 0;
  for (let at = 0; at < line.length; at += 1) if (digitOf(line.charCodeAt(at)) >= 0) digits += 1;
  return (digits + 1) >> 1;
}

/** The bytes of a line as ASCII; '·' for what has no letter. */
export function asciiOf(line: string): string {
  const { bytes } = readHex(line);
  return bytes ? [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("") : "";
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
