// Which group is on the stage: the main one, or one that a person chose, for as long as there is such a group.
import type { Store } from "../live/store";
import type { Groups, Status } from "../protocol";

export class GroupChoice {
  /** The group that a person chose; '' follows the main one. */
  path = "";
  private leave: () => void = () => {};

  constructor(
    private readonly store: Store,
    private readonly changed: () => void,
  ) {}

  get topic(): string {
    return this.path ? `stage?group=${encodeURIComponent(this.path)}` : "stage";
  }

  show(path: string): void {
    this.path = path;
    this.leave();
    this.leave = this.store.subscribe(this.topic, this.changed);
  }

  /** Whether the chosen group is no more, such as a scenario's that is over. */
  get isGone(): boolean {
    const groups = this.store.newest<Groups>("groups")?.groups ?? {};
    if (!this.path || groups[this.path] || !Object.keys(groups).length) return false;
    return this.store.fresh("groups") && this.store.newest<Status>("status")?.state === "live";
  }
}
