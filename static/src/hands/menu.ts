// The menu of what can be done to a znode, or to several: below a button, or where somebody pressed.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { meter } from "../page/actionlist";
import { icon } from "../style/icons";
import { brief } from "../page/words";
import { COSTS, type Deed } from "./deeds";
import "./menu.css";

export interface MenuItem {
  deed: Deed;
  words: string;
  /** Why it cannot be done now; '' where it can. */
  off: string;
  /** The key that asks for it from where the menu was opened; '' for none. */
  key: string;
}

/** Space kept between the menu and the edge of the window, px. */
const MARGIN = 8;

export class Menu {
  private element: HTMLElement | null = null;

  constructor(
    readonly title: string,
    readonly items: readonly MenuItem[],
    private readonly at: { x: number; y: number },
    /** What gets the keyboard back. */
    private readonly opener: HTMLElement | null,
    private readonly act: (deed: Deed) => void,
    private readonly gone: () => void,
  ) {}

  view(): TemplateResult {
    const groups = COSTS.map((group) => ({ ...group, items: this.items.filter(({ deed }) => deed.cost === group.cost) })).filter(({ items }) => items.length);
    return html`<div class="menu" role="menu" aria-label=${`What can be done to ${this.title}`} @keydown=${this.onKey} @click=${this.onClick} @contextmenu=${prevent} ${ref(this.attach)}>
      <p class="menu-title" aria-hidden="true">${brief(this.title, 60)}</p>
      ${groups.map(
        ({ title, cost, severity, items }) => html`<div class="menu-group" role="group" aria-label=${title} data-cost=${cost}>
          <h3 aria-hidden="true">${meter(severity)}${title}</h3>
          ${items.map(itemView)}
        </div>`,
      )}
    </div>`;
  }

  /** Leave, and give the keyboard back to where it was. */
  close(): void {
    this.detach();
    this.opener?.focus({ preventScroll: true });
    this.gone();
  }

  private readonly attach = (element: Element | undefined): void => {
    if (!element) return this.detach();
    if (this.element) return;
    this.element = element as HTMLElement;
    document.addEventListener("pointerdown", this.onPress, true);
    window.addEventListener("resize", this.onLeave);
    // Its size is known once it is in the page.
    queueMicrotask(() => {
      this.place();
      this.buttons()[0]?.focus({ preventScroll: true });
    });
  };

  private detach(): void {
    this.element = null;
    document.removeEventListener("pointerdown", this.onPress, true);
    window.removeEventListener("resize", this.onLeave);
  }

  private place(): void {
    const { element } = this;
    if (!element) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = Math.max(MARGIN, Math.min(this.at.x, innerWidth - width - MARGIN));
    const top = Math.max(MARGIN, Math.min(this.at.y, innerHeight - height - MARGIN));
    element.style.setProperty("left", `${left}px`);
    element.style.setProperty("top", `${top}px`);
  }

  private readonly onPress = (event: Event): void => {
    if (this.element?.contains(event.target as Node)) return;
    this.onLeave();
  };

  private readonly onLeave = (): void => {
    this.detach();
    this.gone();
  };

  private readonly onClick = (event: Event): void => {
    const button = (event.target as Element).closest<HTMLElement>("[data-deed]");
    const item = this.items.find(({ deed }) => deed.id === button?.dataset["deed"]);
    if (!item || item.off) return;
    this.close();
    this.act(item.deed);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Enter" || event.key === " ") return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = this.buttons();
    const here = buttons.indexOf(document.activeElement as HTMLElement);
    if (step) buttons[(here + step + buttons.length) % buttons.length]?.focus();
    else if (event.key === "Home") buttons[0]?.focus();
    else if (event.key === "End") buttons.at(-1)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else if ([...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) this.seek(event.key, buttons, here);
    else return;
    event.preventDefault();
  };

  /** To the next item that begins with a letter. */
  private seek(letter: string, buttons: readonly HTMLElement[], here: number): void {
    const first = letter.toLowerCase();
    const turned = [...buttons.slice(here + 1), ...buttons.slice(0, here + 1)];
    turned.find((button) => button.textContent?.trim().toLowerCase().startsWith(first))?.focus();
  }

  private buttons(): HTMLElement[] {
    return [...(this.element?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  }
}

function itemView({ deed, words, off, key }: MenuItem): TemplateResult {
  return html`<button type="button" role="menuitem" tabindex="-1" data-deed=${deed.id} aria-disabled=${off ? "true" : nothing}>
    ${icon(deed.icon)}<span><b>${deed.label}</b><small>${off || words}</small></span>${key && !off ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing}
  </button>`;
}

function prevent(event: Event): void {
  event.preventDefault();
}
