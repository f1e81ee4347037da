// Changing who belongs to the ensemble: what is sent, what is shown before, and how refusals and collisions are told.
import { html, render } from "lit-html";
import { describe, expect, it } from "vitest";
import { members, MEMBERS, VERSION } from "../../gallery/members";
import type { Answer, Request } from "../../gallery/office";
import { ensemble, sample, server } from "../../gallery/samples";
import { MembersDraft, NewServer } from "../../src/ensemble/membersdraft";
import { ReconfigSheet, reconfigButton } from "../../src/ensemble/reconfig";
import { membershipSection } from "../../src/lab/membership";
import { actionOf, serverConsequence, serverWords, type Action } from "../../src/page/consequences";
import { arithmetic, keptBecause, tolerance } from "../../src/page/membership";
import { question } from "../../src/page/dialogs";
import type { View } from "../../src/page/view";
import { Bench, problem } from "../hands/support";

async function sheet(...answers: Answer[]): Promise<Bench> {
  const bench = await Bench.operator(...answers, members());
  bench.hands.open(new ReconfigSheet(bench.hands));
  await bench.pass();
  return bench;
}

/** The button of one member. */
const of = (bench: Bench, id: number, words: string) => [...bench.root.querySelectorAll(`.rc-members li:nth-child(${id}) button`)].find((one) => one.textContent?.startsWith(words)) as HTMLButtonElement;

async function click(bench: Bench, button: HTMLButtonElement): Promise<void> {
  button.click();
  await bench.pass(350);
}

const change = (bench: Bench): Request[] => bench.office.asked.filter(({ address }) => address === "/api/ensemble/reconfig");

