// Light or dark: what the person chose, else what the system prefers.

export type Theme = "light" | "dark";

const KEY = "zooscope-theme";

export class ThemeChoice {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");

  constructor(private readonly root: HTMLElement) {}

  start(): void {
    this.system.addEventListener("change", () => this.show());
    this.show();
  }

  get theme(): Theme {
    return this.chosen ?? (this.system.matches ? "dark" : "light");
  }

  toggle(): void {
    const theme: Theme = this.root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing still shows it, until the page is loaded again.
    }
    this.root.dataset.theme = theme;
  }

  private get chosen(): Theme | null {
    try {
      const kept = localStorage.getItem(KEY);
      return kept === "light" || kept === "dark" ? kept : null;
    } catch {
      return null;
    }
  }

  private show(): void {
    this.root.dataset.theme = this.theme;
  }
}
