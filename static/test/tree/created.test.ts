// Of what kind a znode is, where ZooKeeper does not tell.
import { expect, it } from "vitest";
import type { Znode } from "../../src/protocol";
import { kindLabel, kindOf, noteMade } from "../../src/tree/created";

const znode = (path: string, czxid: string, more: Partial<Znode> = {}): Znode => ({ path, exists: true, kind: "persistent", stat: { czxid } as never, ...more });

it("does not call persistent what may be a container or have a TTL", () => {
  expect(kindLabel(znode("/a", "0x1"))).toEqual({ words: "persistent, container or TTL", why: expect.stringContaining("does not tell") });
  expect(kindLabel(znode("/a-0000000001", "0x1", { sequential: true })).words).toBe("persistent or TTL, sequential");
});

it("knows what the tree tells, and ZooKeeper's own", () => {
  expect(kindLabel(znode("/e", "0x1", { kind: "ephemeral", sequential: true }))).toEqual({ words: "ephemeral sequential", why: "" });
  expect(kindOf(znode("/", "0x0"))).toBe("persistent");
  expect(kindOf(znode("/zookeeper/quota", "0x0"))).toBe("persistent");
});

it("knows what was made through this page, until another znode has its name", () => {
  noteMade("/ttl1", "ttl");
  expect(kindLabel(znode("/ttl1", "0x5")).words).toBe("TTL");
  expect(kindLabel(znode("/ttl1", "0x5")).words).toBe("TTL");
  expect(kindLabel(znode("/ttl1", "0x9")).words).toBe("persistent, container or TTL");
  noteMade("/ttl1", "persistent");
  expect(kindLabel(znode("/ttl1", "0xa"))).toEqual({ words: "persistent", why: "" });
});
