import { render } from "lit-html";
import { describe, expect, it, vi } from "vitest";
import { sample } from "../gallery/samples";
import { plain, stepOn, storyPanel, told } from "../src/page/storypanel";
import type { Story } from "../src/protocol";
import type { View } from "../src/page/view";

const story: Story = {
  chapters: Object.fromEntries(
    ["a", "b", "c"].map((id, i) => [
      id,
      {
        id,
        at: 1_000 * i,
        parts: [
          { text: "node-2", kind: "node", ref: "node-2" },
          { text: "'s watch fired " },
          { text: "1", kind: "numeral" },
          { text: ", and <b>it</b> now leads " },
          { text: "2", kind: "numeral" },
          { text: "." },
        ],
      },
    ]),
  ),
  order: ["a", "b", "c"],
};

const view = (more: Partial<View> = {}): View => ({ ...sample("five"), story, now: 9_500, send: vi.fn(), ...more });

function drawn(given: View): HTMLElement {
  const element = document.createElement("div");
  render(storyPanel(given), element);
  return element;
}

describe("the story", () => {
  it("tells the newest chapter unless one is chosen", () => {
    expect(told(view())).toMatchObject({ index: 2, back: "b", on: null });
    expect(told(view({ chapter: "a" }))).toMatchObject({ index: 0, back: null, on: "b" });
    expect(told(view({ chapter: "forgotten" }))).toMatchObject({ index: 2 });
    expect(told(view({ story: null }))).toBeNull();
  });

  it("follows the newest again when it is stepped on to", () => {
    expect(stepOn(view({ chapter: "a" }))).toBe("b");
    expect(stepOn(view({ chapter: "b" }))).toBeNull();
  });

  it("draws the whole sentence as text, numerals as discs, and nothing as markup", () => {
    const headline = drawn(view()).querySelector(".headline") as HTMLElement;
    expect(headline.textContent?.replace(/\s+/g, " ").trim()).toBe("node-2’s watch fired 1, and <b>it</b> now leads 2.");
    expect([...headline.querySelectorAll(".num")].map((num) => num.getAttribute("aria-label"))).toEqual(["step 1", "step 2"]);
    expect(headline.querySelector("b")).toBeNull();
  });

  it("keeps what follows a name or a numeral on its line", () => {
    const glued = [...drawn(view()).querySelectorAll(".headline .nw")].map((run) => run.textContent?.trim());
    expect(glued).toEqual(["node-2’s", "fired\u00a01,", "leads\u00a02."]);
  });

  it("leads from a name to the node", () => {
    const given = view();
    drawn(given).querySelector<HTMLButtonElement>(".headline .name")?.click();
    expect(given.send).toHaveBeenCalledWith({ want: "select", what: { kind: "node", id: "node-2" } });
  });

  it("is read out without numerals", () => {
    expect(plain(story.chapters["a"]?.parts ?? [])).toBe("node-2's watch fired, and <b>it</b> now leads.");
  });

  it("offers to add a node only to those who may, where there is a lab", () => {
    expect(drawn(view()).querySelector(".add")).not.toBeNull();
    expect(drawn(view({ may: new Set() })).querySelector(".add")).toBeNull();
    expect(drawn(view({ status: { ...(view().status as NonNullable<View["status"]>), lab: false } })).querySelector(".add")).toBeNull();
  });
});
