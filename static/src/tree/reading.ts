// Asks the web process what a znode says: for the newest bytes only, one question at a time, and not too often.
import type { Actions } from "../page/actions";
import { withQuery } from "../page/actions";
import type { Problem } from "../protocol";
import { decodedOf, type Choice, type Decoded } from "./decoded";

/** ms between two questions: a znode may be told of 20 times a second. */
const PAUSE = 400;

/** ms after which a list that did not come is asked for again. */
const RETRY = 30_000;

/** Bytes up to which they are sent along; of more the web process reads the znode itself. */
const SMALL = 40_000;

/** What is to be decoded. Two are the same where all of it is. */
export interface Wanted {
  path: string;
  /** Base64 of all its data; null where this page does not have all of it. */
  data: string | null;
  /** Changes with the data. */
  mzxid: string;
  decoder: string;
}

export class Reading {
  /** The newest answer, to what it was asked. */
  answer: { wanted: Wanted; decoded: Decoded | null; problem: Problem | null } | null = null;
  private wanted: Wanted | null = null;
  private busy = false;
  private asked = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly changed: () => void) {}

  /** Have this decoded; null: nothing more. Cheap to call at each drawing. */
  want(wanted: Wanted | null, actions: Actions): void {
    if (same(wanted, this.wanted)) return;
    this.wanted = wanted;
    if (wanted && this.answer?.wanted.path !== wanted.path) {
      this.answer = null;
      this.asked = -Infinity;
    }
    this.soon(actions);
  }

  /** The answer to just this; also to what the znode held a moment ago, while the newest is being asked for. */
  for(wanted: Wanted): Decoded | null {
    const { answer } = this;
    const fits = answer?.wanted.path === wanted.path && answer.wanted.decoder === wanted.decoder;
    return fits && (same(answer.wanted, wanted) || same(this.wanted, wanted)) ? answer.decoded : null;
  }

  problemFor(wanted: Wanted): Problem | null {
    return this.answer && same(this.answer.wanted, wanted) ? this.answer.problem : null;
  }

  end(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.wanted = null;
    this.answer = null;
  }

  private soon(actions: Actions): void {
    if (this.busy || this.timer !== null || !this.wanted) return;
    const rest = this.asked + PAUSE - performance.now();
    if (rest <= 0) void this.ask(actions, this.wanted);
    else
      this.timer = setTimeout(() => {
        this.timer = null;
        if (this.wanted) void this.ask(actions, this.wanted);
      }, rest);
  }

  private async ask(actions: Actions, wanted: Wanted): Promise<void> {
    this.busy = true;
    this.asked = performance.now();
    const { ok, value, problem } = await asked(actions, wanted);
    this.busy = false;
    if (this.wanted?.path === wanted.path && this.wanted.decoder === wanted.decoder) {
      const decoded = ok ? decodedOf(value) : null;
      this.answer = { wanted, decoded, problem };
      this.changed();
    }
    if (!same(this.wanted, wanted)) this.soon(actions);
  }
}

function asked(actions: Actions, { path, data, decoder }: Wanted) {
  if (data === null || data.length > SMALL * 1.4) return actions.request("GET", withQuery("/api/decoded", { path, as: decoder }));
  return actions.request("POST", "/api/decode", { data: { encoding: "base64", value: data }, path, as: decoder });
}

function same(one: Wanted | null, other: Wanted | null): boolean {
  if (!one || !other) return one === other;
  return one.path === other.path && one.decoder === other.decoder && one.mzxid === other.mzxid && one.data === other.data;
}

/** A decoder that there is, as `GET /api/decoders` lists it. */
export interface Described extends Choice {
  plugin: boolean;
  problem: string;
}

/** The decoders of this web process: asked for once, when a page first needs them. */
export class DecoderList {
  all: readonly Described[] = [];
  private begun = -Infinity;

  get plugins(): boolean {
    return this.all.some(({ plugin, problem }) => plugin && !problem);
  }

  learn(actions: Actions, changed: () => void): void {
    if (performance.now() - this.begun < RETRY) return;
    this.begun = performance.now();
    void actions.request("GET", "/api/decoders").then(({ ok, value }) => {
      const list = value["decoders"];
      if (!ok || !Array.isArray(list)) return;
      this.begun = Infinity;
      this.all = list.filter((one: Partial<Described> | null): one is Described => typeof one?.name === "string" && typeof one.label === "string");
      changed();
    });
  }
}
