// How wide a text will be, without asking a browser: layout stays pure, and tests can hold it.

/** Advance widths of Source Sans 3 in hundredths of the size, from the space to the tilde. */
const REGULAR = widths(
  "20 29 43 50 50 82 61 25 30 30 42 50 25 31 25 35 50 50 50 50 50 50 50 50 50 50 25 25 50 50 50 42 85 54 59 57 61 53 49 62 65 26 48 58 49 73 65 66 57 66 57 53 54 64 51 79 51 48 54 30 35 30 50 50 54 50 55 46 55 50 29 50 54 25 25 49 25 83 55 54 55 55 35 42 34 54 47 72 45 47 42 30 24 30 50",
);
const BOLD = widths(
  "20 34 54 53 53 86 67 30 34 34 46 53 30 33 30 34 53 53 53 53 53 53 53 53 53 53 30 30 53 53 53 46 90 57 60 58 63 55 52 64 67 30 51 61 52 76 66 68 60 68 61 56 56 66 56 81 57 52 54 34 34 34 53 50 55 53 57 47 57 52 34 53 57 28 28 55 29 86 57 55 57 57 40 44 38 57 52 78 51 52 46 34 27 34 53",
);

function widths(list: string): readonly number[] {
  return list.split(" ").map((one) => Number(one) / 100);
}

const OTHERS: Record<string, number> = { "·": 0.25, "’": 0.25, "…": 0.72, "−": 0.5, "×": 0.5, "≤": 0.5, "Δ": 0.58 };

function advance(character: string, table: readonly number[]): number {
  const code = character.codePointAt(0)!;
  return table[code - 32] ?? OTHERS[character] ?? (code >= 0x1100 ? 1 : 0.62);
}

/** Width in px of `text` set in the sans at `size` px. Generous for what is not ASCII. */
export function textWidth(text: string, size: number, bold = false): number {
  const table = bold ? BOLD : REGULAR;
  let sum = 0;
  for (const character of text) sum += advance(character, table);
  return sum * size;
}

/** `text`, cut so that it fits into `width`; a cut is shown by '…'. */
export function fit(text: string, width: number, size: number, bold = false): string {
  // Nothing that is drawn here is wider than 400 characters: long names are not measured to their end.
  const head = text.slice(0, 400);
  if (head.length === text.length && textWidth(head, size, bold) <= width) return text;
  const table = bold ? BOLD : REGULAR;
  let room = width - 0.72 * size;
  let kept = "";
  for (const character of head) {
    room -= advance(character, table) * size;
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** The first of `choices` that fits into `width`, or ''. Give the longest first. */
export function firstFit(choices: readonly string[], width: number, size: number, bold = false): string {
  return choices.find((one) => textWidth(one, size, bold) <= width) ?? "";
}

/** Names come from strangers: what would be invisible or turn the writing round is shown as '�'. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g, "\ufffd");
}
