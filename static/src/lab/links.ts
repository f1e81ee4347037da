// The network between the lab's processes: each link's state, and what can be done to it.
import { nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function linksSection(_: View): TemplateResult | typeof nothing {
  return nothing;
}
