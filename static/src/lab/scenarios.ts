// The scenarios of the class: each set up, done, checked and put back by itself.
import { nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function scenariosSection(_: View): TemplateResult | typeof nothing {
  return nothing;
}
