// What this person's page can do to znodes: which deeds there are for whom, the sheet and the menu that are open, the works that run.
import type { Store } from "../live/store";
import type { Actions } from "../page/actions";
import type { Toasts } from "../page/toasts";
import type { View } from "../page/view";
import { plural } from "../page/words";
import { copy } from "../tree/copy";
import { ROOT } from "../tree/paths";
import { AclSheet } from "./aclsheet";
import { ClearSheet } from "./clearsheet";
import { CompareSheet } from "./comparesheet";
import { CreateSheet } from "./createsheet";
import { deedOf, permitted, type Deed, type DeedId, type Target } from "./deeds";
import { DeleteSheet } from "./deletesheet";
import { ExportSheet } from "./exportsheet";
import { ImportSheet } from "./importsheet";
import { Jobs, type Job } from "./jobs";
import { JobSheet } from "./jobsheet";
import { titleOf } from "./jobview";
import { AclManySheet, DeleteManySheet } from "./manysheet";
import { Menu } from "./menu";
import { permitsOf, Permits, readPermits } from "./permits";
import { Picked } from "./picked";
import type { Desk, Sheet } from "./sheet";
import { TransferSheet } from "./transfersheet";

interface Parts {
  actions: Actions;
  toasts: Toasts;
  store: Store;
  redraw: () => void;
  /** Draw at once. */
  drawNow: () => void;
  show: (path: string) => void;
}

export class Hands implements Desk {
  permits = Permits.NONE;
  sheet: Sheet | null = null;
  /** It was asked to close, and has something typed in it: the next time it does. */
  leaving = false;
  menu: Menu | null = null;
  /** Whether the list of works is open. */
  tray = false;
  readonly picked = new Picked();
  readonly jobs: Jobs;
  readonly actions: Actions;
  readonly toasts: Toasts;
  readonly store: Store;
  readonly redraw: () => void;
  private readonly drawNow: () => void;
  readonly show: (path: string) => void;
  /** Opens the editor of a znode's data; null while the page has none. */
  edit: ((path: string) => void) | null = null;
  /** ACLs that were changed here, so often: who shows one reads it anew. */
  changedAcls = 0;
  private learning = 0;

  constructor({ actions, toasts, store, redraw, drawNow, show }: Parts) {
    this.actions = actions;
    this.toasts = toasts;
    this.store = store;
    this.redraw = redraw;
    this.drawNow = drawNow;
    this.show = show;
    this.jobs = new Jobs(actions, redraw, (job) => this.tell(job));
  }

  /** What may be done has changed, or is learnt for the first time. The socket names it; where it holds, `/api/me` tells,
   * and until it did nothing is offered that might be refused. */
  async learn(may: Iterable<string>): Promise<void> {
    const turn = (this.learning += 1);
    const named = permitsOf(may);
    if (!named.any) {
      this.permits = Permits.NONE;
      this.jobs.stop();
      return;
    }
    const found = await readPermits(this.actions);
    // Only the newest answer counts.
    if (turn !== this.learning) return;
    this.permits = found?.permits ?? named;
    this.jobs.who = found?.user ?? "";
    this.redraw();
    await this.jobs.refresh();
  }

  /** What this person may do to these, in the order of what it costs. */
  deeds(paths: readonly string[]): Deed[] {
    if (!this.permits.any) return [];
    return permitted(this.permits, paths).filter(({ id }) => id !== "edit" || this.edit !== null);
  }

  /** Open the menu of these znodes at a place on the screen. False where there is nothing that may be done. */
  openMenu(view: View, targets: readonly Target[], at: { x: number; y: number }, opener: HTMLElement | null): boolean {
    const deeds = this.deeds(targets.map(({ path }) => path));
    const [only] = targets;
    if (!deeds.length || !only) return false;
    const one = targets.length === 1;
    const inTree = opener?.closest("[role=tree]") != null;
    const items = deeds.map((deed) => ({ deed, words: one ? deed.words(only) : "", off: off(deed, targets, view), key: (inTree ? deed.treeKey : undefined) ?? deed.key }));
    const act = (deed: Deed): void => this.act(deed.id, targets, view);
    this.menu = new Menu(one ? only.path : plural(targets.length, "znode"), items, at, opener, act, () => {
      this.menu = null;
      this.redraw();
    });
    this.drawNow();
    return true;
  }

