// An ACL as far as it was typed. Pure.
import { aceFault, draftOf, type Ace, type Draft } from "./aces";

const BLANK: Draft = { scheme: "digest", id: "", perms: "r", user: "", password: "" };

export class AclDraft {
  entries: readonly Draft[];
  private readonly first: readonly Draft[];

  constructor(entries: readonly Ace[]) {
    this.entries = this.first = entries.map(draftOf);
  }

  /** Whether it is no longer what it began with. */
  get isTyped(): boolean {
    return this.entries !== this.first;
  }

  get fault(): string {
    if (!this.entries.length) return "An ACL has at least one entry.";
    return this.entries.map(aceFault).find((words) => words !== "") ?? "";
  }

  change(at: number, what: Partial<Draft>): void {
    this.entries = this.entries.map((entry, place) => (place === at ? { ...entry, ...what } : entry));
  }

  add(): void {
    this.entries = [...this.entries, BLANK];
  }

  remove(at: number): void {
    this.entries = this.entries.filter((_, place) => place !== at);
  }
}
