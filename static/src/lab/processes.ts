// The lab's processes and what they take of this machine.
import { nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function processesSection(_: View): TemplateResult | typeof nothing {
  return nothing;
}
