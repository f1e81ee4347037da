import { describe, expect, it } from "vitest";
import { ensemble, node, server, stage } from "../gallery/samples";
import { actionOf, killNodeWords, serverWords, nodeConsequence, quorumWithout, serverConsequence, stopNodeWords, type Action } from "../src/page/consequences";
import { placeWords, standing, testimony, timeoutWords, type Said } from "../src/page/standing";
import type { Node } from "../src/protocol";

const action = (method: string) => actionOf(method) as Action;
const NOW = 1_000_000;

const plainSaid = (said: readonly Said[]) => said.map((part) => (typeof part === "string" ? part : part.name)).join("");

describe("servers", () => {
  const three = ensemble([server(1), server(2, { role: "leading" }), server(3)]);

  it("says what is left of the quorum", () => {
    expect(quorumWithout(server(3), three)).toEqual({ up: 2, lost: false, words: "Killing server 3 leaves 2 of 3: the quorum holds; it can then lose none." });
    expect(serverConsequence(action("server.kill"), server(3), three)).toBe("Leaves 2 of 3: the quorum holds, can then lose none.");
  });

  it("says when it would be lost", () => {
    const two = ensemble([server(1), server(2, { role: "leading" }), server(3, { role: "down", actions: ["start"] })]);
    const after = quorumWithout(server(1), two);
    expect(after.lost).toBe(true);
    expect(after.words).toContain("would lose the quorum: 1 of 3 is left, and 2 are needed");
    expect(serverConsequence(action("server.kill"), server(1), two)).toBe("Leaves 1 of 3: the quorum is lost.");
  });

  it("loses everything with a server that is alone", () => {
    const one = ensemble([server(1, { role: "standalone" })]);
    expect(quorumWithout(server(1, { role: "standalone" }), one).words).toContain("none of 1 are left, and 1 is needed");
  });

  it("holds a quorum of five after two", () => {
    const five = ensemble([1, 2, 3, 4, 5].map((n) => server(n, n === 1 ? { role: "leading" } : {})));
    expect(quorumWithout(server(4), five).words).toBe("Killing server 4 leaves 4 of 5: the quorum holds; it can then lose 1.");
  });

  it("does not count an observer", () => {
    expect(quorumWithout(server(3, { voter: false, role: "observing" }), three).lost).toBe(false);
  });

  it("does not count a server that is looking", () => {
    const looking = server(1, { role: "looking" });
    const two = ensemble([looking, server(2, { role: "leading" }), server(3)]);
    two.quorum.up = 2;
    expect(quorumWithout(looking, two)).toMatchObject({ up: 2, lost: false });
  });

  it("says that the ensemble elects again, and where the sessions go", () => {
    expect(serverWords("server.kill", server(2, { role: "leading", connections: 2 }), three)).toEqual([
      "Killing server 2 leaves 2 of 3: the quorum holds; it can then lose none.",
      "It leads the ensemble: until the others have elected a new leader, nobody is served. All connections break and come back; sessions live on.",
    ]);
  });
});

describe("servers whose votes differ", () => {
  const weighed = ensemble([server(1, { decisive: true, weight: 3 }), server(2, { role: "leading" }), server(3)], {
    quorum: { size: 5, needs: 3, up: 5, can_lose: 0, held: true, words: "needs 3 of 5 votes, can lose none", of: "votes" },
  });
  const of = (id: string) => weighed.servers[id]!;

  it("goes by what the bridge says of each, not by their number", () => {
    expect(quorumWithout(of("1"), weighed)).toMatchObject({ lost: true });
    expect(quorumWithout(of("1"), weighed).words).toContain("would lose the quorum");
    expect(quorumWithout(of("3"), weighed)).toMatchObject({ lost: false });
    expect(serverConsequence(action("server.kill"), of("3"), weighed)).toBe("The quorum holds.");
    expect(serverConsequence(action("server.kill"), of("1"), weighed)).toBe("The quorum is lost.");
  });

  it("says so where there is none", () => {
    const lost = { ...weighed, quorum: { ...weighed.quorum, held: false, words: "needs 3 of 5 votes, has 2" } };
    expect(quorumWithout(of("2"), lost).words).toBe("There is no quorum now: it needs 3 of 5 votes, has 2.");
  });
});

