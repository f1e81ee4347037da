import { render } from "lit-html";
import { beforeEach, describe, expect, it } from "vitest";
import { view } from "../gallery/samples";
import { account } from "../src/page/account";
import type { View } from "../src/page/view";

function drawn(more: Partial<View>): HTMLElement {
  const root = document.createElement("div");
  render(account({ ...view({}), ...more }), root);
  return root;
}

const links = (root: HTMLElement) => [...root.querySelectorAll("a")].map((link) => link.getAttribute("href"));

describe("the account menu", () => {
  beforeEach(() => {
    document.head.innerHTML = '<meta name="csrf-token" content="abc" />';
  });

  it("says who it is, and signs out with the page's token", () => {
    const root = drawn({ user: "ann", role: "operator" });
    expect(root.querySelector(".account-who")?.textContent).toContain("ann");
    const form = root.querySelector("form");
    expect([form?.getAttribute("action"), form?.method, form?.querySelector("input")?.value]).toEqual(["/leave", "post", "abc"]);
  });

  it("has the audit log for those who may read it alone", () => {
    expect(links(drawn({ role: "operator", may: new Set(["audit.read"]) }))).toContain("/audit");
    expect(links(drawn({ role: "viewer", may: new Set() }))).toEqual(["/tokens", "/login"]);
  });

  it("leads to a new password those who have one", () => {
    expect(links(drawn({ role: "operator" }))).not.toContain("/password");
    document.body.innerHTML = '<div id="app" data-password></div>';
    expect(links(drawn({ role: "operator" }))).toContain("/password");
    document.body.innerHTML = '<div id="app" data-base="/c/b" data-password></div>';
    expect(links(drawn({ role: "operator" }))).toContain("/c/b/password");
    document.body.innerHTML = "";
  });

  it("says that nobody can change the tree", () => {
    expect(drawn({ role: "operator", readOnly: true }).textContent).toContain("--allow-changes");
    expect(drawn({ role: "operator", readOnly: false }).textContent).not.toContain("--allow-changes");
  });

  it("is absent while nobody is known", () => {
    expect(drawn({ role: "" }).children.length).toBe(0);
  });
});
