// A page with hands: a tree that lives in it, an office that answers, and what a person does in a sheet.
import { html, render } from "lit-html";
import { Forest } from "../../gallery/forest";
import { CHANGES, handsOf, Office, operator, type Answer } from "../../gallery/office";
import { sample } from "../../gallery/samples";
import type { Hands } from "../../src/hands/hands";
import type { DeedId, Target } from "../../src/hands/deeds";
import { Toasts } from "../../src/page/toasts";
import type { View } from "../../src/page/view";

export class Bench {
  readonly forest = new Forest(Date.now, 0);
  readonly office = new Office();
  readonly toasts = new Toasts(() => {});
  readonly shown: string[] = [];
  readonly hands: Hands;
  readonly root = document.createElement("div");
  view: View;

  constructor() {
    this.hands = handsOf(this.forest.store, () => {}, this.office, this.toasts, (path) => void this.shown.push(path));
    this.view = { ...sample("failover"), store: this.forest.store, hands: this.hands, selection: null };
    document.body.replaceChildren(this.root);
  }

  /** As an operator, with what the office answers to changes. */
  static async operator(...answers: Answer[]): Promise<Bench> {
    const bench = new Bench();
    bench.office.answers.push(...answers, operator, ({ address, verb }) => (verb === "GET" && address === "/api/jobs" ? { jobs: [] } : undefined));
    await bench.hands.learn(CHANGES);
    bench.office.asked.length = 0;
    return bench;
  }

  /** Let answers and frames come in, then draw the sheet. */
  async pass(ms = 20): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.draw();
  }

  draw(): void {
    const { sheet } = this.hands;
    render(sheet ? html`<div class="dialog">${sheet.content(this.view)}</div>` : html``, this.root);
  }

  async open(id: DeedId, ...targets: (string | Target)[]): Promise<void> {
    this.hands.act(id, targets.map((one) => (typeof one === "string" ? target(one) : one)), this.view);
    await this.pass();
    await this.pass();
  }

  text(selector = ".dialog"): string {
    return (this.root.querySelector(selector)?.textContent ?? "").replace(/\s+/g, " ").trim();
  }

  get faults(): string[] {
    return [...this.root.querySelectorAll('.said[data-fault="true"]')].map((one) => one.textContent?.trim() ?? "");
  }

  /** The control that a label names. */
  control(label: string): HTMLInputElement {
    const byLabel = [...this.root.querySelectorAll("label")].find((one) => (one.querySelector("b") ?? one).textContent?.trim() === label);
    const found = byLabel?.htmlFor ? this.root.querySelector(`#${byLabel.htmlFor}`) : (byLabel?.querySelector("input") ?? this.root.querySelector(`[aria-label="${label}"]`));
    if (!found) throw new Error(`No control ${label} in: ${this.text()}`);
    return found as HTMLInputElement;
  }

  async type(label: string, text: string): Promise<void> {
    const control = this.control(label);
    control.value = text;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    // A path that is typed is looked at once typing has rested.
    await this.pass(label === "Data" ? 0 : 290);
    this.draw();
  }

  async tick(label: string): Promise<void> {
    const control = this.control(label);
    control.checked = control.type === "radio" ? true : !control.checked;
    control.dispatchEvent(new Event("change", { bubbles: true }));
    await this.pass();
  }

  button(words: string): HTMLButtonElement {
    const found = [...this.root.querySelectorAll("button")].find((one) => one.textContent?.trim().startsWith(words));
    if (!found) throw new Error(`No button ${words} in: ${this.text()}`);
    return found;
  }

  async press(words: string): Promise<void> {
    const button = this.button(words);
    if (button.type === "submit") button.form?.dispatchEvent(new Event("submit", { cancelable: true }));
    else button.click();
    await this.pass();
  }

  /** Changes that were asked for: 'POST /api/znodes'. */
  get sent(): string[] {
    return this.office.asked.filter(({ verb }) => verb !== "GET").map(({ verb, address }) => `${verb} ${address}`);
  }
}

export function target(path: string, more: Partial<Target> = {}): Target {
  return { path, children: 0, ephemeral: false, locked: false, ...more };
}

export const problem = (code: string, text = "No.", more: object = {}): object => ({ problem: { code, text, hint: "" }, ...more });
