import { render } from "lit-html";
import { describe, expect, it, vi } from "vitest";
import { NOW, sample } from "../../gallery/samples";
import { SCENARIOS } from "../../gallery/scenarios";
import { Store } from "../../src/live/store";
import { scenarioLine } from "../../src/lab/scenarioline";
import { wish } from "../../src/lab/scenariohold";
import { scenariosSection } from "../../src/lab/scenarios";
import { SCENARIO_TOPIC } from "../../src/lab/scenariotopic";
import { intentOf, keysFor } from "../../src/page/keys";
import type { Intent, View } from "../../src/page/view";
import type { Scenarios } from "../../src/protocol";

const OPERATOR = new Set(["scenario.run"]);

function viewOf(value: Scenarios | null, more: Partial<View> = {}): View & { sent: Intent[] } {
  const store = new Store(() => {});
  const sent: Intent[] = [];
  store.opened();
  store.subscribe(SCENARIO_TOPIC, () => {});
  if (value) store.take({ type: "snapshot", topic: SCENARIO_TOPIC, epoch: 1, seq: 1, data: { ...value } });
  return { ...sample("five"), now: NOW, store, may: OPERATOR, send: (intent) => void (intent.want !== "redraw" && sent.push(intent)), ...more, sent };
}

function drawn(view: View, panel: (view: View) => unknown = scenariosSection): HTMLElement {
  const root = document.createElement("div");
  render(panel(view), root);
  return root;
}

const text = (element: Element | null): string => element?.textContent?.replace(/\s+/g, " ").trim() ?? "";
const button = (root: HTMLElement, name: string) => [...root.querySelectorAll("button")].find((one) => (one.getAttribute("aria-label") ?? text(one)) === name) as HTMLButtonElement;

describe("the scenarios", () => {
  it("are listed in their order, with what each shows", () => {
    const root = drawn(viewOf(SCENARIOS["none"]!()));
    expect([...root.querySelectorAll(".scenario-list h3")].map(text)).toEqual(["A single point of failure", "Quorum arithmetic", "Kill the leader", "Herd against chain", "The zombie leader"]);
    expect(text(root.querySelector(".scenario-list li:nth-child(3) p"))).toContain("exactly one client wakes");
    expect(root.querySelector(".play")).toBeNull();
  });

  it("are run by a button, but where something hinders it, which is said", () => {
    const view = viewOf(SCENARIOS["none"]!());
    const root = drawn(view);
    button(root, "Run: Kill the leader").click();
    expect(view.sent).toEqual([{ want: "act", method: "scenario.run", id: "kill-leader", body: { hold: true, slow: true } }]);
    expect(button(root, "Run: A single point of failure").disabled).toBe(true);
    expect(text(root.querySelector(".scenario-hindered"))).toContain("this lab has 3 servers");
  });

  it("have no buttons for those who may not run them", () => {
    expect(drawn(viewOf(SCENARIOS["running"]!(), { may: new Set() })).querySelector("button")).toBeNull();
  });

  it("are not there for clusters that no lab started, nor before anything is known", () => {
    const view = viewOf(SCENARIOS["none"]!());
    expect(drawn({ ...view, status: { ...view.status!, lab: false } }).textContent).toBe("");
    expect(drawn(viewOf(null)).textContent).toBe("");
  });

  it("tell a run as it goes: what is done, what is now, what was checked", () => {
    const view = viewOf(SCENARIOS["running"]!());
    const root = drawn(view);
    const steps = [...root.querySelectorAll(".play-steps > li")];
    expect(steps.map((step) => (step as HTMLElement).dataset["state"])).toEqual(["done", "done", "done", "running"]);
    expect(steps[3]?.getAttribute("aria-current")).toBe("step");
    expect(text(steps[3] ?? null)).toContain("now: Wait for the end of its session9.3 s");
    expect(text(steps[1]?.querySelector(".play-facts") ?? null)).toContain("As expected: From the close to the new leader: 10 ms expected under 500 ms");
    expect(button(root, "Run: Herd against chain").disabled, "one at a time").toBe(true);
    expect(button(root, "Run: Kill the leader").getAttribute("aria-busy")).toBe("true");
    button(root, "Cancel").click();
    expect(view.sent).toEqual([{ want: "act", method: "scenario.cancel", id: "kill-leader" }]);
  });

  it("cannot be cancelled while all is put back, nor while the page is cut off", () => {
    expect(button(drawn(viewOf(SCENARIOS["putting-back"]!())), "Cancel").disabled).toBe(true);
    const view = viewOf(SCENARIOS["running"]!());
    const cut = drawn({ ...view, liveness: { ...view.liveness, held: true } });
    expect(button(cut, "Cancel").disabled).toBe(true);
  });

  it("say how a run ended, in a word and a shape", () => {
    const failed = drawn(viewOf(SCENARIOS["failed"]!()));
    expect(text(failed.querySelector(".play-state"))).toBe("failed5.2 s");
    expect(text(failed.querySelector(".play-words"))).toBe("Not as expected: Clients woken by the kill: 2 instead of 1.");
    expect(text(failed.querySelector('.play-facts [data-holds="false"]'))).toBe("Not as expected: Clients woken by the kill: 2 and not 1");
    expect(text(failed.querySelector(".scenario-list li:nth-child(3) .scenario-last"))).toBe("failed");
    expect(text(drawn(viewOf(SCENARIOS["passed"]!())).querySelector(".play-state"))).toBe("passed5.2 s");
    const cancelled = drawn(viewOf(SCENARIOS["cancelled"]!()));
    expect(text(cancelled.querySelector('.play-steps > [data-state="failed"]'))).toContain("not done: Wait for the end");
    expect(cancelled.querySelector(".play button")).toBeNull();
  });

  it("show tables with a head for each column and each row", () => {
    const table = drawn(viewOf(SCENARIOS["table"]!())).querySelector("table") as HTMLTableElement;
    expect([...table.querySelectorAll("thead th")].map(text)).toEqual(["", "waiting", "woken", "in vain", "woken within", "leads after"]);
    expect([...table.querySelectorAll("tbody th")].map(text)).toEqual(["chain", "herd"]);
    expect(table.closest("[tabindex]")?.getAttribute("aria-label")).toBe("The same kill");
  });

  it("draw what comes from the cluster as text", () => {
    const value = SCENARIOS["running"]!();
    const step = { words: "<img src=x onerror=alert(1)>\u202e", at: NOW };
    const root = drawn(viewOf({ ...value, play: { ...value.play!, steps: [step] } }));
    expect(root.querySelector("img")).toBeNull();
    expect(text(root.querySelector(".play-do"))).toContain("<img src=x onerror=alert(1)>\\u{202e}");
  });
});

