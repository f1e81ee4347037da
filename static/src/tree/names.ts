// How names of znodes are written out. A name is hostile: it may hold what cannot be seen, or what
// turns the text around it. Pure: names in, pieces of text out; markup never comes into it.

/** A run of text. `escape`: it stands for a character that would not be seen, or not where it is. */
export interface Piece {
  text: string;
  escape: boolean;
}

// Controls, format characters (zero width, direction), odd spaces, private and unassigned code points, blank letters.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f]/u;
const MARK = /\p{M}/u;

/** A name, or its characters from `from` up to `to`, in pieces, every character that misleads as its code point. */
export function pieces(name: string, from = 0, to = Infinity): Piece[] {
  const found: Piece[] = [];
  const characters = [...name];
  characters.forEach((character, at) => {
    if (at < from || at >= to) return;
    const atEdge = character === " " && (at === 0 || at === characters.length - 1 || characters[at - 1] === " ");
    // A mark on nothing, and the third mark on one letter, would be drawn over the neighbours.
    const stray = MARK.test(character) && (at === 0 || (MARK.test(characters[at - 1] ?? "") && MARK.test(characters[at - 2] ?? "")));
    const escape = atEdge || stray || UNSEEN.test(character);
    const text = escape ? codePoint(character) : character;
    const last = found.at(-1);
    if (last && last.escape === escape) last.text += text;
    else found.push({ text, escape });
  });
  return found;
}

/** A name as one text, for labels and titles. */
export function plain(name: string): string {
  return pieces(name)
    .map((piece) => piece.text)
    .join("");
}

function codePoint(character: string): string {
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return point.length > 4 ? `\\u{${point}}` : `\\u${point.padStart(4, "0")}`;
}

// As ZooKeeper writes it, '%010d'. A '-' after a letter or a digit ends a prefix ('lock-0000000003' is 3); else it is a sign.
const NUMBER = /(?<![\p{L}\p{N}])-(?:[12]\d{9}|\d{9})$|\d{10}$/u;

export interface Sequence {
  prefix: string;
  zeros: string;
  digits: string;
}

/** The number that a sequential name ends in, apart from its leading zeros; null for other names. */
export function sequence(name: string): Sequence | null {
  const number = NUMBER.exec(name)?.[0];
  if (number === undefined) return null;
  const zeros = /^-?0*(?=\d)/.exec(number)?.[0] ?? "";
  return { prefix: name.slice(0, -number.length), zeros, digits: number.slice(zeros.length) };
}

/** The number itself; null for names that do not end in one. Signed, as ZooKeeper's counter is. */
export function sequenceNumber(name: string): number | null {
  const tail = NUMBER.exec(name);
  return tail ? Number(tail[0]) : null;
}

const KINDS = { persistent: "persistent", ephemeral: "ephemeral", container: "container", ttl: "TTL" } as const;

/** 'ephemeral sequential', as a person says it. */
export function kindWords(kind: keyof typeof KINDS, sequential = false): string {
  return KINDS[kind] + (sequential ? " sequential" : "");
}

/** A size as people read it: '148 B', '64 KB', '1.0 MB'. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 1024 * 1023.5 ? [bytes / 1024, "KB"] : [bytes / 1024 ** 2, "MB"];
  const whole = unit === "KB" && Number.isInteger(value);
  return `${whole || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** A whole number with its thousands apart: '100,000'. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** How long ago, in words: 'just now', '3 s ago', '2 min ago', '5 h ago', '3 days ago'. */
export function ago(ms: number): string {
  const s = Math.floor(ms / 1000);
  if (s < 1) return "just now";
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86_400)} days ago`;
}
