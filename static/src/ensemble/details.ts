// Topic servers, as the panels that show servers use it.
import { follow } from "../live/follow";
import type { View } from "../page/view";
import type { Server, Servers } from "../protocol";

export const SERVERS = "servers";

/** To be drawn by whoever shows the value. */
export const followServers = (view: View): unknown => follow(view.store, SERVERS, () => view.send({ want: "redraw" }));

export const serversOf = (view: View): Servers | null => view.store.value<Servers>(SERVERS);

/** By number, where they have numbers. */
export function inOrder(servers: Readonly<Record<string, Server>>): Server[] {
  return Object.values(servers).sort((a, b) => Number(a.id) - Number(b.id) || a.id.localeCompare(b.id, "en", { numeric: true }));
}

export type Standing = "leads" | "serves" | "observes" | "waits" | "down" | "unknown";

const STANDINGS: Record<Server["role"], Standing> = {
  leading: "leads", standalone: "leads", following: "serves", observing: "observes", "read-only": "waits", looking: "waits", down: "down", unknown: "unknown",
};

/** What its shape tells of it. */
export const standing = (server: Server): Standing => STANDINGS[server.role];
