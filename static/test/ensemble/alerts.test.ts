import { render } from "lit-html";
import { expect, test } from "vitest";
import { ALERTS } from "../../gallery/watched";
import { NOW, sample } from "../../gallery/samples";
import { alertBadge, alertsSection } from "../../src/ensemble/alerts";
import { Store } from "../../src/live/store";
import type { Intent, View } from "../../src/page/view";
import type { Alerts } from "../../src/protocol";

function drawn(alerts: Alerts | null, what: (view: View) => unknown, send: (intent: Intent) => void = () => {}): HTMLElement {
  const store = new Store(() => {});
  store.subscribe("alerts", () => {});
  store.opened();
  if (alerts) store.take({ type: "snapshot", topic: "alerts", epoch: 1, seq: 1, data: { ...alerts } });
  const root = document.createElement("div");
  render(what({ ...sample("failover"), store, send }), root);
  return root;
}

const text = (root: Element) => (root.textContent ?? "").replace(/\s+/g, " ").trim();

test("what is worst comes first, with since when, in words", () => {
  const root = drawn(ALERTS["firing"]!, alertsSection);
  const rows = [...root.querySelectorAll(".alerts-row")];
  expect(rows.map((row) => row.getAttribute("data-severity"))).toEqual(["critical", "warning", "warning", "info"]);
  expect(text(rows[0]!)).toMatch(/^The ensemble has no quorum: it needs 2 of 3, has 1\. critical · no-quorum · since \d\d:\d\d:\d\d, 48 s ago$/);
  expect(text(rows[2]!)).toContain("how it is now is not known");
  expect(text(root)).toContain("The webhook does not take alerts: connection refused");
  expect(text(root.querySelector(".alerts-past li")!)).toContain("over after");
});

test("while nothing fires there is no badge, and what is not known is said", () => {
  expect(drawn(ALERTS["quiet"]!, alertBadge).querySelector("button")).toBeNull();
  expect(drawn(null, alertBadge).querySelector("button")).toBeNull();
  expect(text(drawn(ALERTS["quiet"]!, alertsSection))).toContain("No alert: none of the 5 rules is broken.");
  const unknown: Alerts = { rules: { lag: { kind: "lag", severity: "warning", words: "lag", state: "unknown" }, down: { kind: "server-down", severity: "warning", words: "down" } } };
  expect(text(drawn(unknown, alertsSection))).toContain("lag: not known at the moment.");
  expect(text(drawn({}, alertsSection))).toContain("No rule watches this cluster.");
});

test("the badge counts, and leads to the page that says more", () => {
  const sent: Intent[] = [];
  const badge = drawn(ALERTS["firing"]!, alertBadge, (intent) => sent.push(intent)).querySelector("button")!;
  expect(text(badge)).toBe("4alerts");
  expect(badge.dataset["severity"]).toBe("critical");
  badge.click();
  expect(sent).toEqual([{ want: "go", to: "ensemble" }]);
});

test("names from outside are shown, never obeyed", () => {
  const bad: Alerts = { rules: {}, firing: { x: { rule: "<b>r</b>", severity: "info", since: NOW, fired: NOW, words: "<img src=x onerror=alert(1)>\u202e" } } };
  const root = drawn(bad, alertsSection);
  expect(root.querySelector("img, b > b, script")).toBeNull();
  expect(text(root)).toContain("<img src=x onerror=alert(1)>\\u{202e}");
});
