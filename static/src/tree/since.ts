// An animation that began before its element did.
import { nothing } from "lit-html";
import { Directive, directive, PartType, type ElementPart, type PartInfo } from "lit-html/directive.js";

class Since extends Directive {
  private set = false;

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error("`since` stands on an element, not in an attribute");
  }

  render(_age: number): unknown {
    return nothing;
  }

  override update(part: ElementPart, [age]: [number]): unknown {
    // Once only: a running animation that is moved again at each drawing would run ahead.
    if (!this.set) (part.element as HTMLElement).style.animationDelay = `${-Math.max(0, Math.round(age))}ms`;
    this.set = true;
    return nothing;
  }
}

/** Let the element's CSS animation stand where it would be had it begun `age` ms ago. */
export const since = directive(Since);
