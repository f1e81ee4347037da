// How far what is on screen can be believed. Pure: socket, beats, status and the time in, one word out.
import type { Beat, Status } from "../protocol";
import type { Liveness } from "../page/view";

/** Without a beat for this long, nothing on screen may be called live. */
export const BEAT_DEADLINE = 3_000;

/** Times are on the browser's clock. `since` of all but `open`: since when there has been no connection. */
export type SocketState =
  | { kind: "connecting"; since: number; before: boolean; why: string }
  | { kind: "open"; since: number }
  | { kind: "waiting"; since: number; retryAt: number; why: string }
  | { kind: "refused"; since: number; why: string };

export interface Signs {
  socket: SocketState;
  /** The last beat of this connection and when it was received (browser's clock). */
  beat: { frame: Beat; received: number } | null;
  /** Topic `status`, and whether it came over this connection. */
  status: Status | null;
  fresh: boolean;
  /** Whether anything on screen is older than this connection, or than the bridge that is there now. */
  outdated: boolean;
  /** The bridge's clock minus the browser's. */
  offset: number;
  /** The browser's clock. */
  now: number;
}

/** The worst of what the signs say. `since` and `retryAt` of the answer are on the bridge's clock. */
export function livenessOf({ socket, beat, status, fresh, outdated, offset, now }: Signs): Liveness {
  switch (socket.kind) {
    case "connecting":
      if (!socket.before)
        return { word: "CONNECTING", since: socket.since + offset, why: "Opening the connection to Zooscope.", held: true };
      return { word: "OFFLINE", since: socket.since + offset, retryAt: null, why: socket.why, held: true };
    case "waiting":
      return { word: "OFFLINE", since: socket.since + offset, retryAt: socket.retryAt + offset, why: socket.why, held: true };
    case "refused":
      return { word: "OFFLINE", since: socket.since + offset, retryAt: null, why: socket.why, held: true };
  }
  const heard = beat?.received ?? socket.since;
  if (now - heard > BEAT_DEADLINE)
    return {
      word: "STALE",
      since: heard + offset,
      why: "The connection is open, but nothing comes over it.",
      held: true,
    };
  if (beat?.frame.bridge === "gone")
    return {
      word: "BRIDGE GONE",
      since: beat.frame.since ?? heard + offset,
      why: "The process that watches ZooKeeper has ended. The cluster itself does not depend on it.",
      held: true,
    };
  if (beat?.frame.bridge === "silent")
    return {
      word: "STALE",
      since: beat.frame.since ?? heard + offset,
      why: "The process that watches ZooKeeper does not answer.",
      held: true,
    };
  const begun = Math.max(socket.since + offset, beat?.frame.since ?? 0);
  if (!status || !fresh)
    return { word: "CONNECTING", since: begun, why: "Waiting for the first word about the cluster.", held: true };
  if (outdated && (status.state === "live" || status.state === "read-only"))
    return { word: "CONNECTING", since: begun, why: "Waiting for the present state of all that is shown.", held: true };
  const liveness = { word: WORDS[status.state], since: status.since, why: whyOf(status), held: false };
  return status.problem && liveness.word === "LIVE" ? { ...liveness, word: "LIVE", warned: true } : liveness;
}

const WORDS = {
  connecting: "CONNECTING",
  live: "LIVE",
  stale: "STALE",
  "read-only": "READ-ONLY",
  "no-quorum": "NO QUORUM",
} as const;

function whyOf(status: Status): string {
  if (status.problem) return [status.problem.text, status.problem.hint].filter(Boolean).join(" ");
  switch (status.state) {
    case "connecting":
      return status.read
        ? `Reading the tree: ${status.read.toLocaleString("en")} znodes so far.`
        : "Connecting to the ensemble.";
    case "stale":
      return "The bridge has lost its connection to the ensemble.";
    case "read-only":
      return "Connected to a server that is cut off from the quorum: it answers reads, possibly old ones, and refuses writes.";
    case "no-quorum":
      return "Fewer than a majority of the servers serve. Nothing can be written, and no session can expire.";
    case "live":
      return status.read ? `Reading the tree: ${status.read.toLocaleString("en")} znodes so far.` : "";
  }
}
