// What the table tells of each server: a figure, and below it a smaller one.
import { ROLE_WORDS } from "../page/serverpane";
import { ago, plural, span, timeOfDay, visible, zxidWords } from "../page/words";
import type { Detail, Server } from "../protocol";
import { count, size } from "../tree/names";

export interface Cell {
  /** '' where it is not known. */
  main: string;
  small?: string;
  /** Something is wrong with it. */
  bad?: boolean;
}

export interface Column {
  key: string;
  name: string;
  /** Said on the heading, for those who wonder. */
  title: string;
  cell: (server: Server, detail: Detail | undefined, now: number) => Cell;
  /** What tells it, where `srvr` does not. */
  needs?: "mntr" | "AdminServer";
}

const NOTHING: Cell = { main: "" };

export const ms = (value: number): string => (value < 9.95 ? String(Math.round(value * 10) / 10) : count(Math.round(value)));

const whole = (value: number | undefined): Cell => (value === undefined ? NOTHING : { main: count(value) });

export const COLUMNS: readonly Column[] = [
  {
    key: "behind", name: "Behind", title: "Transactions behind the quorum leader; below it the last zxid that it has",
    cell: (server) => {
      const zxid = server.zxid ? zxidWords(server.zxid) : "";
      if (server.behind === undefined) return { main: server.role === "leading" || server.role === "standalone" ? "–" : "", small: zxid };
      return { main: count(server.behind), small: zxid, bad: server.behind > 0 };
    },
  },
  {
    key: "latency", name: "Latency", title: "Average latency of the requests of the last seconds, where mntr or AdminServer tell; below it the average since it serves in its role, the shortest and the longest, ms",
    cell: (server, detail) => {
      if (server.latency === undefined) return NOTHING;
      const { latency_min: least, latency_max: most } = detail ?? {};
      const range = least === undefined || most === undefined ? "" : `${ms(least)} – ${ms(most)}`;
      if (server.requests === undefined) return { main: `${ms(server.latency)} ms`, small: ["avg", range].filter(Boolean).join(", ") };
      return { main: server.recent === undefined ? "idle" : `${ms(server.recent)} ms`, small: [`avg ${ms(server.latency)}`, range].filter(Boolean).join(", ") };
    },
  },
  { key: "queued", name: "Queued", title: "Requests that wait in it", cell: (server) => whole(server.outstanding) },
  { key: "clients", name: "Clients", title: "Connections of clients. Where cons or AdminServer tell them, those with a session; else all that srvr counts but its own, so that other questions of the same moment may be among them", cell: (server) => whole(server.connections) },
  { key: "watches", name: "Watches", title: "Watches that its clients have set", needs: "mntr", cell: (_, detail) => whole(detail?.watches) },
  {
    key: "znodes", name: "Znodes", title: "Znodes in its tree; below it how many of them are ephemeral",
    cell: (server, detail) => ({ ...whole(server.znodes), small: detail?.ephemerals === undefined ? "" : `${count(detail.ephemerals)} eph.` }),
  },
  { key: "data", name: "Data", title: "All paths and data, approximately", needs: "mntr", cell: (_, detail) => (detail?.data_size === undefined ? NOTHING : { main: size(detail.data_size) }) },
  {
    key: "files", name: "Files", title: "File descriptors that its process has open, of how many", needs: "mntr",
    cell: (_, detail) => {
      const { open_files: open, max_files: most } = detail ?? {};
      if (open === undefined) return NOTHING;
      return { main: count(open), small: most === undefined ? "" : `of ${count(most)}`, bad: most !== undefined && open > 0.8 * most };
    },
  },
  {
    key: "serves", name: "Serves", title: "For how long it serves in its role: it begins anew with each election", needs: "mntr",
    cell: (_, detail, now) => (detail?.serving === undefined ? NOTHING : { main: span(now - detail.serving), small: timeOfDay(detail.serving) }),
  },
  {
    key: "snapshot", name: "Snapshot", title: "When it last wrote a snapshot, by its own clock; below it that snapshot’s zxid", needs: "AdminServer",
    cell: (_, detail, now) => (detail?.snapshot_at === undefined ? NOTHING : { main: ago(now - detail.snapshot_at), small: detail.snapshot_zxid ? zxidWords(detail.snapshot_zxid) : "" }),
  },
];

/** Its role in one or two words, and what a person should know besides. */
export function roleWords(server: Server, detail: Detail | undefined, now: number): { word: string; more: string } {
  const down = server.role === "down" && server.process === "paused";
  const word = down ? "paused" : ROLE_WORDS[server.role];
  if (server.role === "down" || server.role === "unknown" || server.role === "looking" || server.role === "read-only") {
    const why = server.reason ? `${visible(server.reason)}, ` : "";
    return { word, more: `${why}for ${span(now - server.since)}` };
  }
  if (server.role === "leading" && detail?.followers !== undefined) {
    const observers = detail.observers ? `, ${plural(detail.observers, "observer")}` : "";
    return { word, more: `${plural(detail.followers, "follower")}${observers} in sync` };
  }
  return { word, more: "" };
}
