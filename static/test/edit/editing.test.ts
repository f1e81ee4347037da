// The editor as a whole, with a server that answers: what its keys do.
import { EditorView } from "@codemirror/view";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Editing } from "../../src/edit/editing";
import { Bench } from "../hands/support";

// Where the focus is in another shadow root, happy-dom fails instead of saying that it is not in this one.
const { get: active } = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "activeElement") as { get: () => Element | null };
Object.defineProperty(ShadowRoot.prototype, "activeElement", {
  get(this: ShadowRoot) {
    try {
      return active.call(this);
    } catch {
      return null;
    }
  },
});

const stat = (version: number, mzxid: string, czxid = "0x1") => ({ version, mzxid, czxid });
let bench: Bench;
let editing: Editing;
let now: { text: string; stat: ReturnType<typeof stat> };

beforeEach(async () => {
  sessionStorage.clear();
  now = { text: "first", stat: stat(0, "0x600000010") };
  bench = await Bench.operator(({ verb, address }) => {
    if (address !== "/api/znodes") return undefined;
    return verb === "GET" ? { exists: true, kind: "persistent", data: btoa(now.text), stat: now.stat } : { result: "ok", stat: stat(9, "0x600000099") };
  });
  bench.forest.add("/a");
  editing = new Editing(bench.hands, "/a");
  await editing.begin();
  bench.office.asked.length = 0;
});
afterEach(() => editing.ended());

const view = (): EditorView => EditorView.findFromDOM(editing.dialog.editorHost.shadowRoot?.querySelector(".cm-editor") as HTMLElement) as EditorView;
const type = (text: string): void => view().dispatch({ changes: { from: view().state.doc.length, insert: text }, userEvent: "input.type" });
const press = (key: string, more: object = {}): void => void editing.dialog.element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
const text = (): string => (editing.dialog.element.textContent ?? "").replace(/\s+/g, " ");
const save = async (): Promise<void> => {
  press("s", { ctrlKey: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
};

async function theirs(text: string, made: ReturnType<typeof stat>): Promise<void> {
  now = { text, stat: made };
  editing.session.hear({ path: "/a", exists: true, stat: made } as never, Date.now());
  await editing.session.look();
  await vi.waitFor(() => expect(editing.beside).not.toBeNull());
}

it("writes nothing where nothing is typed, also where it was typed and taken back", async () => {
  await save();
  expect(bench.sent).toEqual([]);
  expect(text()).toContain("Nothing is changed, so there is nothing to save.");
  type("x");
  view().dispatch({ changes: { from: 5, to: 6 } });
  await save();
  expect(bench.sent).toEqual([]);
  type("x");
  await save();
  await vi.waitFor(() => expect(bench.sent).toEqual(["PUT /api/znodes"]));
});

it("writes nothing where the znode is gone", async () => {
  type("x");
  editing.session.hear({ path: "/a", exists: false } as never, 1);
  await save();
  expect(bench.sent).toEqual([]);
});

it("goes back from two values to editing by Escape, and asks nothing that was not asked for", async () => {
  type(" mine");
  await theirs("theirs", stat(1, "0x600000020"));
  expect(text()).toContain("Two values of");
  press("Escape");
  expect(editing.session.conflict).toBeNull();
  expect(text()).toContain("Saving replaces version 1, which you have seen.");
  expect(text()).not.toContain("Close without saving?");
  expect(editing.text).toBe("first mine");
  press("Escape");
  expect(text()).toContain("Close without saving?");
});

it("shows the question where it is asked before both values are there, and the values after it", async () => {
  type(" mine");
  press("Escape");
  await theirs("theirs", stat(1, "0x600000020"));
  expect(text()).toContain("Close without saving?");
  press("Escape");
  expect(text()).toContain("Save mine over version 1");
});

it("says that a znode was created anew, not that it was changed to version 0", async () => {
  now = { text: "anew", stat: stat(0, "0x600000030", "0x600000030") };
  editing.session.hear({ path: "/a", exists: true, stat: now.stat } as never, Date.now());
  expect(text()).toContain("It was deleted and created anew, as version 0");
  type("!");
  await theirs("anew", now.stat);
  expect(text()).toContain("It was deleted and created anew: version 0 is in ZooKeeper now.");
});