describe("nodes", () => {
  const nodes = [node(0, { place: 1, leads: true }), node(1, { place: 2, watches: "node-1" }), node(2, { place: 3, watches: "node-2" })];
  const three = stage(nodes, { leader: "node-1", next: "node-2", expiry_low: 2700, expiry_high: 6000 });
  const [one, two, third] = nodes as [Node, Node, Node];

  it("says when a killed node's znodes go", () => {
    expect(nodeConsequence(action("node.kill"), two, three)).toBe("Znodes go when the session times out: 2.7–6 s.");
    expect(nodeConsequence(action("node.kill"), two, { ...three, expiry_high: 0 })).toBe("Znodes go when the session times out.");
  });

  it("says who takes over", () => {
    expect(killNodeWords(one, three)).toContain("lives on for 2.7–6 s; then its znodes go. It leads now; node-2, next in line, takes over then.");
    expect(stopNodeWords(third, three)).toContain("It is 3rd in line; the leader stays.");
  });

  it("says why an action is not possible", () => {
    expect(nodeConsequence(action("node.resume"), two, three)).toBe("Only for a paused node.");
    expect(nodeConsequence(action("node.pause"), { ...two, state: "paused", actions: ["resume"] }, three)).toBe("It is paused.");
    expect(nodeConsequence(action("node.kill"), { ...two, state: "dead", actions: [] }, three)).toBe("Its process has ended.");
  });

  it("says when a node that has ended can be started again", () => {
    const dead: Node = { ...two, state: "dead", ended: NOW, actions: ["start", "dismiss"] };
    delete dead.pid;
    expect(nodeConsequence(action("node.start"), dead, three)).toBe("Starts it again under its name, with a new session.");
    expect(nodeConsequence(action("node.start"), { ...dead, state: "silent", actions: [] }, three)).toBe("Once its session has expired and its znodes are gone.");
    expect(nodeConsequence(action("node.start"), two, three)).toBe("It has not ended.");
  });

  it("tells a node's place", () => {
    expect(placeWords(one)).toBe("leader");
    expect(placeWords(third)).toBe("3rd in line");
    expect(plainSaid(standing(one, three, NOW))).toBe("It leads: its number is the lowest. If it fails, node-2 leads.");
    expect(plainSaid(standing(two, three, NOW))).toBe("It watches node-1, the leader. If node-1 fails, node-2 leads.");
    expect(plainSaid(standing(third, three, NOW))).toBe(
      "It watches node-2. If node-2 fails, node-3 moves up to 2nd. If node-1 then fails, node-3 leads.",
    );
  });

  it("claims no order where the tree tells none", () => {
    const { place: _first, ...unplaced } = one;
    const { place: _third, watches: _watches, ...reading } = third;
    const shared = stage([unplaced, reading], { leader: "node-1" });
    expect(plainSaid(standing(unplaced, shared, NOW))).toBe("It leads.");
    expect(killNodeWords(unplaced, shared)).toContain("It leads now; the tree does not tell who would be next.");
    const reader = shared.nodes["node-3"]!;
    expect(placeWords(reader)).toBe("member");
    expect(plainSaid(standing(reader, shared, NOW))).toBe("It watches nobody.");
  });

  it("tells that a leader is dying", () => {
    expect(plainSaid(standing({ ...one, state: "paused" }, three, NOW))).toBe(
      "node-1 is frozen: it neither beats nor sees. In the tree it still leads. When its znode goes, node-2 leads.",
    );
  });

  it("tells what a node waits for that is paused", () => {
    const paused = stage([one, { ...two, state: "paused" }, third], { leader: "node-1" });
    expect(plainSaid(standing(third, paused, NOW))).toContain("It watches node-2, which is paused. If node-2 expires, node-3 moves up to 2nd.");
  });

  it("says how long a session has, and that it is a guess", () => {
    const silent: Node = { ...two, state: "silent", ended: NOW - 2000, expires: NOW + 1900, expiry: "estimated" };
    expect(plainSaid(standing(silent, three, NOW))).toContain("node-2 has ended, but its session lives on. Its session expires in about 1.9 s.");
  });

  it("tells a frozen process whose session has expired from one that ended", () => {
    const asleep: Node = { ...two, state: "dead", cause: "paused too long", actions: ["resume", "kill"] };
    expect(placeWords(asleep)).toBe("expired");
    expect(plainSaid(standing(asleep, three, NOW))).toContain("is frozen, and its session has expired");
    expect(nodeConsequence(action("node.stop"), asleep, three)).toBe("A frozen process cannot be stopped.");
    expect(nodeConsequence(action("node.kill"), asleep, three)).toBe("Ends the frozen process. Its znodes are gone already.");
  });

  it("tells how a node ended", () => {
    const dead: Node = { ...two, state: "dead", cause: "kill -9", ended: NOW, detected: 4200 };
    expect(plainSaid(standing(dead, three, NOW))).toMatch(/^node-2 ended at \d\d:\d\d:\d\d \(kill -9\)\. ZooKeeper deleted its znodes 4\.2 s later\.$/);
  });

  it("sets what the node says against what the tree says", () => {
    expect(testimony({ ...one, elected: NOW }, three)).toMatchObject({ disagrees: "" });
    expect(testimony({ ...two, elected: NOW }, three)?.disagrees).toBe("The tree says that node-1 leads.");
    expect(testimony({ ...third, acknowledges: "node-2" }, three)).toEqual({ says: "“node-2 leads”", disagrees: "The tree says that node-1 leads." });
    expect(testimony({ ...third, acknowledges: "node-1" }, three)?.disagrees).toBe("");
  });

  it("explains a timeout that is not what was asked for", () => {
    expect(timeoutWords({ ...one, timeout: 4000, asked: 3000 }, 2000)).toBe("the server’s minimum is 2 × tickTime");
    expect(timeoutWords({ ...one, timeout: 4000, asked: 4000 }, 2000)).toBe("");
  });
});
