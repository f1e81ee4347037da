import { describe, expect, it } from "vitest";
import { neighbour, slotCentre, slotsFor } from "../../src/figure/slots";

describe("slotsFor", () => {
  it("keeps every slot inside the width, without overlap, for any count and width", () => {
    for (const width of [280, 358, 640, 912, 1200, 1550])
      for (let count = 1; count <= 60; count++) {
        const slots = slotsFor(width, count);
        expect(slots.columns * slots.rows).toBeGreaterThanOrEqual(count);
        expect(slots.ring * 2).toBeLessThan(slots.pitch);
        for (let i = 0; i < count; i++) {
          const { x, y } = slotCentre(slots, i);
          expect(x - slots.ring).toBeGreaterThanOrEqual(0);
          expect(x + slots.ring).toBeLessThanOrEqual(width);
          expect(y + slots.ring).toBeLessThan(slots.height);
        }
      }
  });

  it("does not move anybody while nodes come and go below a step", () => {
    const places = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => slotCentre(slotsFor(912, count), i)).slice(0, 3));
    expect(places(5)).toBe(places(7));
    expect(places(10)).toBe(places(12));
  });

  it("uses one row up to twelve where there is room, and tiers beyond", () => {
    expect(slotsFor(912, 12).rows).toBe(1);
    expect(slotsFor(912, 13).rows).toBe(2);
    expect(slotsFor(912, 40).rows).toBe(3);
    expect(slotsFor(358, 7).rows).toBe(1);
  });
});

describe("neighbour", () => {
  const points = [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 200, y: 0 }, { x: 20, y: 200 }, { x: 190, y: 200 }];
  it("leads along the row and between rows, and nowhere beyond the ends", () => {
    expect(neighbour(points, 0, "right")).toBe(1);
    expect(neighbour(points, 2, "right")).toBe(-1);
    expect(neighbour(points, 2, "down")).toBe(4);
    expect(neighbour(points, 3, "up")).toBe(0);
    expect(neighbour(points, 9, "up")).toBe(-1);
  });
});
