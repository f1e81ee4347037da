// The ensemble's page, drawn from samples: every state says what it has to, and nothing of a server is taken for markup.
import { render } from "lit-html";
import { afterEach, describe, expect, test } from "vitest";
import { ENSEMBLES } from "../../gallery/ensembles";
import { NOW, view as viewOf, type Parts } from "../../gallery/samples";
import { COLUMNS } from "../../src/ensemble/columns";
import { ensemblePage } from "../../src/ensemble/ensemblepage";
import { gathered } from "../../src/ensemble/lacks";
import { layout, squares } from "../../src/ensemble/meter";
import { brief, gapWords, took } from "../../src/ensemble/reigns";
import { common, filled } from "../../src/ensemble/serverssection";
import { split } from "../../src/ensemble/quorumsection";
import { Store } from "../../src/live/store";
import { serverPane } from "../../src/page/serverpane";
import type { Intent, View } from "../../src/page/view";
import type { QuorumGroup, Reign, Server, Servers } from "../../src/protocol";

const host = document.createElement("div");
document.body.append(host);
afterEach(() => render(null, host));

async function drawn(parts: Parts, more: Partial<View> = {}): Promise<{ view: View; text: string; sent: Intent[] }> {
  const sent: Intent[] = [];
  const view: View = { ...viewOf(parts), page: "ensemble", send: (intent) => sent.push(intent), ...more };
  render(ensemblePage(view), host);
  await Promise.resolve();
  await Promise.resolve();
  render(ensemblePage(view), host);
  return { view, text: (host.textContent ?? "").replace(/\s+/g, " "), sent };
}

describe("states", () => {
  test.each(Object.keys(ENSEMBLES))("%s is drawn", async (name) => {
    const { text } = await drawn(ENSEMBLES[name]!());
    expect(text).not.toContain("undefined");
    expect(text).not.toContain("NaN");
    expect(host.querySelectorAll("h1")).toHaveLength(1);
  });

  test("the quorum stands on top, in words", async () => {
    await drawn(ENSEMBLES["ens-5"]!());
    expect(host.querySelector("h1")?.textContent).toContain("3 of 5 up: can lose none");
    expect(host.querySelector(".ens-told")?.textContent).toContain("If one more fails");
    expect(host.querySelector("[role=img]")?.getAttribute("aria-label")).toContain("server 2 down");
  });

  test("roles are words", async () => {
    await drawn(ENSEMBLES["ens-7"]!());
    const rows = [...host.querySelectorAll("tbody tr")].map((row) => row.querySelector("b")?.textContent);
    expect(rows).toEqual(["follower", "follower", "follower", "follower", "quorum leader", "down", "observer"]);
  });

  test("without a quorum it is said who does not lead, and since when", async () => {
    const { text } = await drawn(ENSEMBLES["ens-noquorum"]!());
    expect(text).toContain("1 of 3 up: no quorum");
    expect(text).toContain("nobody leads");
    expect(host.querySelector(".is-lost")).not.toBeNull();
  });

  test("what little a foreign cluster tells is shown, and the rest is said once, with the settings", async () => {
    const { text } = await drawn(ENSEMBLES["ens-foreign"]!());
    expect([...host.querySelectorAll("thead th")].map((th) => th.textContent)).toEqual(["Server", "Behind", "Latency", "Queued", "Clients", "Znodes"]);
    expect(host.querySelector('[data-server="1"] .of-latency, tr .of-latency')?.textContent?.replace(/\s+/g, " ")).toMatch(/^\s*[\d.]+ ms\s*avg/);
    expect(text.match(/mntr in 4lw\.commands\.whitelist of/g)).toHaveLength(1);
    expect(text.match(/admin_port of this cluster/g)).toHaveLength(1);
    expect(text).toContain("zk-1.internal.example:2181 · 3.8.4");
  });

  test("what answers in a server's place is said in words", async () => {
    const { text } = await drawn(ENSEMBLES["ens-odd"]!());
    expect(text).toContain("it sends a web page and more than 512 KB of it");
    expect(text).toContain("is no AdminServer: it sends something packed");
    expect([...host.querySelectorAll('tr[data-server="1"] .is-none')].map((cell) => (cell as HTMLElement).dataset["name"])).toEqual(["Watches", "Data", "Files", "Serves", "Snapshot"]);
  });

  test("a click on a row, and the button in it, select the server for the inspector", async () => {
    const { sent } = await drawn(ENSEMBLES["ens-3"]!());
    host.querySelector<HTMLElement>('tr[data-server="2"] td')!.click();
    host.querySelector<HTMLElement>('tr[data-server="3"] button')!.click();
    expect(sent.filter((one) => one.want === "select")).toEqual([
      { want: "select", what: { kind: "server", id: "2" } },
      { want: "select", what: { kind: "server", id: "3" } },
    ]);
  });

  test("the inspector says what a server did not tell", async () => {
    const { view } = await drawn(ENSEMBLES["ens-foreign"]!());
    render(serverPane(view, "2"), host);
    await Promise.resolve();
    render(serverPane(view, "2"), host);
    expect(host.textContent).toContain("Not told: its 4lw.commands.whitelist leaves mntr out.");
  });

  test("names and reasons of strangers are text", async () => {
    const made = ENSEMBLES["ens-odd"]!();
    const told = made.topics!["servers"] as Servers;
    told.details["2"] = { lacks: [{ of: "mntr", why: "<img src=x onerror=alert(1)>\u202e", setting: "<script>" }] };
    const { text } = await drawn(made);
    expect(host.querySelector("img, script")).toBeNull();
    expect(text).toContain("<img src=x onerror=alert(1)>\\u{202e}");
  });
});