describe("an end that is left standing", () => {
  it("is asked for unless whoever runs it does not wish so", () => {
    const view = viewOf(SCENARIOS["none"]!());
    const root = drawn(view);
    const box = root.querySelector<HTMLInputElement>(".scenario-wish input")!;
    expect(box.checked).toBe(true);
    box.checked = false;
    box.dispatchEvent(new Event("change"));
    try {
      button(root, "Run: Kill the leader").click();
      expect(view.sent).toEqual([{ want: "act", method: "scenario.run", id: "kill-leader", body: { slow: true } }]);
    } finally {
      wish.hold = true;
    }
  });

  it("tells what was found and when it goes by itself, and has the button that puts it back, and no other", () => {
    const view = viewOf(SCENARIOS["holding"]!());
    const root = drawn(view);
    expect(text(root.querySelector(".play-state"))).toBe("left standingput back by itself in 9:42");
    expect(text(root.querySelector(".play-words"))).toBe("7 facts checked, all as expected.");
    expect(button(root, "Cancel")).toBeUndefined();
    expect(button(root, "Run: Herd against chain").disabled).toBe(true);
    button(root, "Put back").click();
    expect(view.sent).toEqual([{ want: "act", method: "scenario.putback", id: "kill-leader" }]);
  });

  it("can be put back from the line of each page, and by a key", () => {
    const view = viewOf(SCENARIOS["holding"]!());
    const line = drawn(view, scenarioLine);
    expect(text(line.querySelector("p"))).toBe("Kill the leaderleft standing, 9:427 facts checked, all as expected. Put back All steps");
    button(line, "Put back").click();
    expect(view.sent).toEqual([intentOf("b", view)]);
    expect(intentOf("b", viewOf(SCENARIOS["running"]!())), "nothing stands").toBeNull();
    expect(keysFor(view)[0]?.keys.some(({ keys }) => keys[0] === "b")).toBe(true);
  });

  it("has no button for those who may not run scenarios", () => {
    const view = viewOf(SCENARIOS["holding"]!(), { may: new Set() });
    expect(drawn(view).querySelector("button")).toBeNull();
    expect(drawn(view, scenarioLine).querySelectorAll("button")).toHaveLength(1);
  });
});

describe("the line beside the figure", () => {
  it("tells the present step, and leads to all of them", () => {
    const view = viewOf(SCENARIOS["running"]!());
    const root = drawn(view, scenarioLine);
    expect(text(root.querySelector("p"))).toBe("Kill the leaderstep 4Wait for the end of its sessionAll steps");
    root.querySelector("button")?.click();
    expect(view.sent).toEqual([{ want: "go", to: "lab" }]);
  });

  it("stays for a moment after the end, then goes", () => {
    const value = SCENARIOS["passed"]!();
    const ended = value.play!.ended!;
    expect(text(drawn(viewOf(value, { now: ended + 1_000 }), scenarioLine))).toContain("passed7 facts checked");
    expect(text(drawn(viewOf(value, { now: ended + 60_000 }), scenarioLine))).toBe("");
    expect(text(drawn(viewOf(SCENARIOS["none"]!()), scenarioLine))).toBe("");
  });

  it("listens to the topic once, whoever draws", () => {
    const view = viewOf(SCENARIOS["none"]!());
    const subscribe = vi.spyOn(view.store, "subscribe");
    for (let i = 0; i < 3; i++) drawn(view);
    drawn(view, scenarioLine);
    expect(subscribe).toHaveBeenCalledTimes(1);
  });
});
