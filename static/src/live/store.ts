// What the page knows of each topic: a value fed by frames, checked by epoch and seq.
import type { Delta, Problem, Snapshot, Trouble } from "../protocol";
import { applyPatch, isObject, type JsonObject } from "./patch";

export type Listener = (value: unknown) => void;
export type Ask = (op: "subscribe" | "unsubscribe", topic: string) => void;

interface Entry {
  value: JsonObject | null;
  /** The value that is shown while the page is paused; undefined while nothing is held back. */
  held: JsonObject | null | undefined;
  epoch: number;
  seq: number;
  /** A snapshot is due and has not come: the value is old, and deltas are of no use. */
  waiting: boolean;
  problem: Problem | null;
  listeners: Set<Listener>;
}

/** Topics and their values. A gap in seq or an unexpected epoch is answered by asking for a snapshot. */
export class Store {
  private readonly entries = new Map<string, Entry>();
  private frozen = false;
  private open = false;

  constructor(private readonly ask: Ask) {}

  /** Hear of a topic: at once if its value is known, and at each change. Returns how to stop. */
  subscribe(topic: string, listener: Listener): () => void {
    let entry = this.entries.get(topic);
    if (!entry) {
      entry = { value: null, held: undefined, epoch: 0, seq: 0, waiting: true, problem: null, listeners: new Set() };
      this.entries.set(topic, entry);
      if (this.open) this.ask("subscribe", topic);
    }
    // A function may be given twice, by two panels: each gets an entry of its own.
    const own: Listener = (value) => listener(value);
    entry.listeners.add(own);
    if (entry.value) listener(shown(entry));
    return () => {
      const still = this.entries.get(topic);
      if (!still?.listeners.delete(own) || still.listeners.size) return;
      this.entries.delete(topic);
      if (this.open) this.ask("unsubscribe", topic);
    };
  }

  /** The topic's value as it is shown: while the page is paused, the one of the moment of the pause. */
  value<T>(topic: string): T | null {
    const entry = this.entries.get(topic);
    return entry ? (shown(entry) as T | null) : null;
  }

  /** The newest value, paused or not. */
  newest<T>(topic: string): T | null {
    return (this.entries.get(topic)?.value ?? null) as T | null;
  }

  /** Why the topic is not served, if it is not. */
  problem(topic: string): Problem | null {
    return this.entries.get(topic)?.problem ?? null;
  }

  /** Whether the value came over the connection that is open now. */
  fresh(topic: string): boolean {
    const entry = this.entries.get(topic);
    return this.open && !!entry && !entry.waiting;
  }

  /** Whether any value that is shown is older than the connection, or than the bridge that is there now. */
  get outdated(): boolean {
    return [...this.entries.values()].some((entry) => entry.value !== null && entry.waiting && entry.problem === null);
  }

  /** Another bridge, or the same one after a break: nothing known is of now. Its snapshots come without being asked for. */
  outdate(): void {
    for (const entry of this.entries.values()) entry.waiting = true;
  }

  /** The socket opened: everything that is listened to is asked for again. Old values stay until they are replaced. */
  opened(): void {
    this.open = true;
    for (const [topic, entry] of this.entries) {
      entry.waiting = true;
      this.ask("subscribe", topic);
    }
  }

  closed(): void {
    this.open = false;
  }

  /** Take in a frame. One for a topic that nobody listens to any more is dropped. */
  take(frame: Snapshot | Delta | Trouble): void {
    const entry = frame.topic === undefined ? undefined : this.entries.get(frame.topic);
    if (!entry || frame.topic === undefined) return;
    if (frame.type === "trouble") {
      entry.problem = frame.problem;
      this.tell(entry);
    } else if (frame.type === "snapshot") {
      if (!isObject(frame.data)) return;
      entry.value = frame.data;
      entry.epoch = frame.epoch;
      entry.seq = frame.seq;
      entry.waiting = false;
      entry.problem = null;
      this.tell(entry);
    } else if (!entry.waiting) {
      if (frame.epoch !== entry.epoch || frame.seq !== entry.seq + 1 || !entry.value || !isObject(frame.patch)) {
        entry.waiting = true;
        this.ask("subscribe", frame.topic);
        return;
      }
      entry.value = applyPatch(entry.value, frame.patch);
      entry.seq = frame.seq;
      this.tell(entry);
    }
  }

  /** From here on `value` stays as it is and no listener is told; frames are still taken in. */
  freeze(): void {
    this.frozen = true;
    for (const entry of this.entries.values()) if (entry.value) entry.held = entry.value;
  }

  /** Show the newest again and tell everyone. */
  thaw(): void {
    this.frozen = false;
    for (const entry of this.entries.values()) {
      entry.held = undefined;
      if (entry.value) this.tell(entry);
    }
  }

  private tell(entry: Entry): void {
    // What was not yet on screen at the moment of the pause is shown as it first comes, then stays.
    if (this.frozen && entry.held !== undefined) return;
    if (this.frozen) entry.held = entry.value;
    for (const listener of [...entry.listeners]) listener(shown(entry));
  }
}

function shown(entry: Entry): JsonObject | null {
  return entry.held === undefined ? entry.value : entry.held;
}
