// `style=${styles({ height: "28px" })}`: sets properties one by one. Lit's own styleMap writes the attribute at first,
// which a strict Content-Security-Policy refuses.
import { noChange } from "lit-html";
import { directive, Directive, PartType, type AttributePart, type PartInfo } from "lit-html/directive.js";

class Styles extends Directive {
  private before: readonly string[] = [];

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ATTRIBUTE || part.name !== "style") throw new Error("styles() belongs into a style attribute.");
  }

  render(_styles: Readonly<Record<string, string>>): unknown {
    return noChange;
  }

  override update(part: AttributePart, [styles]: [Readonly<Record<string, string>>]): unknown {
    const { style } = part.element as HTMLElement;
    for (const name of this.before) if (!(name in styles)) style.removeProperty(name);
    for (const [name, value] of Object.entries(styles)) style.setProperty(name, value);
    this.before = Object.keys(styles);
    return noChange;
  }
}

/** Properties by their names in CSS: `margin-top`, `--in`. */
export const styles = directive(Styles);
