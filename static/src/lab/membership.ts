// Which servers there are: adding, removing, and letting one begin with nothing.
import { nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function membershipSection(_: View): TemplateResult | typeof nothing {
  return nothing;
}
