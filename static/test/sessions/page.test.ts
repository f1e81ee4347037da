import { html, render } from "lit-html";
import { describe, expect, it } from "vitest";
import { attendance, partingOf, session, sessionsOf, watches } from "../../gallery/attendance";
import { Forest } from "../../gallery/forest";
import { handsOf, Office, type Answer } from "../../gallery/office";
import { NOW, sample } from "../../gallery/samples";
import type { View } from "../../src/page/view";
import { Toasts } from "../../src/page/toasts";
import { nodePane } from "../../src/page/nodepane";
import { ExpireSheet } from "../../src/sessions/expiresheet";
import { linesOf } from "../../src/sessions/list";
import { sessionsPage } from "../../src/sessions/sessionspage";
import { expiryWords, goneWords, left, shortId, summary } from "../../src/sessions/words";
import type { Session } from "../../src/protocol";

class Room {
  readonly forest = new Forest(() => NOW, 0);
  readonly office = new Office();
  readonly toasts = new Toasts(() => {});
  readonly root = document.createElement("div");
  readonly asked: URLSearchParams[] = [];
  all: Session[];
  view: View;

  constructor(count: number, kind = "", ...answers: Answer[]) {
    this.all = attendance(count, kind);
    this.forest.others = (name, query) => {
      if (name === "session") return partingOf(this.all, query.get("id") ?? "");
      this.asked.push(query);
      return sessionsOf(this.all, query, kind);
    };
    this.office.answers.push(...answers, watches);
    const hands = handsOf(this.forest.store, () => {}, this.office, this.toasts);
    this.view = { ...sample("failover"), store: this.forest.store, hands, selection: null, now: NOW };
    document.body.replaceChildren(this.root);
  }

