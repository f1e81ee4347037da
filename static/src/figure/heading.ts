// What stands above the stage: what is shown, in words; the last failover as a bar; the choice of another group.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Chapter, Failover, Group, Stage } from "../protocol";
import type { View } from "../page/view";
import { plain } from "./text";
import { working, workloadLine } from "./loads";
import { told } from "./marks";
import { stageWords } from "./stagewords";
import { clock, duration } from "./words";

const KINDS: Record<Group["kind"], string> = { election: "election", lock: "lock", membership: "group", registry: "registry" };

export function heading(view: View): TemplateResult {
  const { stage } = view;
  const groups = Object.values(view.groups?.groups ?? {});
  const group = stage?.group ? view.groups?.groups[stage.group] : undefined;
  const earlier = earlierChapter(view);
  const failover = !earlier && stage?.failover && isMeasured(stage.failover) && failoverIsTold(stage.failover, told(view.story, view.chapter), view.now) ? stage.failover : null;
  const workload = working(view);
  const choice = groups.length > 1 || (stage?.group && !group && groups.length > 0);
  const crowded = Boolean(choice) && view.width < 1700;
  const elsewhere = stage?.followed && stage.group !== stage.followed ? html`<p class="stage-aside">Lanes: <bdi>${plain(stage.followed)}</bdi>.</p>` : nothing;
  const note = earlier ? `The stage shows now, not ${clock(earlier.at)}.` : workload ? workloadLine(workload) : stage ? stageWords(stage, group, failover !== null, view.now) : "";
  return html`<header class="stage-head">
    <h2>The application</h2>
    ${note ? html`<p class="stage-note ${earlier ? "of-now" : ""}"><bdi>${note}</bdi></p>` : nothing}
    ${elsewhere}
    ${failover && !(workload && crowded) ? failoverBar(failover, crowded) : nothing}
    ${stage && choice ? chooser(view, stage, groups) : nothing}
  </header>`;
}

/** The chapter that is told, where it is not the newest: sentence, numerals and lanes are of then, the stage is not. */
export function earlierChapter(view: View): Chapter | null {
  const order = view.story?.order ?? [];
  if (view.chapter === null || view.chapter === order[order.length - 1]) return null;
  return view.story?.chapters[view.chapter] ?? null;
}

/** For how long the bar stays after a failover, ms, whatever is told meanwhile. */
const SHOWN_FOR = 60_000;

/** The bar belongs to one story: it stands beside that, and for a minute. */
export function failoverIsTold(failover: Failover, chapter: Chapter | null, now: number): boolean {
  if (now - failover.at < SHOWN_FOR) return true;
  return chapter !== null && failover.at >= chapter.at - 1 && failover.at <= (chapter.end ?? chapter.at) + 1_000;
}

const isMeasured = (failover: Failover): boolean => failover.detect !== undefined && failover.elect !== undefined;

function chooser(view: View, stage: Stage, groups: Group[]): TemplateResult {
  const chosen = (event: Event): void => view.send({ want: "group", path: (event.target as HTMLSelectElement).value });
  const shown = stage.group ?? "";
  return html`<label class="stage-group"><span class="sr">Group on the stage</span>
    <select @change=${chosen}>
      ${groups.some((one) => one.path === shown) ? nothing : html`<option value=${shown} .selected=${true}>${plain(shown).slice(0, 60)} (gone)</option>`}
      ${groups.map((one) => html`<option value=${one.path} .selected=${one.path === shown}>${KINDS[one.kind]} ${plain(one.path).slice(0, 60)}</option>`)}
    </select></label>`;
}

/** How long noticing took against how long choosing took. The parts keep their proportion down to 2 px. */
function failoverBar(failover: Failover, brief: boolean): TemplateResult | typeof nothing {
  const { detect, elect, way } = failover;
  if (detect === undefined || elect === undefined) return nothing;
  const whole = Math.max(1, detect + elect);
  const chosen = Math.max(2, (elect / whole) * 96);
  const lost = way ? `the leader was ${way}` : "the leader was lost";
  const says = `Last failover, ${clock(failover.at)}: ${lost}. It took ${duration(whole)}: ${duration(detect)} until its znode went, ${duration(elect)} to elect`;
  const name = brief ? (way ? `leader ${way}` : "failover") : `Last failover, ${clock(failover.at)}${way ? `, leader ${way}` : ""}`;
  return html`<p class="failover" title=${says}>
    <span class="sr">${says}</span>
    <span class="failover-name" aria-hidden="true">${name}</span>
    <span aria-hidden="true"><b>${duration(detect)}</b> to detect</span>
    <svg width="98" height="10" viewBox="0 0 98 10" aria-hidden="true"><rect class="detect" x="0.5" y="0.5" width=${97 - chosen - 1} height="9"></rect><rect class="elect" x=${97 - chosen} y="0.5" width=${chosen} height="9"></rect></svg>
    <span aria-hidden="true"><b>${duration(elect)}</b> to elect</span>
  </p>`;
}
