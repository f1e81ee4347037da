import { render, svg } from "lit-html";
import { describe, expect, it } from "vitest";
import { sample, workload } from "../../gallery/samples";
import { drawLoad, loadHalf, loadsOf, loadTop, rateWords, withLoads, working, workloadLine } from "../../src/figure/loads";
import { slotsFor } from "../../src/figure/slots";
import { stageLayout } from "../../src/figure/stage";
import type { Workload } from "../../src/protocol";
import type { View } from "../../src/page/view";

const five = sample("five").stage!;

/** A view whose store has this workload. */
const having = (value: Workload | null): View => ({ ...sample("five"), store: { value: () => value } as unknown as View["store"] });

describe("the workload on the stage", () => {
  it("is there only while it is at work", () => {
    expect(working(having(null))).toBeNull();
    for (const state of ["", "done"] as const) expect(working(having({ state }))).toBeNull();
    for (const state of ["making", "finishing"] as const) expect(working(having({ state }))).toEqual({ state });
    expect(loadsOf(null, five).size).toBe(0);
    expect(loadsOf(workload(five), null).size).toBe(0);
  });

  it("gives the leader what waits, workers what is before them, and the dead what they left", () => {
    const value: Workload = {
      state: "making",
      waiting: 250,
      workers: {
        n_1: { node: "node-2", queue: 12, rate: 20.4 },
        n_2: { node: "node-3", queue: 3, gone: true },
        n_3: { node: "node-3", queue: 5, rate: 1 },
        n_4: { queue: 7 },
        n_5: { node: "node-1", queue: 4, gone: true },
      },
    };
    const loads = loadsOf(value, five);
    expect([...loads.keys()]).toEqual(["node-1", "node-2", "node-3"]);
    expect(loads.get("node-1")).toEqual({ part: 0.5, tone: "lead", wordings: ["250 to hand out", "250 waiting", "250"] });
    expect(loads.get("node-2")).toMatchObject({ part: 0.5, tone: "worker", wordings: ["12 queued · 20/s", "12 · 20/s", "12"] });
    expect(loads.get("node-3")).toMatchObject({ tone: "fail", wordings: ["3 left behind", "3 left", "3"] });
  });

  it("keeps its room below each row, whatever comes and goes", () => {
    for (const [width, count] of [[912, 5], [912, 12], [912, 40], [360, 5], [360, 40]] as const) {
      const plain = slotsFor(width, count);
      const loaded = withLoads(plain);
      expect(loaded.rowHeight).toBeGreaterThan(plain.rowHeight);
      expect(loaded.height - plain.height).toBeCloseTo((loaded.load ?? 0) * plain.rows);
      for (const load of loadsOf(workload(sample("forty").stage), sample("forty").stage).values()) {
        expect(2 * loadHalf(load, loaded)).toBeLessThanOrEqual(loaded.pitch);
        const element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        render(svg`${drawLoad(load, loaded)}`, element as unknown as HTMLElement);
        // At many nodes a bar alone.
        expect(element.querySelectorAll("text").length).toBe(plain.rows > 1 ? 0 : 1);
        const bar = element.querySelector(".load-full");
        if (bar) expect(Number(bar.getAttribute("width"))).toBeLessThanOrEqual(Number(element.querySelector(".load-track")!.getAttribute("width")));
      }
      expect(loadTop(loaded) + (loaded.load ?? 0)).toBeLessThanOrEqual(loaded.rowHeight - loaded.arcRoom - loaded.ring + 8);
    }
  });

  it("leaves the figure as it is where there is none", () => {
    const { stage, ensemble } = sample("five");
    const size = { width: 912, height: 0 };
    expect(stageLayout(stage, ensemble, size).slots.load).toBeUndefined();
    expect(stageLayout(stage, ensemble, size, true).slots.load).toBeGreaterThan(0);
  });

  it("says rates and its line in words", () => {
    expect([0, 0.2, 3.44, 9.96, 142.4].map(rateWords)).toEqual(["0/s", "0.2/s", "3.4/s", "10/s", "142/s"]);
    expect(workloadLine({ state: "making", tasks: 5_000, done: 1_200, rate: 50 })).toBe("1,200 of 5,000 tasks are done, 50/s.");
    expect(workloadLine({ state: "making", tasks: 5, done: 1, violated: 2 })).toBe("1 of 5 tasks are done, 0/s; 2 not in exactly one place.");
  });
});
