// What is typed for a slow link: a number within its bounds, or it stays and is said to be wrong.
import { render } from "lit-html";
import { expect, it } from "vitest";
import { sample } from "../../gallery/samples";
import { bodyOf, desk, FIELDS, LinkDesk, linkDesk } from "../../src/lab/linkdesk";
import { called } from "../../src/page/called";

const [latency, , , loss] = FIELDS;

it.each(["-5", "60001", "", "abc", "1e9"])("does not make another number of '%s', and says what is asked for", (typed) => {
  const own = new LinkDesk();
  own.type(latency, typed);
  expect(own.how.latency).toBe(200);
  expect(own.wrong.latency).toBe(typed);
  expect(own.fault).toBe("Latency: a number from 0 to 60,000 ms.");
});

it("takes it once it is right, and tells of the next one that is wrong", () => {
  const own = new LinkDesk();
  own.type(latency, "-5");
  own.type(loss, "91");
  own.type(latency, "50");
  expect(own.how.latency).toBe(50);
  expect(own.fault).toBe("Loses: a number from 0 to 90 %.");
  own.type(loss, "90");
  expect(own.fault).toBe("");
});

it("keeps what is being typed while the page is drawn anew", () => {
  const view = { ...sample("twelve"), page: "lab" as const };
  const root = document.createElement("div");
  const draw = () => render(linkDesk(view), root);
  desk.choose("server-1", "server-2");
  draw();
  const field = [...root.querySelectorAll("label.field")].find((label) => label.textContent?.startsWith("Loses"))!.querySelector("input")!;
  field.value = "1";
  field.dispatchEvent(new Event("input"));
  draw();
  expect([field.value, desk.how.loss]).toEqual(["1", 1]);
});

it("sends what was typed", () => {
  expect(bodyOf("link.slow", { from: "node-1", to: "server-2", way: "both" })).toMatchObject({ from: "node-1", to: "server-2", latency: 200 });
});

it.each([
  ["link.slow", "server-1>ensemble", "Slow server 1 and the other servers"],
  ["link.cut", "node-3>server-2", "Cut node-3 and server 2"],
  ["link.heal", "node-3>ensemble", "Heal node-3 and all servers"],
  ["server.stop", "2", "Stop server 2"],
  ["node.kill", "node-3", "Kill node-3"],
  ["node.add", "", "Add node"],
])("calls %s of %s by no inner name", (method, id, words) => expect(called(method, id)).toBe(words));
