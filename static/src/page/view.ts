// What every panel draws from: one value, made anew for each drawing. Panels are functions of it
// that return lit-html templates; they hold no state of the cluster and never talk to the socket.
import type { DeedId } from "../hands/deeds";
import type { Hands } from "../hands/hands";
import type { Store } from "../live/store";
import type { Elsewhere } from "./clusters";
import type { PageName } from "./pages";
import type { Ensemble, Groups, Lab, Stage, Status, Story, Timeline } from "../protocol";

/**
 * Connection state as a person must see it, worst first; made of the socket, the beats and topic `status`.
 * `since` is on the bridge's clock. `held`: nothing new comes at all, so all that is shown is of `since`.
 */
export type Liveness =
  | { word: "OFFLINE"; since: number; retryAt: number | null; why: string; held: boolean }
  | { word: "BRIDGE GONE"; since: number; why: string; held: boolean }
  | { word: "CONNECTING"; since: number; why: string; held: boolean }
  | { word: "NO QUORUM"; since: number; why: string; held: boolean }
  | { word: "STALE"; since: number; why: string; held: boolean }
  | { word: "READ-ONLY"; since: number; why: string; held: boolean }
  /** `warned`: there is something to know though all is live, and `why` says it. */
  | { word: "LIVE"; since: number; why: string; held: boolean; warned?: true };

export type Selection =
  | { kind: "node"; id: string }
  | { kind: "server"; id: string }
  | { kind: "znode"; path: string }
  | null;

/**
 * Everything a panel can ask for. `act` opens the confirmation where the action is destructive; `deed` does something to the
 * znodes that are picked, or to the one that is shown.
 */
export type Intent =
  | { want: "select"; what: Selection }
  | { want: "act"; method: string; id: string; body?: object }
  /** All that the stage has of those who have ended. */
  | { want: "dismiss"; ids: readonly string[] }
  | { want: "chapter"; id: string | null }
  | { want: "pause" }
  | { want: "resume" }
  | { want: "theme" }
  | { want: "present" }
  | { want: "dialog"; which: "keys" | "join" }
  | { want: "close-inspector" }
  | { want: "group"; path: string }
  | { want: "go"; to: PageName }
  | { want: "deed"; deed: DeedId }
  | { want: "workload"; act: "start" | "stop" | "clear"; body?: object }
  | { want: "redraw" };

export interface View {
  status: Status | null;
  ensemble: Ensemble | null;
  stage: Stage | null;
  groups: Groups | null;
  story: Story | null;
  timeline: Timeline | null;
  /** What is broken in a lab, and what its processes take; null elsewhere. */
  lab: Lab | null;
  /** The moment that is shown, ms on the bridge's clock: while paused or cut off, the last one that is known. */
  now: number;
  /** The bridge's clock at the time of drawing, whatever is shown. */
  clock: number;
  liveness: Liveness;
  /** Frames taken in but not shown, while the page is paused; null while it is not. */
  paused: { since: number; changes: number } | null;
  /** The chapter that is told; null follows the newest. */
  chapter: string | null;
  selection: Selection;
  page: PageName;
  /** For a projector: the side columns leave, the figure fills the wall. */
  present: boolean;
  /** Topics beyond those above, for panels that ask for their own. */
  store: Store;
  /** All clusters that this Zooscope shows; none where there is but one. */
  clusters: readonly Elsewhere[];
  /** What kind of cluster this one is, such as 'production'. */
  label: string;
  /** Names of the actions that this person is permitted: 'node.kill' … */
  may: ReadonlySet<string>;
  role: "viewer" | "operator" | "admin" | "";
  user: string;
  /** Nobody may change the tree: Zooscope was started without --allow-changes. */
  readOnly: boolean;
  viewers: number;
  /** Methods of actions under way, as `method id`. */
  busy: ReadonlySet<string>;
  /** CSS pixels of the window, for the choice of a layout. */
  width: number;
  height: number;
  /** What can be done to znodes, and what is open of it. */
  hands: Hands;
  send: (intent: Intent) => void;
}
