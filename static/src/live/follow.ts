// A topic that is subscribed to for as long as what is drawn stands on the page.
import { nothing } from "lit-html";
import { AsyncDirective } from "lit-html/async-directive.js";
import { directive, type Part } from "lit-html/directive.js";
import type { Store } from "./store";

class Follow extends AsyncDirective {
  private stop: (() => void) | null = null;
  private store: Store | null = null;
  private topic = "";
  private changed: () => void = () => {};

  render(_store: Store, _topic: string, _changed: () => void): unknown {
    return nothing;
  }

  override update(_part: Part, [store, topic, changed]: [Store, string, () => void]): unknown {
    this.changed = changed;
    if (store !== this.store || topic !== this.topic) {
      this.stop?.();
      this.store = store;
      this.topic = topic;
      this.begin();
    }
    return nothing;
  }

  protected override disconnected(): void {
    this.stop?.();
    this.stop = null;
  }

  protected override reconnected(): void {
    this.begin();
  }

  private begin(): void {
    this.stop = this.isConnected ? this.store!.subscribe(this.topic, () => this.changed()) : null;
  }
}

/** `${follow(store, "servers", redraw)}` draws nothing. `changed` is called at once if the value is known, and at each change. */
export const follow = directive(Follow);
