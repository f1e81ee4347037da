// The dialog that the editor stands in: its element, its keys, and what happens when it or the page is closed.

export interface Owner {
  /** Whether something would be lost. */
  readonly dirty: boolean;
  save(): void;
  /** It was asked to close. */
  leave(): void;
  /** Keep what is typed: the page may be gone in a moment. */
  keep(): void;
  /** It is closed, by whatever. */
  ended(): void;
}

export class EditDialog {
  readonly element = document.createElement("dialog");
  /** Where the editor, and the comparison, stand. */
  readonly editorHost = document.createElement("div");
  readonly compareHost = document.createElement("div");

  constructor(private readonly owner: Owner) {
    this.element.className = "edit";
    this.element.setAttribute("aria-labelledby", "edit-title");
    this.editorHost.className = this.compareHost.className = "edit-host";
    this.element.addEventListener("keydown", this.key);
    this.element.addEventListener("cancel", (event) => {
      event.preventDefault();
      owner.leave();
    });
    this.element.addEventListener("close", () => {
      window.removeEventListener("beforeunload", this.unload);
      owner.ended();
      this.element.remove();
    });
  }

  open(): void {
    window.addEventListener("beforeunload", this.unload);
    document.body.append(this.element);
    this.element.showModal();
  }

  close(): void {
    this.element.close();
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "s" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      if (!event.defaultPrevented) this.owner.save();
      event.preventDefault();
    } else if (event.key === "Escape") {
      // The browser would close the dialog at the second press, whatever stands in it.
      if (!event.defaultPrevented) this.owner.leave();
      event.preventDefault();
    }
  };

  private readonly unload = (event: BeforeUnloadEvent): void => {
    if (!this.owner.dirty) return;
    this.owner.keep();
    event.preventDefault();
  };
}