  async draw(): Promise<void> {
    for (let i = 0; i < 2; i += 1) {
      this.render();
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    this.render();
  }

  render(): void {
    const { sheet } = this.view.hands;
    render(html`${sessionsPage(this.view)}${sheet ? html`<div class="dialog">${sheet.content(this.view)}</div>` : ""}`, this.root);
  }

  text(selector = ".ss"): string {
    return (this.root.querySelector(selector)?.textContent ?? "").replace(/\s+/g, " ").trim();
  }

  async press(words: string): Promise<void> {
    const button = [...this.root.querySelectorAll("button")].find((one) => one.textContent?.replace(/\s+/g, " ").includes(words));
    expect(button, words).toBeDefined();
    button!.click();
    await this.draw();
  }

  async submit(): Promise<void> {
    this.root.querySelector("form")!.dispatchEvent(new Event("submit", { cancelable: true }));
    await this.draw();
  }
}

describe("the list", () => {
  it("says who has a session, for how long, and whose word that is", async () => {
    const room = new Room(8);
    await room.draw();
    const rows = [...room.root.querySelectorAll(".ss-row")];
    expect(rows).toHaveLength(9);
    expect(rows[0]!.textContent).toContain("node-1");
    expect(rows[0]!.querySelector(".ss-left")!.textContent).toContain("server’s own");
    expect(rows[1]!.textContent).toContain("no connection");
    expect(room.text(".why")).toContain("9 sessions own 14 ephemeral znodes; 1 has no connection");
    expect(room.text()).toContain("never ended from here");
  });

  it("says what is not told, and what would have it told", async () => {
    const room = new Room(3, "bare");
    await room.draw();
    expect(room.text(".ss-missing")).toContain("admin.enableServer=true");
    expect(room.text()).toContain("not known");
  });

  it("asks for a window, sorted and filtered", async () => {
    const room = new Room(120);
    await room.draw();
    expect(room.text(".ss-pages")).toContain("1–50 of 121");
    await room.press("Next");
    expect(room.text(".ss-pages")).toContain("51–100 of 121");
    await room.press("Ephemerals");
    expect(room.asked.at(-1)!.get("show")).toBe("owning");
    const column = [...room.root.querySelectorAll<HTMLButtonElement>("thead button")].find((one) => one.textContent?.includes("Expires"))!;
    column.click();
    column.click();
    await room.draw();
    expect(room.asked.at(-1)!.get("order")).toBe("expires");
    expect(room.asked.at(-1)!.get("reverse")).toBe("yes");
    const input = room.root.querySelector<HTMLInputElement>("input[type=search]")!;
    input.value = "node-3";
    input.dispatchEvent(new Event("input"));
    await new Promise((resolve) => setTimeout(resolve, 260));
    await room.draw();
    expect(room.asked.at(-1)!.get("filter")).toBe("node-3");
    expect(room.root.querySelectorAll(".ss-row")).toHaveLength(1);
  });

  it("goes no further once the page has left", async () => {
    const room = new Room(3);
    await room.draw();
    expect([...room.forest.open].some((topic) => topic.startsWith("sessions"))).toBe(true);
    render(html``, room.root);
    expect([...room.forest.open].some((topic) => topic.startsWith("sessions"))).toBe(false);
  });

  it("leaves one that has gone in its place, struck through, with the cause", () => {
    const all = attendance(8);
    const query = new URLSearchParams();
    const value = { ...sessionsOf(all, query), gone: {} };
    const before = linesOf(value, []);
    const fewer = { ...sessionsOf(all.filter((_, n) => n !== 5), query), gone: { [all[5]!.id]: { id: all[5]!.id, at: NOW, cause: "ended" as const, by: "ann" } } };
    const after = linesOf(fewer, before);
    expect(after[5]!.gone && goneWords(after[5]!.gone)).toBe("ended by ann");
    expect(after).toHaveLength(before.length);
    // Still there with the next frame, until the bridge speaks of it no more.
    expect(linesOf(fewer, after)[5]!.gone).not.toBeNull();
    expect(linesOf({ ...fewer, gone: {} }, after)).toHaveLength(before.length - 1);
  });

  it("shows hostile names as text", async () => {
    const room = new Room(1);
    room.all = [session(0, { name: "<img src=x onerror=alert(1)>‮evil", client: "<b>1</b>" })];
    await room.draw();
    expect(room.root.querySelector("img, b b")).toBeNull();
    expect(room.text(".ss-who")).toContain("\\u{202e}evil");
  });
});

describe("the end of a session", () => {
  const open = async (room: Room, n = 0): Promise<void> => {
    room.view.hands.open(new ExpireSheet(room.view.hands, room.all[n]!.id));
    await room.draw();
  };

  it("says first what goes and who leads next, then does it once", async () => {
    const posted: unknown[] = [];
    const room = new Room(8, "", ({ address, verb, body }) => {
      if (verb !== "POST") return undefined;
      posted.push([address, body]);
      return { result: "ok", took: 17.4, owned: 2 };
    });
    await open(room);
    expect(room.text(".dialog")).toContain("2 ephemeral znodes go at once");
    expect(room.text(".dialog")).toContain("node-2 (c_0000000001) is next in line");
    await room.submit();
    expect(posted).toEqual([[`/api/sessions/${room.all[0]!.id}/expire`, { owned: 2, mark: "2a-0123456789ab" }]]);
    expect(room.view.hands.sheet).toBeNull();
    expect(room.toasts.shown[0]!.text).toBe("2 znodes went with it, 17 ms after it was asked for.");
  });

  it("wants the end of the id for one with many znodes", async () => {
    const posted: string[] = [];
    const room = new Room(3, "", ({ address, verb }) => (verb === "POST" ? (posted.push(address), { result: "ok" }) : undefined));
    room.all[0] = { ...room.all[0]!, owned: 40 };
    await open(room);
    expect(room.root.querySelector<HTMLButtonElement>(".btn-grave")!.disabled).toBe(true);
    await room.submit();
    expect(posted).toEqual([]);
    const input = room.root.querySelector<HTMLInputElement>(".dialog input")!;
    input.value = room.all[0]!.id.slice(-5);
    input.dispatchEvent(new Event("input"));
    await room.draw();
    await room.submit();
    expect(posted).toHaveLength(1);
  });

  it("is refused for Zooscope's own, and says so", async () => {
    const room = new Room(3);
    await open(room, 3);
    expect(room.text(".dialog")).toContain("Zooscope's own session");
    expect(room.root.querySelector<HTMLButtonElement>(".btn-grave")!.disabled).toBe(true);
  });

  it("keeps the sheet and says what went wrong", async () => {
    const room = new Room(3, "", ({ verb }) => (verb === "POST" ? [409, { problem: { code: "not-now", text: "The session owns 5 now.", hint: "Look again." } }] : undefined));
    await open(room);
    await room.submit();
    expect(room.text(".dialog .note")).toContain("The session owns 5 now.");
  });

  it("asks for the end of one that changes all the time only where somebody says so", async () => {
    const posted: unknown[] = [];
    const changed = { problem: { code: "wrong-version", text: "It owns ephemeral znodes that were not there when you looked.", hint: "" } };
    const room = new Room(3, "", ({ verb, body }) => (verb !== "POST" ? undefined : (posted.push(body), posted.length < 2 ? [409, changed] : { result: "ok" })));
    await open(room);
    expect(room.root.querySelector(".dialog .tick")).toBeNull();
    await room.submit();
    expect(room.text(".dialog .note")).toContain("were not there when you looked");
    room.root.querySelector<HTMLInputElement>(".dialog .tick input")!.click();
    await room.draw();
    await room.submit();
    expect(posted).toEqual([{ owned: 2, mark: "2a-0123456789ab" }, {}]);
    expect(room.view.hands.sheet).toBeNull();
  });

  it("notices that it is gone already", async () => {
    const room = new Room(3);
    room.view.hands.open(new ExpireSheet(room.view.hands, "0x1234"));
    await room.draw();
    expect(room.text(".dialog")).toContain("It is gone");
  });

  it("is offered in the inspector of a node to whoever may", () => {
    const room = new Room(3);
    render(nodePane(room.view, "node-1"), room.root);
    expect(room.root.textContent).toContain("Overrules ZooKeeper");
    render(nodePane({ ...room.view, may: new Set(["node.kill"]) }, "node-1"), room.root);
    expect(room.root.textContent).not.toContain("Overrules ZooKeeper");
  });
});

describe("who watches what", () => {
  it("is asked only when somebody asks, and says what was not told", async () => {
    const room = new Room(8);
    await room.draw();
    await room.press("Who watches what");
    expect(room.office.asked).toEqual([]);
    await room.press("Ask who watches what");
    expect(room.office.asked.map(({ address }) => address)).toEqual(["/api/watches"]);
    expect(room.text(".ww-silent")).toContain("server 3 did not tell");
    expect(room.text(".ww-list")).toContain("Zooscope itself");
    expect(room.text(".ww-notes")).toContain("persistent recursive");
    await room.press("By session");
    expect(room.text(".ww-list li")).toContain("node-2");
  });

  it("is not there for whoever may not ask", async () => {
    const room = new Room(3);
    room.view = { ...room.view, may: new Set() };
    await room.draw();
    expect(room.text()).not.toContain("Who watches what");
  });
});

describe("words", () => {
  it("reckon what is left", () => {
    const one = session(0, { timeout: 4000, expires: NOW + 1000, expiry: "estimated" });
    expect(left(one, NOW)).toEqual({ ms: 1000, part: 0.25 });
    expect(left(one, NOW + 5000)).toEqual({ ms: 0, part: 0 });
    expect(expiryWords(one, NOW)).toContain("estimated");
    expect(shortId("0x10003a7c5e0010")).toBe("0x100…e0010");
    expect(summary({ ...sessionsOf([], new URLSearchParams()) })).not.toContain("0 sessions");
  });

  it("promise no end of a session while nobody leads, who alone could end it", () => {
    const value = { ...sessionsOf([session(0, {})], new URLSearchParams()), unconnected: 1 };
    expect(summary(value)).toContain("1 has no connection and will expire");
    expect(summary(value, false)).toMatch(/1 has no connection\.$/);
  });
});
