import { describe, expect, it } from "vitest";
import { parse, spell, type Place } from "../src/page/router";

const read = (address: string) => parse(new URL(address, "http://zoo.test"));

describe("router", () => {
  const places: [string, Place][] = [
    ["/", { page: "cluster", selection: null }],
    ["/tree", { page: "tree", selection: null }],
    ["/?node=node-2", { page: "cluster", selection: { kind: "node", id: "node-2" } }],
    ["/?server=3", { page: "cluster", selection: { kind: "server", id: "3" } }],
    ["/?group=%2Fservice_registry", { page: "cluster", selection: null, group: "/service_registry" }],
    ["/?group=%2Felection_herd&node=node-2", { page: "cluster", selection: { kind: "node", id: "node-2" }, group: "/election_herd" }],
    ["/tree?znode=%2Felection%2Fc_0000000003", { page: "tree", selection: { kind: "znode", path: "/election/c_0000000003" } }],
  ];
  it.each(places)("reads and writes %s", (address, place) => {
    expect(read(address)).toEqual(place);
    expect(spell(place)).toBe(address);
  });

  it("keeps whatever a path holds", () => {
    const place: Place = { page: "tree", selection: { kind: "znode", path: "/a b/<x>&?#%2F/\u202e" } };
    expect(read(spell(place))).toEqual(place);
  });

  it("leaves out what makes no sense", () => {
    expect(read("/tree/?node=node-2")).toEqual({ page: "tree", selection: null });
    expect(read("/?group=relative")).toEqual({ page: "cluster", selection: null });
    expect(read("/tree?group=%2Fa")).toEqual({ page: "tree", selection: null });
    expect(read("/?znode=relative")).toEqual({ page: "cluster", selection: null });
    expect(read("/elsewhere?node=")).toEqual({ page: "cluster", selection: null });
  });
});
