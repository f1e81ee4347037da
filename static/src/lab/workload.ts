// The workload of tasks: its rates and its queues.
import { nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function workloadSection(_: View): TemplateResult | typeof nothing {
  return nothing;
}
