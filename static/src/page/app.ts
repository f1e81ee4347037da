// What this page is doing: the one place where its own state lives. Frames and intents in, a View out.
import type { Hands } from "../hands/hands";
import { shownTarget } from "../hands/target";
import type { ServerClock } from "../live/clock";
import { livenessOf, type SocketState } from "../live/liveness";
import type { ServerFrame } from "../live/socket";
import type { Store } from "../live/store";
import type { Beat, Ensemble, Groups, Hello, Lab, Problem, Stage, Status, Story, Timeline } from "../protocol";
import { costOfCut, type CutBody } from "../lab/parting";
import { healedWords } from "../lab/undo";
import { called } from "./called";
import { actionOf, ADD_SERVER, HEAL } from "./consequences";
import type { Actions } from "./actions";
import { elsewhere } from "./clusters";
import { question, type Dialog } from "./dialogs";
import { dismissAll } from "./graves";
import { COUNTER, Hold } from "./hold";
import { GroupChoice } from "./groupchoice";
import { NO_TABS, tabsAfter, type Tabs } from "./inspector";
import { keepPresenting, wasPresenting } from "./presenting";
import type { Place, Router } from "./router";
import type { ThemeChoice } from "./theme";
import type { Toasts } from "./toasts";
import { tellFailure } from "./verdict";
import type { Intent, Selection, View } from "./view";

export interface Parts {
  store: Store;
  clock: ServerClock;
  socket: () => SocketState;
  router: Router;
  theme: ThemeChoice;
  actions: Actions;
  toasts: Toasts;
  hands: Hands;
  /** The address for viewers. */
  joinAddress: () => Promise<{ url: string; problem: Problem | null }>;
  redraw: () => void;
  /** The same, for figures that run. */
  redrawSoon: () => void;
  role: View["role"];
  /** What kind of cluster it is, such as 'production'. */
  label?: string;
}

export class App {
  tabs: Tabs = NO_TABS;
  dialog: Dialog | null = null;
  /** The life of the bridge that what is shown came from, as `Hello` names it. */
  private run: string | null = null;
  private may: ReadonlySet<string> = new Set();
  private hello: Hello | null = null;
  private role: View["role"];
  private user = "";
  private readOnly = false;
  private beat: { frame: Beat; received: number } | null = null;
  private readonly group: GroupChoice;
  private leaveLab: (() => void) | null = null;
  private readonly hold: Hold;
  private chapter: string | null = null;
  private selection: Selection = null;
  private page: View["page"] = "cluster";
  private present = false;
  /** The bridge's clock when something new was last on screen. */
  private seen = 0;

  constructor(private readonly parts: Parts) {
    this.role = parts.role;
    this.hold = new Hold(parts.store);
    this.group = new GroupChoice(parts.store, parts.redraw);
  }

  start(): void {
    let state: unknown;
    this.parts.store.subscribe("status", (value) => {
      const before = state;
      state = (value as Status | null)?.state;
      // With every change in the tree its zxid and its rate are others.
      if (state === before) this.parts.redrawSoon();
      else this.parts.redraw();
    });
    for (const topic of ["ensemble", "groups", "story", "timeline", "alerts", "workload"]) this.parts.store.subscribe(topic, topic === "groups" ? () => (this.checkGroup(), this.parts.redraw()) : this.parts.redraw);
    this.group.show("");
    this.arrive(this.parts.router.start());
    this.present = this.page === "cluster" && wasPresenting();
  }

  /** Take in a frame of any kind. */
  take(frame: ServerFrame, received = Date.now()): void {
    switch (frame.type) {
      case "hello":
        this.hello = frame;
        this.may = new Set(frame.may ?? []);
        this.role = frame.role || this.role;
        void this.parts.hands.learn(this.may);
        this.user = frame.user || this.user;
        this.readOnly = frame.read_only ?? false;
        if (this.run !== null && this.run !== frame.run) this.parts.store.outdate();
        this.run = frame.run;
        if (frame.lab && !this.leaveLab) this.leaveLab = this.parts.store.subscribe("lab", this.parts.redrawSoon);
        this.parts.clock.heard(frame.at, received);
        this.parts.redraw();
        break;
      case "beat":
        this.parts.clock.heard(frame.at, received);
        if (this.beat?.frame.bridge === "gone" && frame.bridge !== "gone") this.parts.store.outdate();
        this.beat = { frame, received };
        this.parts.redraw();
        break;
      default:
        this.parts.store.take(frame);
        if (frame.topic === COUNTER && this.hold.count()) this.parts.redraw();
    }
  }

