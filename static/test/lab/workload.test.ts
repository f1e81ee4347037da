import { render } from "lit-html";
import { describe, expect, it, vi } from "vitest";
import { sample, workload } from "../../gallery/samples";
import { workloadSection } from "../../src/lab/workload";
import type { Workload } from "../../src/protocol";
import type { View } from "../../src/page/view";

function having(value: Workload | null, more: Partial<View> = {}): View {
  const made = sample("five");
  return { ...made, may: new Set(["workload.run"]), store: { value: () => value } as unknown as View["store"], send: vi.fn(), ...more };
}

function drawn(view: View): HTMLElement {
  const element = document.createElement("div");
  render(workloadSection(view), element);
  return element;
}

const button = (element: HTMLElement, words: string): HTMLButtonElement => [...element.querySelectorAll("button")].find((one) => one.textContent?.includes(words)) as HTMLButtonElement;
const text = (element: Element | null): string => element?.textContent?.replace(/\s+/g, " ").trim() ?? "";

function type(element: HTMLElement, at: number, value: string): void {
  const input = element.querySelectorAll<HTMLInputElement>(".workload-figure input")[at]!;
  input.value = value;
  input.dispatchEvent(new Event("input"));
}

describe("the workload on the lab's page", () => {
  it("is nothing to those who may not run one, while there is none", () => {
    expect(drawn(having(null, { may: new Set() })).children).toHaveLength(0);
    expect(drawn(having({ state: "" }, { may: new Set() })).children).toHaveLength(0);
    const watched = drawn(having(workload(sample("five").stage), { may: new Set() }));
    expect(watched.querySelector("form")).toBeNull();
    expect(text(watched.querySelector(".workload-now"))).toMatch(/^1,861 of 5,000 done, 142\/s$/);
    expect(drawn(having(null, { readOnly: true })).children).toHaveLength(0);
  });

  it("starts what was typed, once it is within bounds", () => {
    const view = having(null);
    let element = drawn(view);
    type(element, 0, "100001");
    element = drawn(view);
    expect(text(element.querySelector(".workload-said"))).toBe("Tasks: a whole number from 1 to 100,000.");
    expect(button(element, "Start").disabled).toBe(true);
    type(element, 0, "400");
    type(element, 1, "5");
    element = drawn(view);
    expect(text(element.querySelector(".workload-said"))).toBe("4 workers take them.");
    element.querySelector("form")!.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(view.send).toHaveBeenLastCalledWith({ want: "workload", act: "start", body: { tasks: 400, work: 5 } });
  });

  it("takes a rate instead, for so long", () => {
    const view = having(null);
    drawn(view).querySelectorAll<HTMLInputElement>("input[type=radio]")[1]!.dispatchEvent(new Event("change"));
    let element = drawn(view);
    type(element, 0, "500");
    type(element, 1, "600");
    element = drawn(view);
    expect(text(element.querySelector(".workload-said"))).toBe("These are 300,000 tasks; a workload has 100,000 at the most.");
    type(element, 0, "50");
    type(element, 1, "60");
    element = drawn(view);
    element.querySelector("form")!.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(view.send).toHaveBeenLastCalledWith({ want: "workload", act: "start", body: { rate: 50, seconds: 60, work: 5 } });
    element.querySelectorAll<HTMLInputElement>("input[type=radio]")[0]!.dispatchEvent(new Event("change"));
  });

  it("shows what was ordered while one is under way, and asks before it clears away what is not done", () => {
    const view = having(workload(sample("five").stage));
    let element = drawn(view);
    expect([...element.querySelectorAll<HTMLInputElement>(".workload-figure input")].map((one) => [one.value, one.disabled])).toEqual([["5000", true], ["20", true]]);
    expect(button(element, "Start").disabled).toBe(true);
    button(element, "Stop").click();
    expect(view.send).toHaveBeenLastCalledWith({ want: "workload", act: "stop" });
    button(element, "Clear away").click();
    expect(view.send).toHaveBeenLastCalledWith({ want: "redraw" });
    element = drawn(view);
    button(element, "Clear away 449 unfinished tasks").click();
    expect(view.send).toHaveBeenLastCalledWith({ want: "workload", act: "clear" });
  });

  it("says what the check found", () => {
    const right = drawn(having(workload(sample("five").stage)));
    expect(text(right.querySelector(".workload-check"))).toBe("2,310 tasks checked: each is in exactly one place.");
    const wrong = drawn(having(workload(sample("five").stage, { violated: 1, violations: [{ task: 7, what: "lost", at: 1 }] })));
    expect(text(wrong.querySelector(".workload-check[role=alert]"))).toBe("1 task not in exactly one place. Task 7 is in no place.");
  });

  it("writes names from the tree as text", () => {
    const hostile = "<img src=x>\u202e";
    const element = drawn(having({ state: "making", workers: { [hostile]: { node: hostile, queue: 1 } } }));
    expect(element.querySelector("img")).toBeNull();
    expect(text(element.querySelector("tbody"))).not.toContain("\u202e");
  });

  it("lists 40 workers at the most", () => {
    const workers = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`n_${at}`, { queue: at }]));
    const element = drawn(having({ state: "making", workers }));
    expect(element.querySelectorAll("tbody tr")).toHaveLength(40);
    expect(text(element)).toContain("and 20 more");
  });
});