test("the topics are subscribed to while the page is open, and no longer", () => {
  const asked: string[] = [];
  const store = new Store((op, topic) => asked.push(`${op} ${topic}`));
  store.opened();
  const view: View = { ...viewOf(ENSEMBLES["ens-3"]!()), store };
  asked.length = 0;
  for (let i = 0; i < 3; i++) render(ensemblePage(view), host);
  const begun = ["subscribe servers", "subscribe plots?span=10m"];
  expect(asked).toEqual(begun);
  render(null, host);
  const ended = asked.slice(2);
  expect([...ended].sort()).toEqual(["unsubscribe plots?span=10m", "unsubscribe servers"]);
  render(ensemblePage(view), host);
  expect(asked).toEqual([...begun, ...ended, ...begun]);
});

describe("the meter", () => {
  const group = (weights: Record<string, number>, needs: number): QuorumGroup => ({ name: "", weight: 0, needs, has: 0, weights });
  const servers = viewOf(ENSEMBLES["ens-5"]!()).ensemble!.servers;

  test("those that are up come first, and the bar stands after as many as are needed", () => {
    const list = squares(group({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 }, 3), servers);
    expect(list.map((one) => one.id)).toEqual(["1", "3", "5", "2", "4"]);
    const { places, bar } = layout(list, 3);
    expect(bar).toBe(places[2]!.left + places[2]!.width + 3);
  });

  test("a vote is as wide as it weighs, and the bar may stand within one", () => {
    const list = squares(group({ 1: 3, 3: 1, 5: 0 }, 2), servers);
    const { places, bar, width } = layout(list, 2);
    expect(places[0]!.width).toBe(3 * 32 + 2 * 6);
    expect(bar).toBe(72);
    expect(width).toBe(places.at(-1)!.left + places.at(-1)!.width);
  });

  test("weights beyond all measure fit", () => {
    const { width, bar } = layout(squares(group({ 1: 10 ** 15, 3: 1 }, 5 * 10 ** 14), servers), 5 * 10 ** 14);
    expect(width).toBeLessThan(260);
    expect(bar).toBeLessThan(width);
  });
});

describe("words", () => {
  const reign = (more: Partial<Reign>): Reign => ({ epoch: 1, leader: "1", since: NOW, ...more });

  test.each([
    [{}, ""],
    [{ gap_low: 0, gap_high: 1_000 }, "less than 1.0 s"],
    [{ gap_low: 1_000, gap_high: 3_020 }, "1.0 s to 3.0 s"],
    [{ gap_low: 900, gap_high: 900 }, "900 ms"],
  ])("how long nobody led: %j", (more, words) => expect(gapWords(reign(more))).toBe(words));

  test("the leader's own measure is the best", () => {
    expect(took(reign({ gap_low: 0, gap_high: 1_000, outage: 553 }))).toBe("553 ms");
    expect(took(reign({ gap_low: 0, gap_high: 1_000 }))).toBe("less than 1.0 s");
    expect(brief(0.2)).toBe("less than 1 ms");
  });

  test("a headline is split at its colon", () => {
    expect(split("3 of 5 up: can lose none")).toEqual(["3 of 5 up", "can lose none"]);
    expect(split("No servers are known")).toEqual(["No servers are known", ""]);
  });
});

describe("what is missing", () => {
  const view = viewOf(ENSEMBLES["ens-3"]!());
  const list = Object.values(view.ensemble!.servers);

  test("the same lack of several servers is one, whatever their ports are", () => {
    const lack = (port: number) => ({ of: "AdminServer" as const, why: `AdminServer on port ${port} does not answer in time`, setting: `admin.serverPort=${port}` });
    const found = gathered(list, { 1: { lacks: [lack(8081)] }, 2: { lacks: [lack(8082)] }, 3: { lacks: [{ of: "mntr", why: "x" }] } });
    expect(found.map((one) => one.servers)).toEqual([["1", "2"], ["3"]]);
  });

  test("a column that nobody fills is left out", () => {
    const without = filled(list, {}, NOW).map((column) => column.key);
    const whole = filled(list, { 1: { watches: 0, open_files: 3 } }, NOW).map((column) => column.key);
    expect(without).toEqual(["behind", "latency", "queued", "clients", "znodes"]);
    expect(whole).toContain("watches");
    expect(whole).toContain("files");
  });

  test("latency is that of late where it is told, and else called an average", () => {
    const cell = COLUMNS.find(({ key }) => key === "latency")!.cell;
    const told = (more: Partial<Server>) => cell({ ...list[0]!, latency: 0.5, recent: undefined, requests: undefined, ...more } as Server, { latency_min: 0, latency_max: 508 }, NOW);
    expect(told({ recent: 507, requests: 20 })).toEqual({ main: "507 ms", small: "avg 0.5, 0 – 508" });
    expect(told({ requests: 0 })).toEqual({ main: "idle", small: "avg 0.5, 0 – 508" });
    expect(told({})).toEqual({ main: "0.5 ms", small: "avg, 0 – 508" });
  });

  test("the version is said once where it is one", () => {
    expect(common(list)).toBe("3.8.0");
    expect(common([list[0]!, { ...list[1]!, version: "3.9.2" }])).toBe("");
  });
});

test("of a server that is alone no elections are told", async () => {
  const { text } = await drawn(ENSEMBLES["ens-1"]!());
  expect(text).not.toContain("elections");
  expect(text).toContain("It is a single server");
  expect(host.querySelector(".enough")).toBeNull();
});
