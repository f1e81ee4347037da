// The editor itself, as far as it can be without a layout.
import { undo } from "@codemirror/commands";
import { EditorView } from "@codemirror/view";
import { expect, it } from "vitest";
import { surface } from "../../src/edit/surface";

const watcher = { changed: () => undefined, faults: () => undefined, save: () => undefined };

it("undoes a replacement alone, however soon it follows what was typed", () => {
  const host = document.createElement("div");
  const made = surface(host, "first", "text", "\n", watcher);
  const view = EditorView.findFromDOM(host.shadowRoot?.querySelector(".cm-editor") as HTMLElement) as EditorView;
  view.dispatch({ changes: { from: 5, insert: " mine" }, userEvent: "input.type" });
  made.replace("theirs");
  view.dispatch({ changes: { from: 6, insert: "!" }, userEvent: "input.type" });
  expect(made.text).toBe("theirs!");
  undo(view);
  expect(made.text).toBe("theirs");
  undo(view);
  expect(made.text).toBe("first mine");
  made.destroy();
});
