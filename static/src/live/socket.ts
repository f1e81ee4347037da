// One WebSocket to the hub: opened again by itself, with jitter; every frame taken in is acknowledged.
import type { Ack, Beat, Delta, Hello, Snapshot, Subscribe, Trouble, Unsubscribe } from "../protocol";
import { BEAT_DEADLINE, type SocketState } from "./liveness";

export type ServerFrame = Hello | Beat | Snapshot | Delta | Trouble;

export interface SocketEvents {
  /** A connection stands; the caller subscribes anew. */
  opened(): void;
  closed(): void;
  frame(frame: ServerFrame): void;
  /** `state` changed. */
  changed(): void;
}

const ACK_FRAMES = 16;
const ACK_EVERY = 500;
const FIRST_DELAY = 300;
const LONGEST_DELAY = 10_000;
/** An open socket that says nothing for this long is given up: the other end may be gone without a word. */
const SILENCE = 4 * BEAT_DEADLINE;

/** The code with which the hub closes a page that may not look on. Another try would mostly end the same way. */
const NOT_JOINED = 4401;

/** ms after which one that was let in before tries once more: this browser may have a new session, as after a new password. */
const ONCE_MORE = 1_000;

/** Time before try `n` (from 0): doubles from 0.3 s to 10 s, of which a random half is taken off. */
export function backoff(n: number, random: number): number {
  const full = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(n, 10));
  return Math.max(FIRST_DELAY, full * (0.5 + random / 2));
}

export class LiveSocket {
  state: SocketState;
  private socket: WebSocket | null = null;
  private tries = 0;
  private taken = 0;
  private acknowledged = 0;
  private saidAt = 0;
  private said = "";
  /** Since it was last turned away. */
  private letIn = false;
  private heard = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
    private readonly clock: () => number = Date.now,
  ) {
    this.state = { kind: "connecting", since: clock(), before: false, why: "" };
  }

  start(): void {
    document.addEventListener("visibilitychange", this.lookAgain);
    window.addEventListener("online", this.lookAgain);
    this.watch = setInterval(this.step, ACK_EVERY);
    this.connect();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.lookAgain);
    window.removeEventListener("online", this.lookAgain);
    clearInterval(this.watch);
    clearTimeout(this.retry);
    this.drop();
  }

  /** Send a frame if the connection stands; false if it does not, and then nothing is kept for later. */
  send(frame: Subscribe | Unsubscribe | Ack): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Every half second: acknowledge what is not yet, and give up a connection that fell silent. */
  readonly step = (): void => {
    this.acknowledge();
    if (this.state.kind === "open" && this.clock() - this.heard > SILENCE) this.ended("The connection fell silent.");
  };

  /** The page is looked at again, or the network is back: there is no sense in waiting out the delay. */
  private readonly lookAgain = (): void => {
    if (document.hidden || this.state.kind !== "waiting") return;
    clearTimeout(this.retry);
    this.connect();
  };

  private connect(): void {
    const before = this.state;
    const lost = before.kind === "waiting" || before.kind === "refused";
    this.become({
      kind: "connecting",
      since: lost ? before.since : this.clock(),
      before: lost,
      why: lost ? before.why : "",
    });
    this.drop();
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.taken = this.acknowledged = 0;
      this.said = "";
      this.heard = this.saidAt = this.clock();
      this.become({ kind: "open", since: this.heard });
      this.events.opened();
    };
    socket.onmessage = (message) => {
      if (socket === this.socket) this.take(message.data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.ended(this.said || event.reason || reasonOf(event.code), event.code);
    };
  }

  private take(text: unknown): void {
    this.heard = this.clock();
    this.taken += 1;
    // By the time too: a browser slows the timers of a page that nobody looks at.
    if (this.taken - this.acknowledged >= ACK_FRAMES || this.heard - this.saidAt >= ACK_EVERY) this.acknowledge();
    let frame: ServerFrame;
    try {
      frame = JSON.parse(String(text)) as ServerFrame;
    } catch {
      return;
    }
    // Words that belong to no topic are about the page itself: they are why it is closed, if it is.
    if (frame.type === "trouble" && !frame.topic) this.said = `${frame.problem.text} ${frame.problem.hint ?? ""}`.trim();
    // Only a hub that speaks proves that a try succeeded: a proxy may accept and drop at once.
    if (frame.type === "hello") {
      this.tries = 0;
      this.letIn = true;
    }
    this.events.frame(frame);
  }

  private acknowledge(): void {
    if (this.taken === this.acknowledged || !this.send({ op: "ack", n: this.taken })) return;
    this.acknowledged = this.taken;
    this.saidAt = this.clock();
  }

  private ended(why: string, code = 0): void {
    const since = this.state.kind === "open" ? this.heard : this.state.since;
    const wasOpen = this.state.kind === "open";
    this.drop();
    if (code === NOT_JOINED && !this.letIn) {
      this.become({ kind: "refused", since, why });
    } else {
      const delay = code === NOT_JOINED ? ONCE_MORE : backoff(this.tries++, Math.random());
      if (code === NOT_JOINED) this.letIn = false;
      this.become({ kind: "waiting", since, retryAt: this.clock() + delay, why });
      this.retry = setTimeout(() => this.connect(), delay);
    }
    if (wasOpen) this.events.closed();
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private become(state: SocketState): void {
    this.state = state;
    this.events.changed();
  }
}

function reasonOf(code: number): string {
  if (code === NOT_JOINED) return "You have not joined, or your session has ended. Open a join link.";
  return "Zooscope’s web process cannot be reached.";
}
