// What a value is packed in, where that can be taken off and put on again with the same meaning: gzip, zlib, base64, hex.
import { fromHex, toHex } from "../tree/decoded";
import { equal, fromBase64, toBase64 } from "./bytes";

/** Bytes that are unpacked at the most. */
const MOST = 1_048_576;

export interface Wrap {
  name: string;
  /** For people: 'gzip'. */
  label: string;
  pack(inner: Uint8Array): Promise<Uint8Array>;
}

export interface Unwrapped {
  inner: Uint8Array;
  /** From the outermost inwards. */
  wraps: Wrap[];
}

/** Take these off, outermost first; null where one cannot be, or could not be put on again. */
export async function unwrap(bytes: Uint8Array, layers: readonly { name: string; label: string }[]): Promise<Unwrapped | null> {
  const wraps: Wrap[] = [];
  let inner = bytes;
  for (const layer of layers) {
    const found = await UNPACK[layer.name]?.(inner).catch(() => null);
    if (!found) return null;
    wraps.push({ ...layer, pack: found.pack });
    inner = found.inner;
  }
  return { inner, wraps };
}

export async function wrap(inner: Uint8Array, wraps: readonly Wrap[]): Promise<Uint8Array> {
  let bytes = inner;
  for (const { pack } of [...wraps].reverse()) bytes = await pack(bytes);
  return bytes;
}

type Found = { inner: Uint8Array; pack: Wrap["pack"] } | null;

const UNPACK: Record<string, ((bytes: Uint8Array) => Promise<Found>) | undefined> = {
  gzip: (bytes) => compressed(bytes, "gzip"),
  zlib: (bytes) => compressed(bytes, "deflate"),
  base64: async (bytes) => base64(new TextDecoder("latin1").decode(bytes)),
  hex: async (bytes) => hex(new TextDecoder("latin1").decode(bytes)),
};

async function compressed(bytes: Uint8Array, form: CompressionFormat): Promise<Found> {
  const inner = await collected(bytes, new DecompressionStream(form));
  return inner && { inner, pack: async (value) => (await collected(value, new CompressionStream(form))) ?? value };
}

async function collected(bytes: Uint8Array, through: CompressionStream | DecompressionStream): Promise<Uint8Array | null> {
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(through).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > MOST) {
      void reader.cancel().catch(() => {});
      return null;
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Only where it is written as it would be written again. */
function base64(text: string): Found {
  const bare = text.replace(/=+$/, "");
  const url = /[-_]/.test(bare);
  const padded = text.length > bare.length || bare.length % 4 === 0;
  const pack = (inner: Uint8Array): Uint8Array => {
    const plain = padded ? toBase64(inner) : toBase64(inner).replace(/=+$/, "");
    return ascii(url ? plain.replace(/\+/g, "-").replace(/\//g, "_") : plain);
  };
  const inner = fromBase64(bare.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (bare.length % 4)) % 4));
  return equal(pack(inner), ascii(text)) ? { inner, pack: async (value) => pack(value) } : null;
}

function hex(text: string): Found {
  const upper = /[A-F]/.test(text);
  const pack = (inner: Uint8Array): Uint8Array => ascii(upper ? toHex(inner).toUpperCase() : toHex(inner));
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(text)) return null;
  const inner = fromHex(text);
  return equal(pack(inner), ascii(text)) ? { inner, pack: async (value) => pack(value) } : null;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