describe("The sheet of members", () => {
  it("begins with the present configuration, and sends nothing by itself", async () => {
    const bench = await sheet();
    expect(bench.text(".rc-version")).toContain(VERSION);
    expect(bench.text(".rc-members")).toContain("server 2 votes, leads");
    expect(bench.button("Change it").disabled).toBe(true);
    expect(change(bench)).toEqual([]);
  });

  it("shows the quorum before and after a removal, and that the process goes on", async () => {
    const bench = await sheet(({ address }) => (address === "/api/ensemble/reconfig" ? { result: "ok", version: "0x6", members: [], words: "2 servers" } : undefined));
    await click(bench, of(bench, 3, "Remove"));
    expect(bench.text(".rc-outcome")).toContain("3 votes needs 2 of 3, can lose 1");
    expect(bench.text(".rc-outcome")).toContain("2 votes needs 2 of 2, can lose none");
    expect(bench.text(".rc-outcome")).toContain("does not stop its process");
    expect(bench.text(".rc-members li:nth-child(3)")).toContain("leaves");
    await bench.press("Remove server 3");
    expect(change(bench).map(({ body }) => body)).toEqual([{ version: VERSION, add: [], remove: ["3"], roles: {}, force: false }]);
    expect([bench.hands.sheet, bench.toasts.shown.map(({ title }) => title)]).toEqual([null, ["Remove server 3: done."]]);
  });

  it("takes a vote and gives it back", async () => {
    const bench = await sheet();
    await click(bench, of(bench, 1, "Take its vote"));
    expect(bench.text(".rc-members li:nth-child(1)")).toContain("loses its vote");
    expect(bench.button("Make server 1 an observer").disabled).toBe(false);
    await click(bench, of(bench, 1, "Give a vote"));
    expect(bench.button("Change it").disabled).toBe(true);
  });

  it("adds a server that follows, and one that does not answer only where somebody insists", async () => {
    const bench = await sheet(({ address }) => (address === "/api/ensemble/reconfig" ? { result: "ok", version: "0x6", members: [], words: "4 servers" } : undefined));
    await bench.press("Add a server");
    await bench.type("Host", "10.0.0.9");
    await bench.pass(350);
    expect(bench.text(".note")).toContain("does not answer: connection refused");
    expect(bench.button("Add server 4").disabled).toBe(true);
    await bench.tick("Add it all the same");
    await bench.pass(350);
    expect(bench.button("Add server 4").disabled).toBe(false);
    await bench.type("Host", "zk4.example.internal");
    await bench.pass(350);
    expect(bench.text(".rc-answer")).toBe("It follows, in sync.");
    await bench.press("Add server 4");
    const [sent] = change(bench).map(({ body }) => body as { add: object[] });
    expect(sent?.add).toEqual([{ id: "4", host: "zk4.example.internal", client: 2181, quorum: 2888, election: 3888, role: "participant" }]);
  });

  it("says what is wrong with a field, and asks nobody about it", async () => {
    const bench = await sheet();
    await bench.press("Add a server");
    const asked = bench.office.asked.length;
    await bench.type("Id", "0");
    await bench.type("Quorum port", "70000");
    await bench.pass(350);
    expect(bench.faults).toEqual(["A number from 1 to 255: its myid.", "A port from 1 to 65535."]);
    expect(bench.office.asked.length).toBe(asked);
  });

  it("lets two people not collide: it begins again from what is there", async () => {
    let meanwhile = false;
    const bench = await sheet(({ address }) => {
      if (address === "/api/ensemble/reconfig") return [409, problem("wrong-version", "Somebody else has changed the configuration.")];
      return meanwhile && address === "/api/ensemble/preview" ? { ...(members()({ address, body: {} } as Request) as object), version: "0x9" } : undefined;
    });
    await click(bench, of(bench, 3, "Remove"));
    await bench.press("Remove server 3");
    expect(bench.text(".note")).toContain("Somebody else has changed");
    meanwhile = true;
    await bench.press("Start again");
    expect([bench.text(".rc-version").includes("0x9"), bench.button("Change it").disabled]).toEqual([true, true]);
  });

  it("asks again while it is open, for servers come and go meanwhile", async () => {
    let up = false;
    const bench = await sheet(({ address, body }) => {
      if (address !== "/api/ensemble/preview" || up || !(body as { remove?: string[] }).remove?.length) return undefined;
      return { ...(members()({ address, body } as Request) as object), refused: { code: "would-lose-quorum", text: "Server 1 is down.", hint: "" } };
    });
    await click(bench, of(bench, 3, "Remove"));
    expect([bench.text(".note"), bench.button("Remove server 3").disabled]).toEqual(["Server 1 is down.", true]);
    up = true;
    await bench.pass(3_100);
    expect(bench.button("Remove server 3").disabled).toBe(false);
    bench.hands.close();
    const asked = bench.office.asked.length;
    await bench.pass(3_200);
    expect(bench.office.asked.length).toBe(asked);
  }, 15_000);

  it("says at once that the bridge may not", async () => {
    const bench = await Bench.operator(members("acl-denied"));
    bench.hands.open(new ReconfigSheet(bench.hands));
    await bench.pass();
    expect(bench.text(".note")).toContain("does not let the bridge write it");
  });

  it("is text, whatever the configuration says", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    const bench = await sheet(({ address }) => (address === "/api/ensemble/preview" ? { ...(members()({ address, body: {} } as Request) as object), before: [{ ...MEMBERS[0], host: evil }] } : undefined));
    expect([bench.root.querySelector("img"), bench.text(".rc-members").includes(evil)]).toEqual([null, true]);
  });

  it("is there for those who may", () => {
    const drawn = (may: string[], readOnly = false) => {
      const root = document.createElement("div");
      render(html`${reconfigButton({ ...sample("failover"), may: new Set(may), readOnly } as View)}`, root);
      return root.querySelectorAll("button").length;
    };
    expect([drawn([]), drawn(["ensemble.reconfig"]), drawn(["ensemble.reconfig"], true)]).toEqual([0, 1, 0]);
  });
});

