// What stands above the stage: what is shown, in words; the last failover as a bar; the choice of another group.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Chapter, Failover, Group, Stage } from "../protocol";
import type { View } from "../page/view";
import { plain } from "./text";
import { working, workloadLine } from "./loads";
import { told } from "./marks";
import { clock, duration } from "./words";

const KINDS: Record<Group["kind"], string> = { election: "election", lock: "lock", membership: "group", registry: "registry" };

/** What the group on the stage is, in one or two sentences. */
export function stageWords(stage: Stage, group: Group | undefined, beside = false): string {
  const path = plain(stage.group ?? "");
  if (!path) return "";
  if (group && group.sure === false) return "A lock or an election: the lowest number has it, each waits for the one ahead.";
  if (group?.kind === "lock") return "Lowest number holds the lock; each arrow is a watch on the one just ahead.";
  if (group?.kind === "membership" || group?.kind === "registry") return `Members of ${path}. None of them leads.`;
  const arrows = Object.values(stage.nodes).some((one) => one.watches);
  // Beside the failover bar there is room for the rule alone, on one line.
  return `Lowest number leads${arrows && !beside ? "; each arrow is a watch on the one just ahead" : ""}.`;
}

export function heading(view: View): TemplateResult {
  const { stage } = view;
  const groups = Object.values(view.groups?.groups ?? {});
  const group = stage?.group ? view.groups?.groups[stage.group] : undefined;
  const failover = stage?.failover && failoverIsTold(stage.failover, told(view.story, view.chapter), view.now) ? stage.failover : null;
  const workload = working(view);
  const crowded = groups.length > 1 && view.width < 1700;
  return html`<header class="stage-head">
    <h2>The application</h2>
    ${stage && (workload || !(failover && crowded)) ? html`<p class="stage-note"><bdi>${workload ? workloadLine(workload) : stageWords(stage, group, failover !== null)}</bdi></p>` : nothing}
    ${failover && !(workload && crowded) ? failoverBar(failover) : nothing}
    ${stage && groups.length > 1 ? chooser(view, stage, groups) : nothing}
  </header>`;
}

/** For how long the bar stays after a failover, ms, whatever is told meanwhile. */
const SHOWN_FOR = 60_000;

/** The bar belongs to one story: it stands beside that, and for a minute. */
export function failoverIsTold(failover: Failover, chapter: Chapter | null, now: number): boolean {
  if (now - failover.at < SHOWN_FOR) return true;
  return chapter !== null && failover.at >= chapter.at - 1 && failover.at <= (chapter.end ?? chapter.at) + 1_000;
}

function chooser(view: View, stage: Stage, groups: Group[]): TemplateResult {
  const chosen = (event: Event): void => view.send({ want: "group", path: (event.target as HTMLSelectElement).value });
  return html`<label class="stage-group"><span class="sr">Group on the stage</span>
    <select @change=${chosen}>
      ${groups.map((one) => html`<option value=${one.path} ?selected=${one.path === stage.group}>${KINDS[one.kind]} ${plain(one.path).slice(0, 60)}</option>`)}
    </select></label>`;
}

/** How long noticing took against how long choosing took. The parts keep their proportion down to 2 px. */
function failoverBar(failover: Failover): TemplateResult | typeof nothing {
  const { detect, elect } = failover;
  if (detect === undefined || elect === undefined) return nothing;
  const whole = Math.max(1, detect + elect);
  const chosen = Math.max(2, (elect / whole) * 96);
  const says = `Last failover, ${clock(failover.at)}, took ${duration(whole)}: ${duration(detect)} to detect the death, ${duration(elect)} to elect`;
  return html`<p class="failover" title=${says}>
    <span class="sr">${says}</span>
    <span class="failover-name" aria-hidden="true">Last failover, ${clock(failover.at)}</span>
    <span aria-hidden="true"><b>${duration(detect)}</b> to detect</span>
    <svg width="98" height="10" viewBox="0 0 98 10" aria-hidden="true"><rect class="detect" x="0.5" y="0.5" width=${97 - chosen - 1} height="9"></rect><rect class="elect" x=${97 - chosen} y="0.5" width=${chosen} height="9"></rect></svg>
    <span aria-hidden="true"><b>${duration(elect)}</b> to elect</span>
  </p>`;
}
