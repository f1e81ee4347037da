// Numbers, times and ids in the words that the whole page uses.
import { html, type TemplateResult } from "lit-html";

/** A length of time, to the precision that a person wants at that size: '3.2 s', '32 s', '5 min', '2 h 10 min'. */
export function span(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 59.5) return `${Math.round(s)} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}

/** How long ago, in whole units: 'now', '7 s ago', '3 min ago'. */
export function ago(ms: number): string {
  if (ms < 1_000) return "now";
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  return `${span(ms)} ago`;
}

/** A time of day in the person's own zone: '10:42:11'. */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour12: false });
}

export function ordinal(n: number): string {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}

/** A zxid as epoch and counter: '0x500001a2f' becomes ['5', '1a2f']; null if it is none. */
export function zxidParts(zxid: string): [epoch: string, counter: string] | null {
  if (!/^0x[0-9a-f]{1,16}$/i.test(zxid)) return null;
  const value = BigInt(zxid);
  return [(value >> 32n).toString(16), (value & 0xffffffffn).toString(16)];
}

/** '0x5·1a2f' */
export function zxidWords(zxid: string): string {
  const parts = zxidParts(zxid);
  return parts ? `0x${parts[0]}·${parts[1]}` : zxid;
}

/** Milliseconds between two bounds: '2.7–6 s'. */
export function between(low: number, high: number): string {
  const brief = (ms: number) => String(Math.round(ms / 100) / 10);
  return brief(low) === brief(high) ? `${brief(high)} s` : `${brief(low)}–${brief(high)} s`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

const SEQUENTIAL = /^(.*?)(-?\d{10})$/s;

/** A name split for the eye: what stays the same, pale zeros, and the digits that tell it apart. */
export function sequential(name: string): { stem: string; digits: string } | null {
  const match = SEQUENTIAL.exec(name);
  if (!match) return null;
  const number = match[2] ?? "";
  const digits = number.replace(/^0{1,9}/, "");
  return { stem: name.slice(0, name.length - digits.length), digits };
}

/** The name of a znode, its last digits bold where it is a sequential one. */
export function znodeName(name: string): TemplateResult {
  const parts = sequential(name);
  if (!parts) return html`<span class="seq">${visible(name)}</span>`;
  return html`<span class="seq"><i>${visible(parts.stem)}</i><b>${parts.digits}</b></span>`;
}

/** A path: its folder as it is, its last segment as `znodeName`. */
export function znodePath(path: string): TemplateResult {
  const cut = path.lastIndexOf("/") + 1;
  return html`<span class="path" title=${visible(path)}
    >${visible(path.slice(0, cut))}<wbr />${znodeName(path.slice(cut))}</span
  >`;
}

/** A name that fits a heading: its first characters, and a sign that there are more. */
export function brief(name: string, most = 40): string {
  const shown = [...visible(name)];
  return shown.length > most ? `${shown.slice(0, most - 1).join("")}…` : shown.join("");
}

// Controls, format characters (zero-width, right-to-left overrides), and separators: never shown as themselves.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;

/** Text from ZooKeeper with every invisible character spelled out, so that two names never look the same. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Said where configuration keeps the data of znodes from this person. */
export const REDACTED = "Data of znodes here is not shown to you.";
