import { render } from "lit-html";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sample } from "../gallery/samples";
import { Actions } from "../src/page/actions";
import { at, within } from "../src/page/base";
import { clusterName, elsewhere } from "../src/page/clusters";
import { parse, spell } from "../src/page/router";
import { whereLine } from "../src/page/whereline";
import type { Beat, Hello } from "../src/protocol";

const hello: Hello = {
  type: "hello", run: "r", cluster: "Production", at: 0, name: "prod",
  clusters: [{ name: "prod", title: "Production", label: "production" }, { name: "test-1", title: "<b>Test</b>" }, { name: "old", title: "Old" }],
};
const beat: Beat = { type: "beat", at: 0, states: { prod: "live", "test-1": "no-quorum" } };
const drawn = (clusters = elsewhere(hello, beat), page: "cluster" | "tree" = "cluster") => {
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  render(clusterName({ ...sample("twelve"), clusters, page }), root);
  return root;
};

describe("the clusters", () => {
  it("are those of the hello, each in the state that the beat tells", () => {
    expect(elsewhere(hello, beat).map(({ name, word, here }) => [name, word, here])).toEqual([
      ["prod", "LIVE", true], ["test-1", "NO QUORUM", false], ["old", "CONNECTING", false],
    ]);
    expect(elsewhere(hello, null).every(({ word }) => word === "CONNECTING")).toBe(true);
    expect(elsewhere({ ...hello, clusters: [] }, beat)).toEqual([]);
  });

  it("are no choice where there is but one", () => {
    expect(drawn([]).querySelector("details, a")).toBeNull();
    expect(drawn([]).querySelector(".cluster b")?.textContent).toBe(sample("twelve").status?.cluster);
  });

  it("are links to the same page of each, with its state in words", () => {
    const links = [...drawn(undefined, "tree").querySelectorAll("nav a")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["/c/prod/tree", "/c/test-1/tree", "/c/old/tree"]);
    expect(links.map((link) => link.getAttribute("aria-current"))).toEqual(["true", null, null]);
    expect(links[1]?.textContent?.replace(/\s+/g, " ").trim()).toBe("<b>Test</b>NO QUORUM");
    expect(drawn().querySelectorAll(".others .lamp")).toHaveLength(2);
    expect(drawn().querySelector(".sr")?.textContent).toBe("Other clusters: <b>Test</b> NO QUORUM, Old CONNECTING");
  });

  it("close on Escape, with the focus where it was, and when the focus leaves", () => {
    const details = drawn().querySelector("details") as HTMLDetailsElement;
    details.open = true;
    details.querySelector("a")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    expect(details.open).toBe(false);
    expect(document.activeElement).toBe(details.querySelector("summary"));
    details.open = true;
    details.querySelector("a")?.dispatchEvent(new FocusEvent("focusout", { relatedTarget: details.querySelector("summary"), bubbles: true }));
    expect(details.open).toBe(true);
    details.querySelector("a")?.dispatchEvent(new FocusEvent("focusout", { relatedTarget: document.body, bubbles: true }));
    expect(details.open).toBe(false);
  });
});

describe("addresses of a cluster", () => {
  beforeEach(() => {
    const root = document.createElement("div");
    root.id = "app";
    root.dataset["base"] = "/c/prod";
    document.body.replaceChildren(root);
  });
  afterEach(() => document.body.replaceChildren());

  it("are below its own", () => {
    expect(at("/api/me")).toBe("/c/prod/api/me");
    expect([within("/c/prod/tree"), within("/c/prod/"), within("/tree"), within("/c/production/tree")]).toEqual([
      "/tree", "/", "/tree", "/c/production/tree",
    ]);
  });

  it("are what the router reads and writes", () => {
    const place = { page: "tree", selection: { kind: "znode", path: "/a" } } as const;
    expect(spell(place)).toBe("/c/prod/tree?znode=%2Fa");
    expect(parse(new URL(spell(place), "http://zoo.test"))).toEqual(place);
    expect(spell({ page: "cluster", selection: null })).toBe("/c/prod/");
  });

  it("are where requests go", async () => {
    const asked: string[] = [];
    const fetcher = ((address: string) => (asked.push(address), Promise.resolve(new Response("{}")))) as typeof fetch;
    await new Actions("t", () => {}, fetcher).run("node.kill", "node-1");
    expect(asked).toEqual(["/c/prod/api/nodes/node-1/kill"]);
  });
});

describe("a sheet", () => {
  const above = (clusters = elsewhere(hello, beat)) => {
    const root = document.createElement("div");
    render(whereLine({ ...sample("twelve"), clusters, label: "production" }), root);
    return root.textContent;
  };

  it("says which cluster it is about, where there are two to take for each other", () => {
    expect(above()).toBe("Productionproduction");
    expect(above([])).toBe("");
  });
});