  /** The connection ended: its beats say nothing of the next one. */
  closed(): void {
    this.beat = null;
    this.parts.store.closed();
    this.parts.redraw();
  }

  /** Another page of the browser's history. */
  readonly arrive = (place: Place): void => {
    this.page = place.page;
    // Other pages say nothing of the stage.
    if (place.page === "cluster" && (place.group ?? "") !== this.group.path) this.showGroup(place.group ?? "");
    this.select(place.selection);
  };

  view(): View {
    const { store, clock: server } = this.parts;
    const clock = Date.now() + server.offset;
    const status = store.newest<Status>("status");
    const liveness = livenessOf({
      socket: this.parts.socket(),
      beat: this.beat,
      status,
      fresh: store.fresh("status"),
      outdated: store.outdated,
      offset: server.offset,
      now: Date.now(),
    });
    if (!liveness.held) this.seen = clock;
    return {
      status: store.value<Status>("status"),
      ensemble: store.value<Ensemble>("ensemble"),
      stage: store.value<Stage>(this.group.topic),
      groups: store.value<Groups>("groups"),
      story: store.value<Story>("story"),
      timeline: store.value<Timeline>("timeline"),
      lab: store.value<Lab>("lab"),
      now: this.hold.view?.since ?? (liveness.held && this.seen ? Math.min(this.seen, liveness.since) : clock),
      clock,
      liveness,
      paused: this.hold.view,
      chapter: this.chapter,
      selection: this.selection,
      page: this.page,
      present: this.present,
      store,
      clusters: elsewhere(this.hello, this.beat?.frame ?? null),
      label: this.parts.label ?? "",
      may: this.may,
      role: this.role,
      user: this.user,
      readOnly: this.readOnly,
      viewers: this.beat?.frame.viewers ?? 0,
      busy: this.parts.actions.busy,
      width: innerWidth,
      height: innerHeight,
      hands: this.parts.hands,
      send: this.send,
    };
  }

  readonly send = (intent: Intent): void => {
    switch (intent.want) {
      case "select":
        this.select(intent.what);
        break;
      case "close-inspector":
        this.select(null);
        break;
      case "act":
        // Nobody acts on an old picture.
        if (this.hold.view) this.hold.end();
        this.act(intent.method, intent.id, intent.body);
        break;
      case "dismiss":
        if (this.hold.view) this.hold.end();
        void this.dismiss(intent.ids);
        break;
      case "chapter":
        this.chapter = intent.id;
        break;
      case "pause":
        this.hold.begin(this.view().now);
        break;
      case "resume":
        this.hold.end();
        break;
      case "theme":
        this.parts.theme.toggle();
        break;
      case "present":
        this.show(!this.present);
        if (this.present) this.page = "cluster";
        break;
      case "dialog":
        this.openDialog(intent.which);
        break;
      case "group":
        this.showGroup(intent.path);
        break;
      case "go":
        this.page = intent.to;
        if (intent.to !== "cluster") this.show(false);
        this.leave();
        this.select(intent.to === "tree" ? this.tabs.znode : (this.tabs.figure ?? this.selection));
        break;
      case "deed":
        this.parts.hands.act(intent.deed, shownTarget(this.view()), this.view());
        break;
      case "workload":
        void this.order(intent.act, intent.body);
        break;
      case "redraw":
        break;
    }
    this.parts.redraw();
  };

  /** Close the topmost of what is open. */
  escape(): void {
    // A bar tells of these.
    if (this.present && this.selection && this.selection.kind !== "znode") this.select(null);
    else if (this.present) this.send({ want: "present" });
    else if (this.parts.hands.escape()) return;
    else if (this.selection) this.select(null);
    else if (this.chapter) this.send({ want: "chapter", id: null });
    this.parts.redraw();
  }

  readonly closeDialog = (): void => {
    this.dialog = null;
    this.parts.hands.close();
  };

  readonly confirm = (method: string, id: string, force: boolean): void => {
    const body = this.dialog?.kind === "confirm" ? this.dialog.body : undefined;
    this.closeDialog();
    void this.carryOut(method, id, force ? { ...body, force } : body);
  };