  /** Do it, or open what asks for the rest. Nothing where it may not or cannot be done. */
  act(id: DeedId, targets: readonly Target[], view: View): void {
    const deed = deedOf(id);
    const paths = targets.map(({ path }) => path);
    const [path] = paths;
    if (path === undefined || !this.deeds(paths).includes(deed) || off(deed, targets, view)) return;
    // Nobody acts on an old picture.
    if (view.paused) view.send({ want: "resume" });
    if (id === "copy-path") void this.copyPaths(paths);
    else if (id === "edit") this.edit?.(path);
    else this.open(paths.length === 1 ? this.sheetFor(id, path) : this.sheetForMany(id, paths));
  }

  open(sheet: Sheet): void {
    if (this.sheet !== sheet) this.sheet?.left?.();
    this.sheet = sheet;
    this.leaving = false;
    this.tray = false;
    this.drawNow();
  }

  readonly close = (): void => {
    this.sheet?.left?.();
    this.sheet = null;
    this.leaving = false;
    this.redraw();
  };

  readonly leave = (): void => {
    if (this.leaving || !this.sheet?.typed) this.close();
    else this.leaving = true;
    this.drawNow();
  };

  /** It goes on being filled in. */
  readonly stay = (): void => {
    if (!this.leaving) return;
    this.leaving = false;
    this.redraw();
  };

  openJob(id: string): void {
    this.open(new JobSheet(this, id));
  }

  /** Close the topmost of what is open here. False where nothing was. */
  escape(): boolean {
    if (this.tray) this.tray = false;
    else if (this.picked.size) this.picked.clear();
    else return false;
    this.redraw();
    return true;
  }

  private sheetFor(id: DeedId, path: string): Sheet {
    switch (id) {
      case "create":
        return new CreateSheet(this, path);
      case "delete":
        return new DeleteSheet(this, path);
      case "clear":
        return new ClearSheet(this, path);
      case "acl":
        return new AclSheet(this, path, this.onAcl);
      case "export":
        return new ExportSheet(this, [path]);
      case "import":
        return new ImportSheet(this, path);
      case "compare":
        return new CompareSheet(this, path);
      default:
        return new TransferSheet(this, id as "copy" | "move" | "rename", path);
    }
  }

  private sheetForMany(id: DeedId, paths: readonly string[]): Sheet {
    const done = (): void => this.picked.clear();
    if (id === "acl") return new AclManySheet(this, paths, () => (done(), this.onAcl()));
    if (id === "delete") return new DeleteManySheet(this, this.picked.all, done);
    return new ExportSheet(this, paths);
  }

  private readonly onAcl = (): void => {
    this.changedAcls += 1;
    this.redraw();
  };

  private async copyPaths(paths: readonly string[]): Promise<void> {
    const done = await copy(paths.join("\n"));
    const what = paths.length === 1 ? "the path" : plural(paths.length, "path");
    if (done) this.toasts.add("done", `Copied ${what}.`, "");
    else this.toasts.add("problem", "Not copied.", "The browser does not let this page use the clipboard.");
  }

  /** A work has ended: to its sheet, or where nobody looks at it, in a toast. */
  private tell(job: Job): void {
    if (this.sheet instanceof JobSheet && this.sheet.id === job.id) return this.sheet.ended(job);
    const tone = { done: "done", unknown: "unknown", failed: "problem", cancelled: "problem", running: "done" } as const;
    this.toasts.add(tone[job.state], `${titleOf(job)}: ${job.state}.`, job.words);
  }
}

/** Why it cannot be done to these now; '' where it can. */
function off(deed: Deed, targets: readonly Target[], view: View): string {
  if (view.liveness.held && deed.cost !== "reads") return "Not while the page is cut off.";
  if (targets.length > 1) return targets.some(({ path }) => path === ROOT) ? "Not with the root." : "";
  return targets[0] ? deed.hindered(targets[0]) : "";
}
