// The frame of the page: fixed containers that the panels are drawn into, each on its own.
import { html, nothing, render, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { stagePanel } from "../figure/stage";
import { timelinePanel } from "../figure/timeline";
import type { Sheet } from "../hands/sheet";
import { tray } from "../hands/tray";
import { faultNotice } from "../lab/notice";
import { scenarioLine } from "../lab/scenarioline";
import { icon, sprite } from "../style/icons";
import { treePanel } from "../tree/treepanel";
import { band } from "./band";
import { dialogContent, type Answers, type Dialog } from "./dialogs";
import { nodeBar } from "./nodebar";
import { inspector, type Tabs } from "./inspector";
import "./shell.css";
import { storyPanel } from "./storypanel";
import { pageNamed } from "./pages";
import { Spoken } from "./spoken";
import { nav, topbar } from "./topbar";
import { toastList, type Toasts } from "./toasts";
import type { View } from "./view";
import { whereLine } from "./whereline";

/** What is drawn besides the view: things of this page alone. */
export interface Extras {
  tabs: Tabs;
  dialog: Dialog | null;
  toasts: Toasts;
}

const SLOTS = ["topbar", "tree", "story", "notice", "band", "stage", "timeline", "room", "inspector", "tabbar", "nodebar", "tray", "menu", "toasts", "spoken"] as const;
type Slot = (typeof SLOTS)[number];

const SKELETON = html`
  ${sprite}
  <a class="skip" href="#figure">Skip to the page’s content</a>
  <header class="slot-topbar top"></header>
  <div class="page">
    <div class="slot-tree" id="tree" tabindex="-1"></div>
    <main id="figure" class="figure" tabindex="-1">
      <section class="slot-story" aria-label="What happened"></section>
      <section class="slot-notice" aria-label="Faults"></section>
      <div class="scene">
        <section class="slot-stage" aria-label="The application and the ensemble"></section>
        <div class="slot-band"></div>
        <div class="slot-nodebar"></div>
      </div>
      <section class="slot-timeline" aria-label="Timeline"></section>
      <section class="slot-room"></section>
    </main>
    <aside class="slot-inspector insp" aria-label="Inspector"></aside>
  </div>
  <div class="slot-tabbar tabbar"></div>
  <div class="slot-tray"></div>
  <div class="slot-menu"></div>
  <div class="slot-toasts toasts" role="status"></div>
  <div class="slot-spoken sr"></div>
  <dialog class="dialog" aria-labelledby="dialog-title" tabindex="-1"></dialog>
`;

/** It stays in sight however long the sheet is. */
const LEAVING = html`<p class="note leaving" data-tone="unknown" role="alert">${icon("i-warn")}<span><b>Close it?</b> Esc or Cancel once more closes it, and what you typed is lost.</span></p>`;

/** What runs, or has been left standing, is told on the pages that do not tell it anyway. */
function roomOf(view: View): unknown {
  const { draw, lab } = pageNamed(view.page);
  return draw ? html`${lab ? nothing : scenarioLine(view)}${draw(view)}` : nothing;
}

export class Shell {
  private readonly slots = new Map<Slot, HTMLElement>();
  private readonly dialog: HTMLDialogElement;
  private shown: Dialog | Sheet | null = null;
  private readonly spoken = new Spoken();

  constructor(
    private readonly root: HTMLElement,
    private readonly answers: Answers,
  ) {
    root.replaceChildren();
    render(SKELETON, root);
    for (const slot of SLOTS) {
      const element = root.querySelector<HTMLElement>(`.slot-${slot}`);
      if (element) this.slots.set(slot, element);
    }
    this.dialog = root.querySelector("dialog") as HTMLDialogElement;
    // The event comes late: it may be of what stood here before another one was opened.
    this.dialog.addEventListener("close", () => this.dialog.open || this.answers.close());
    // The browser would close it at the second press, whatever stands in it.
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      event.preventDefault();
      this.leave();
    });
    // By other ways than that key: a phone's way back.
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave();
    });
    for (const change of ["input", "change"]) this.dialog.addEventListener(change, () => this.answers.stay());
    // A press on the ground beside the dialog closes it, as Escape does; not one in which something can have been typed.
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog && !(this.shown && "content" in this.shown)) this.dialog.close();
    });
  }

  /** At once, so that the next key is the page's. */
  private leave(): void {
    if (this.shown && "content" in this.shown) return this.answers.leave();
    this.answers.close();
    this.dialog.close();
  }

  draw(view: View, extras: Extras): void {
    const { dataset } = this.root;
    dataset["live"] = view.liveness.word;
    dataset["page"] = view.page;
    dataset["present"] = String(view.present);
    dataset["paused"] = String(view.paused !== null);
    dataset["inspecting"] = String(view.selection !== null);
    const wide = !view.present;
    this.into("topbar", () => topbar(view));
    this.main(view);
    this.into("tree", () => (wide ? html`${view.page === "tree" ? html`${titled(view)}<div class="tree-band">${band(view)}</div>${scenarioLine(view)}` : nothing}${treePanel(view)}` : nothing));
    const figure = view.page === "cluster";
    this.into("story", () => (figure ? html`${titled(view)}${storyPanel(view)}${scenarioLine(view)}` : nothing));
    this.into("notice", () => (figure && wide ? faultNotice(view) : nothing));
    this.into("band", () => (view.page === "tree" ? nothing : band(view)));
    this.into("stage", () => (figure ? stagePanel(view) : nothing));
    this.into("timeline", () => (figure ? timelinePanel(view) : nothing));
    this.into("room", () => roomOf(view));
    this.into("inspector", () => (wide ? inspector(view, extras.tabs) : nothing));
    this.into("tabbar", () => nav(view));
    this.into("nodebar", () => nodeBar(view));
    this.into("tray", () => (wide ? tray(view) : nothing));
    this.into("menu", () => view.hands.menu?.view() ?? nothing);
    this.into("toasts", () => toastList(extras.toasts));
    this.spoken.hear(view);
    this.into("spoken", () => this.spoken.draw());
    this.drawDialog(view, extras.dialog);
  }

  /** On its own page the tree is what the page is about. */
  private main(view: View): void {
    const tree = view.page === "tree";
    if (tree) this.slots.get("tree")?.setAttribute("role", "main");
    else this.slots.get("tree")?.removeAttribute("role");
    this.root.querySelector(".skip")?.setAttribute("href", tree ? "#tree" : "#figure");
  }

  /** One panel that fails leaves the others standing. */
  private into(slot: Slot, panel: () => unknown): void {
    const element = this.slots.get(slot);
    if (!element) return;
    let content: unknown;
    try {
      content = panel();
    } catch (error) {
      console.error(`The ${slot} could not be drawn.`, error);
      content = html`<p class="broken">This part could not be drawn. The rest goes on; load the page again if it stays.</p>`;
    }
    render(content, element);
  }

  private drawDialog(view: View, dialog: Dialog | null): void {
    const what = dialog ?? view.hands.sheet;
    const other = what?.kind !== this.dialog.dataset["kind"] || (!dialog && what !== this.shown);
    this.shown = what;
    if (!what) {
      // Closing it, not removing it, gives the focus back to whatever had it before.
      if (this.dialog.open) this.dialog.close();
      return;
    }
    this.dialog.dataset["kind"] = what.kind;
    try {
      render("content" in what ? html`${whereLine(view)}${keyed(what, what.content(view))}${view.hands.leaving ? LEAVING : nothing}` : dialogContent(what, view, this.answers), this.dialog);
    } catch (error) {
      console.error(`The dialog '${what.kind}' could not be drawn.`, error);
    }
    if (!this.dialog.open) this.dialog.showModal();
    else if (other) {
      // One takes the place of another: what it begins with gets the keyboard, as it does in one that opens.
      this.dialog.scrollTop = 0;
      this.dialog.querySelector<HTMLElement>("[autofocus]")?.focus();
    }
    // What had the keyboard may be gone: it stays in the dialog all the same.
    if (!this.dialog.contains(document.activeElement)) this.dialog.focus({ preventScroll: true });
  }
}

/** The figure and the tree need no title to be known; who hears the page does. */
const titled = (view: View): TemplateResult => html`<h1 class="sr">${pageNamed(view.page).words}</h1>`;
