// Which faults go on, how long each still lasts, and the way back.
import { nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function faultsSection(_: View): TemplateResult | typeof nothing {
  return nothing;
}
