// Bytes as text that can be edited, and back: what is not edited comes back byte for byte. Pure.

export interface Textual {
  /** Without the byte order mark. */
  text: string;
  bom: boolean;
  /** What ends its lines. Where they end in several ways it is '\n', and the others stay in the text as characters. */
  eol: "\n" | "\r\n";
}

const BOM = "\ufeff";

/** Null where the bytes are not UTF-8. */
export function textual(bytes: Uint8Array): Textual | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const bom = text.startsWith(BOM);
  return { text: bom ? text.slice(1) : text, bom, eol: /\r\n/.test(text) && !/\r(?!\n)|(?<!\r)\n/.test(text) ? "\r\n" : "\n" };
}

export function bytesOf({ text, bom }: Pick<Textual, "text" | "bom">): Uint8Array {
  return new TextEncoder().encode(bom ? BOM + text : text);
}

/** 'UTF-8', 'UTF-8 with a byte order mark, Windows line ends' */
export function textWords({ text, bom, eol }: Textual): string {
  const ends = eol === "\r\n" ? ", Windows line ends" : /\r/.test(text) ? ", line ends of several kinds" : "";
  return `UTF-8${bom ? " with a byte order mark" : ""}${ends}`;
}

/** Text with characters that text does not have is better edited as bytes. */
export function readable({ text }: Textual): boolean {
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}