describe("A draft of members", () => {
  it("proposes the next id, and the ports of the others", () => {
    expect(new NewServer(MEMBERS).seat).toEqual({ id: "4", host: "", client: 2181, quorum: 2888, election: 3888, role: "participant" });
  });

  it("names one change, and counts several", () => {
    const draft = new MembersDraft(VERSION, MEMBERS);
    expect([draft.words, draft.ready]).toEqual(["Change it", false]);
    draft.toggleLeaving("1");
    draft.setRole(MEMBERS[1]!, "observer");
    expect([draft.words, draft.wanted.remove, draft.wanted.roles]).toEqual(["Change 2 servers", ["1"], { "2": "observer" }]);
    draft.toggleLeaving("2");
    expect([draft.fate(MEMBERS[1]!), draft.wanted.roles]).toEqual(["leaves", {}]);
  });
});

describe("Numbers of servers", () => {
  it.each([
    [3, 4, "4 servers, a quorum needs 3: can lose 1, as 3 could"],
    [4, 5, "5 servers, a quorum needs 3: can lose 2; 4 could lose 1"],
    [3, 2, "2 servers, a quorum needs 2: can lose none; 3 could lose 1"],
    [1, 2, "2 servers, a quorum needs 2: can lose none, as 1 did not either"],
    [2, 1, "1 server, a quorum needs 1: can lose none, as 2 could not either"],
    [0, 3, "3 servers, a quorum needs 2: can lose 1"],
  ])("from %i to %i", (before, after, words) => {
    expect(arithmetic(before, after)).toBe(words);
    expect(tolerance(after)).toBe(Math.floor((after - 1) / 2));
  });

  const action = (method: string) => actionOf(method) as Action;
  const three = ensemble([server(1), server(2, { role: "leading" }), server(3)]);

  it("are said beside Remove and Wipe", () => {
    expect(serverConsequence(action("server.remove"), three.servers["3"]!, three)).toBe("Leaves 2 servers, a quorum needs 2: can lose none; 3 could lose 1.");
    expect(serverWords("server.remove", three.servers["2"]!, three).at(-1)).toContain("another is elected at once");
    expect(serverWords("server.wipe", three.servers["3"]!, three)[0]).toContain("Wiping server 3 leaves 2 of 3: the quorum holds");
  });

  it("keep a server whose leaving would lose the quorum", () => {
    const two = ensemble([server(1), server(2, { role: "leading" }), server(3, { role: "down" })]);
    expect(keptBecause(two.servers["1"]!, two)).toBe("Of the 2 that stay only 1 would serve, and 2 are needed.");
    expect(keptBecause(two.servers["3"]!, two)).toBe("");
    const one = ensemble([server(1, { role: "leading" })]);
    expect(keptBecause(one.servers["1"]!, one)).toContain("last server with a vote");
  });
});

describe("The lab's servers", () => {
  const lab = (more: object, busy: string[] = []) => {
    const root = document.createElement("div");
    const view = { ...sample("failover"), may: new Set(["server.add", "server.remove", "server.wipe"]), busy: new Set(busy), ...more } as View;
    render(html`${membershipSection(view)}`, root);
    return { root, view, text: (root.textContent ?? "").replace(/\s+/g, " ") };
  };
  const all = (count: number) => ensemble(Array.from({ length: count }, (_, i) => server(i + 1, { ...(i ? {} : { role: "leading" as const }), actions: ["stop", "remove", "wipe"] })));

  it("can be added to until there are seven", () => {
    const disabled = (count: number) => (lab({ ensemble: all(count) }).root.querySelector(".adding button") as HTMLButtonElement).disabled;
    expect([disabled(6), disabled(7)]).toEqual([false, true]);
  });

  it("include one that starts, or was left behind", () => {
    const beside = { ...all(3), processes: { "4": "running" as const } };
    expect(lab({ ensemble: beside }, ["server.add "]).text).toContain("server 4 starts, and is no member yet");
    const left = lab({ ensemble: beside });
    expect(left.text).toContain("server 4 no member; its process is running");
    expect(question("server.remove", "4", left.view)?.words[0]).toContain("no member of the ensemble");
  });
});
