// Data that a person gives to a znode: typed as text, JSON, hex or base64, or read from a file.
import { plural } from "../page/words";

export type Encoding = "text" | "json" | "hex" | "base64" | "file";

export const ENCODINGS: readonly { encoding: Encoding; label: string }[] = [
  { encoding: "text", label: "text" },
  { encoding: "json", label: "JSON" },
  { encoding: "hex", label: "hex" },
  { encoding: "base64", label: "base64" },
  { encoding: "file", label: "a file" },
];

/** What a request takes at most with ZooKeeper's own setting (jute.maxbuffer), less room for path and ACL. */
export const LARGEST = 1_048_575 - 5_000;

/** As the web process takes it. */
export interface Data {
  encoding: "text" | "hex" | "base64";
  value: string;
}

export class Payload {
  encoding: Encoding = "text";
  text = "";
  file: { name: string; size: number; base64: string } | null = null;
  private checked: { encoding: Encoding; text: string; file: unknown; size: number; fault: string } | null = null;

  /** What is wrong with it, and where; '' where it can be sent. */
  get fault(): string {
    return this.check().fault;
  }

  get size(): number {
    return this.check().size;
  }

  /** A page is drawn many times a second: what is large is looked through once. */
  private check(): { size: number; fault: string } {
    const { encoding, text, file, checked } = this;
    if (checked?.encoding === encoding && checked.text === text && checked.file === file) return checked;
    const size = this.measure();
    const over = `That is ${plural(size, "byte")}; a znode takes ${LARGEST.toLocaleString("en-US")} at most.`;
    const fault = this.misspelt() || (size > LARGEST ? over : "");
    this.checked = { encoding, text, file, size, fault };
    return this.checked;
  }

  private measure(): number {
    switch (this.encoding) {
      case "file":
        return this.file?.size ?? 0;
      case "hex":
        return Math.floor(bare(this.text).length / 2);
      case "base64":
        return Math.floor((bare(this.text).replace(/=+$/, "").length * 3) / 4);
      default:
        return new TextEncoder().encode(this.text).length;
    }
  }

  /** JSON goes as it was typed: reading it into numbers would change large ones. */
  get data(): Data {
    if (this.encoding === "file") return { encoding: "base64", value: this.file?.base64 ?? "" };
    if (this.encoding === "hex" || this.encoding === "base64") return { encoding: this.encoding, value: bare(this.text) };
    return { encoding: "text", value: this.text };
  }

  async take(file: File): Promise<void> {
    // More than can be sent is not read.
    const base64 = file.size > LARGEST ? "" : toBase64(new Uint8Array(await file.arrayBuffer()));
    this.file = { name: file.name, size: file.size, base64 };
  }

  private misspelt(): string {
    const { text } = this;
    switch (this.encoding) {
      case "json":
        return jsonFault(text);
      case "hex": {
        const bad = /[^0-9a-f\s]/i.exec(text);
        if (bad) return `'${bad[0]}' is no hex digit (position ${bad.index + 1}).`;
        return bare(text).length % 2 ? "Each byte has two hex digits: one is missing." : "";
      }
      case "base64": {
        const bad = /[^0-9a-z+/=\s]/i.exec(text);
        if (bad) return `'${bad[0]}' does not occur in base64 (position ${bad.index + 1}).`;
        return /^(?:.{4})*(?:.{2}==|.{3}=)?$/.test(bare(text)) && !/=(?!=*$)/.test(bare(text)) ? "" : "It is not whole: base64 comes in groups of four.";
      }
      case "file":
        return this.file ? "" : "Choose a file.";
      default:
        return /\p{Cs}/u.test(text) ? "It has half a character in it, which no bytes stand for." : "";
    }
  }
}

function jsonFault(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return text.trim() === "" ? "Type a JSON value, such as {}." : `This is no JSON: ${(error as Error).message}.`;
  }
}

function bare(text: string): string {
  return text.replace(/\s+/g, "");
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
