// A dialog for one task, and what it can do to the page around it. It keeps what was typed until the task is done or given up.
import type { TemplateResult } from "lit-html";
import type { Store } from "../live/store";
import type { Actions } from "../page/actions";
import type { Toasts } from "../page/toasts";
import type { View } from "../page/view";
import type { Jobs } from "./jobs";
import type { Permits } from "./permits";

export interface Sheet {
  /** For its looks: 'create', 'delete' … */
  readonly kind: string;
  content(view: View): TemplateResult;
  /** Something was typed that would be lost: to leave it takes two steps. A path typed in to be sure is not worth asking. */
  readonly typed?: boolean;
  /** It left the page. */
  left?(): void;
}

export interface Desk {
  readonly actions: Actions;
  readonly toasts: Toasts;
  readonly store: Store;
  readonly jobs: Jobs;
  readonly permits: Permits;
  redraw(): void;
  /** Put a sheet on the page, in place of the one that is there. */
  open(sheet: Sheet): void;
  close(): void;
  /** A person wants to leave the sheet; where something was typed it asks first. */
  leave(): void;
  /** Show a znode in the tree and the inspector. */
  show(path: string): void;
}
