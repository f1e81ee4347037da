// What a person searches the whole tree for, and what was found so far. The bridge searches; this asks, and holds the answer.
import type { Hit, Problem, Search } from "../protocol";
import type { Store } from "../live/store";
import { searchTopic, type How, type In } from "./topics";

/** A search begins when typing has rested for this long, ms. */
const REST = 200;

/** A page that is paused is not told what comes, but its search goes on: it looks by itself this often, ms. */
const LOOK = 100;

/** Hits that are asked for at first, and after 'show more'. */
const FEW = 200;
export const MANY = 1000;

/** Characters of the longest name of a topic. */
const LONGEST = 4096;

export class Seek {
  text = "";
  where: In = "path";
  how: How = "substring";
  /** The newest answer; null while there is none. */
  value: Search | null = null;
  problem: Problem | null = null;
  /** Ended by the person, before everything was looked at. */
  cancelled = false;
  /** Place of the hit that the keyboard is on; -1 for none. */
  active = -1;
  private limit = FEW;
  private topic = "";
  private rest: ReturnType<typeof setTimeout> | undefined;
  private look: ReturnType<typeof setInterval> | undefined;
  private stop: (() => void) | null = null;

  constructor(
    private readonly store: Pick<Store, "subscribe" | "newest" | "problem">,
    private readonly changed: () => void,
  ) {}

  /** Whether what is typed is a place to go to, not something to look for. */
  get goes(): boolean {
    return this.where === "path" && this.how === "substring" && this.text.trimStart().startsWith("/");
  }

  get wanted(): boolean {
    return this.text.trim() !== "" && !this.goes;
  }

  /** Looking, and not at the end yet. */
  get busy(): boolean {
    return this.wanted && !this.problem && !this.cancelled && !this.value?.done;
  }

  get hits(): Hit[] {
    return Object.values(this.value?.hits ?? {});
  }

  type(text: string): void {
    this.text = text;
    this.limit = FEW;
    this.soon();
  }

  choose(mode: { where?: In; how?: How }): void {
    Object.assign(this, mode);
    this.limit = FEW;
    this.begin();
  }

  showMore(): void {
    this.limit = MANY;
    this.begin();
  }

  /** The keyboard goes on by `by` hits. */
  step(by: number): void {
    this.active = Math.max(-1, Math.min(this.hits.length - 1, this.active + by));
    this.changed();
  }

  cancel(): void {
    this.end();
    this.cancelled = true;
    this.changed();
  }

  clear(): void {
    this.text = "";
    this.begin();
  }

  /** The panel left the page. */
  leave(): void {
    this.end();
  }

  /** The panel came into the page, perhaps again. */
  come(): void {
    if (this.wanted && !this.stop && !this.cancelled) this.begin();
  }

  /** Search now. */
  begin(): void {
    this.end();
    this.value = null;
    this.problem = null;
    this.cancelled = false;
    this.active = -1;
    if (this.wanted) this.ask(searchTopic(this.text, this.where, this.how, this.limit));
    this.changed();
  }

  private soon(): void {
    clearTimeout(this.rest);
    if (!this.wanted) return this.begin();
    this.rest = setTimeout(() => this.begin(), REST);
    this.changed();
  }

  private ask(topic: string): void {
    if (topic.length > LONGEST) {
      this.problem = { code: "bad-query", text: "This is too long to search for." };
      return;
    }
    this.topic = topic;
    this.stop = this.store.subscribe(topic, () => this.take());
    this.look = setInterval(() => this.take(), LOOK);
  }

  private take(): void {
    const value = this.store.newest<Search>(this.topic);
    const problem = this.store.problem(this.topic);
    if (value?.done || problem) clearInterval(this.look);
    if (value === this.value && problem === this.problem) return;
    const on = this.hits[this.active]?.path;
    this.value = value;
    this.problem = problem;
    // Hits come and go: the keyboard stays on the znode that it was on.
    if (on !== undefined) this.active = this.hits.findIndex((hit) => hit.path === on);
    this.changed();
  }

  private end(): void {
    clearTimeout(this.rest);
    clearInterval(this.look);
    this.stop?.();
    this.stop = null;
  }
}
