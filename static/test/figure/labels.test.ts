import { expect, it } from "vitest";
import { placeLabels, type Wanted } from "../../src/figure/labels";

const want = (id: string, x: number, more: Partial<Wanted> = {}): Wanted => ({
  id, row: 0, x, mark: 6, weight: 1, side: "right", wordings: [{ text: `a long label ${id}`, width: 90 }, { text: id, width: 20 }], ...more,
});

it("covers neither a label nor a mark, for random crowds", () => {
  let seed = 3;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let run = 0; run < 60; run++) {
    const crowd = Array.from({ length: 25 }, (_, i) => want(`${i}`, 100 + random() * 700, { row: i % 3, weight: random() * 9 }));
    const placed = placeLabels(crowd, 90, 900);
    for (const one of placed) {
      expect(one.x).toBeGreaterThanOrEqual(90);
      expect(one.x + one.width).toBeLessThanOrEqual(900);
      for (const other of placed) if (other !== one && other.row === one.row) expect(one.x + one.width <= other.x || other.x + other.width <= one.x).toBe(true);
      for (const mark of crowd) if (mark.row === one.row) expect(one.x + one.width <= mark.x - mark.mark || one.x >= mark.x + mark.mark).toBe(true);
    }
  }
});

it("shortens before it drops, and serves the most important first", () => {
  const placed = placeLabels([want("low", 200), want("high", 240, { weight: 9 })], 90, 900);
  expect(placed.map((one) => one.text)).toEqual(["a long label high", "a long label low"]);
  const tight = placeLabels([want("low", 130), want("high", 170, { weight: 9 })], 110, 230);
  expect(tight.find((one) => one.id === "high")!.text).toBe("high");
});
