// Where labels go, so that none covers another or a mark: greedy, the most important first. Pure.

export interface Wanted {
  id: string;
  row: number;
  x: number;
  /** Half of the width of the mark itself. */
  mark: number;
  /** Greater goes first. */
  weight: number;
  /** From long to short; what finds no room for any stays without. */
  wordings: { text: string; width: number }[];
  /** The side to try first. */
  side: "left" | "right";
}

export interface Placed {
  id: string;
  row: number;
  text: string;
  /** Left edge and width of the plate. */
  x: number;
  width: number;
}

interface Taken {
  from: number;
  to: number;
}

const APART = 4;

/** Places for as many of `wanted` as find room between `left` and `right`. Marks are kept free for all. */
export function placeLabels(wanted: readonly Wanted[], left: number, right: number): Placed[] {
  const rows = new Map<number, Taken[]>();
  const rowOf = (row: number): Taken[] => {
    let taken = rows.get(row);
    if (!taken) rows.set(row, (taken = []));
    return taken;
  };
  for (const one of wanted) rowOf(one.row).push({ from: one.x - one.mark, to: one.x + one.mark });
  const placed: Placed[] = [];
  for (const one of [...wanted].sort((a, b) => b.weight - a.weight || a.x - b.x)) {
    const taken = rowOf(one.row);
    const spot = find(one, taken, left, right);
    if (!spot) continue;
    taken.push({ from: spot.x, to: spot.x + spot.width });
    placed.push(spot);
  }
  return placed;
}

function find(one: Wanted, taken: readonly Taken[], left: number, right: number): Placed | null {
  for (const { text, width } of one.wordings) {
    for (const side of one.side === "right" ? (["right", "left"] as const) : (["left", "right"] as const)) {
      const x = side === "right" ? one.x + one.mark + APART : one.x - one.mark - APART - width;
      if (x < left || x + width > right) continue;
      // Its own mark touches it; all others keep their distance.
      if (taken.every((other) => x + width + 2 <= other.from || other.to + 2 <= x)) return { id: one.id, row: one.row, text, x, width };
    }
  }
  return null;
}
