// A znode that is about to be made, as far as it was typed. Pure.
import { brief } from "../page/words";
import type { Znode } from "../protocol";
import { join, nameOf } from "../tree/paths";
import { draftOf, OPEN, READ_ONLY, sentAce } from "./aces";
import { AclDraft } from "./acldraft";
import { duration, nameFault } from "./naming";
import { Payload } from "./payload";

export type Kind = "persistent" | "ephemeral" | "container" | "ttl";
export type Preset = "open" | "read-only" | "own";

interface Typed {
  name: string;
  kind: Kind;
  sequential: boolean;
  ttl: string;
  preset: Preset;
  /** Make what is missing above it too. */
  parents: boolean;
}

export class NewZnode {
  typed: Typed = { name: "", kind: "persistent", sequential: false, ttl: "10 min", preset: "open", parents: false };
  readonly payload = new Payload();
  /** Used with preset 'own'. */
  readonly acl: AclDraft;

  /** `signsIn`: whether the ensemble knows Zooscope by more than its address. */
  constructor(
    readonly below: string,
    readonly signsIn = true,
  ) {
    this.acl = new AclDraft(signsIn ? READ_ONLY : OPEN);
  }

  /** Whether there is anything that took somebody the trouble of typing or choosing it. */
  get isTyped(): boolean {
    const { name, preset } = this.typed;
    return name !== "" || this.payload.text !== "" || this.payload.file !== null || (preset === "own" && this.acl.isTyped);
  }

  change(what: Partial<Typed>): void {
    this.typed = { ...this.typed, ...what };
    // ZooKeeper has no sequential containers.
    if (this.typed.kind === "container") this.typed.sequential = false;
  }

  /** Where it will stand; of a sequential one the beginning. */
  get path(): string {
    return join(this.below, this.typed.name);
  }

  get ttl(): number | null {
    return duration(this.typed.ttl);
  }

  /** What is wrong with its name there, as the tree is now; '' for nothing. */
  nameFault(parent: Znode | null, target: Znode | null): string {
    const { name, sequential } = this.typed;
    const wrong = nameFault(this.below, name, this.typed);
    if (wrong) return wrong;
    if (parent?.exists && parent.kind === "ephemeral") return `${brief(nameOf(this.below))} is ephemeral: it cannot have children.`;
    if (!sequential && target?.exists && target.path === this.path) return "There is a znode of this name already.";
    return "";
  }

  /** What else keeps it from being sent; '' for nothing. */
  get fault(): string {
    if (this.typed.kind === "ttl" && this.ttl === null) return "The time to live is not a time.";
    return this.payload.fault || (this.typed.preset === "own" ? this.acl.fault : "");
  }

  get body(): Record<string, unknown> {
    const { kind, sequential, parents, preset } = this.typed;
    const entries = { open: OPEN.map(draftOf), "read-only": READ_ONLY.map(draftOf), own: this.acl.entries }[preset];
    return {
      path: this.path,
      data: this.payload.data,
      kind,
      sequential,
      parents,
      ...(kind === "ttl" ? { ttl: this.ttl } : {}),
      acl: entries.map(sentAce),
    };
  }
}