  copied(): void {
    if (this.dialog?.kind === "join") this.dialog = { ...this.dialog, copied: true };
    this.parts.redraw();
  }

  private select(what: Selection): void {
    this.selection = what;
    this.tabs = tabsAfter(this.tabs, what);
    this.address();
    this.parts.redraw();
  }

  private show(alone: boolean): void {
    this.present = alone;
    keepPresenting(alone);
  }

  /** Whoever is not there any more stays on no other page. */
  private leave(): void {
    const gone = (what: Selection): boolean => what?.kind === "node" && this.view().stage !== null && !this.view().stage?.nodes[what.id];
    if (gone(this.tabs.figure)) this.tabs = { ...this.tabs, figure: null };
    if (gone(this.selection)) this.selection = null;
  }

  private async dismiss(ids: readonly string[]): Promise<void> {
    if (!this.may.has("node.dismiss")) return;
    const gone = await dismissAll(this.parts.actions, this.parts.toasts, ids);
    if (this.selection?.kind === "node" && gone.includes(this.selection.id)) this.select(null);
  }

  private act(method: string, id: string, body?: object): void {
    const action = actionOf(method);
    if (!action || !this.may.has(action.permission ?? method)) return;
    const told = method === "link.cut" ? costOfCut(this.view().lab, body as CutBody) : "";
    if (action.asks || told || (method === "server.pause" && question(method, id, this.view())?.grave)) this.dialog = { kind: "confirm", method, id, ...(body ? { body } : {}), ...(told ? { told } : {}) };
    else void this.carryOut(method, id, body);
  }

  private async carryOut(method: string, id: string, body?: object): Promise<void> {
    const outcome = await this.parts.actions.run(method, id, body);
    if (!outcome) return;
    if (outcome.ok) {
      if (method === ADD_SERVER.method) this.parts.toasts.add("done", `Server ${String(outcome.value["id"])} joined.`, `${String(outcome.value["words"] ?? "")}.`);
      const short = outcome.value["short"];
      if (typeof short === "string") this.parts.toasts.add("problem", "Fewer nodes came", short);
      if (method === HEAL.method) this.parts.toasts.add("done", ...healedWords(outcome.value, this.view().lab));
      if (method === "node.dismiss" && this.selection?.kind === "node" && this.selection.id === id) this.select(null);
      return;
    }
    // The page could not know it: the bridge did.
    if (outcome.problem?.code === "would-lose-quorum" && method !== "server.remove" && !(body && "force" in body)) {
      this.dialog = { kind: "confirm", method, id, ...(body ? { body } : {}), told: outcome.problem.text };
      this.parts.redraw();
      return;
    }
    await tellFailure(this.parts.actions, this.parts.toasts, called(method, id), outcome);
  }

  private async order(act: "start" | "stop" | "clear", body?: object): Promise<void> {
    const outcome = await this.parts.actions.run(`workload.${act}`, "", body);
    const words = { start: "Start the workload", stop: "Stop the workload", clear: "Clear the workload away" };
    if (outcome && !outcome.ok) await tellFailure(this.parts.actions, this.parts.toasts, words[act], outcome);
  }

  private address(): void {
    this.parts.router.show({ page: this.page, selection: this.selection, ...(this.page === "cluster" && this.group.path ? { group: this.group.path } : {}) });
  }

  /** A chosen group that is no more gives way to the main one. */
  private checkGroup(): void {
    const { path, isGone } = this.group;
    if (!isGone || this.hold.view) return;
    this.showGroup("");
    this.parts.toasts.add("done", `${path} is gone.`, "The stage shows the main group again.");
  }

  private showGroup(path: string): void {
    this.group.show(path);
    this.chapter = null;
    if (this.selection?.kind === "node") this.select(null);
    else this.address();
  }

  private openDialog(which: "keys" | "join"): void {
    if (which === "keys") {
      this.dialog = { kind: "keys" };
      return;
    }
    this.dialog = { kind: "join", url: "", problem: null, copied: false };
    void this.parts.joinAddress().then(({ url, problem }) => {
      if (this.dialog?.kind === "join") this.dialog = { ...this.dialog, url, problem };
      this.parts.redraw();
    });
  }
}
