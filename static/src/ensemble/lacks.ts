// What servers did not tell, said once for all of which it is so, with the setting that would have it told.
import { html, nothing, type TemplateResult } from "lit-html";
import { plural, visible } from "../page/words";
import type { Detail, Lack, Server } from "../protocol";

export const WOULD_TELL: Record<Lack["of"], string> = {
  mntr: "Watches, ephemerals, data size, files and times",
  AdminServer: "The last snapshot, who is connected, and when sessions expire",
  veil: "Watches, ephemerals and data size",
};

export const lacksOf = (detail: Detail | undefined): readonly Lack[] => detail?.lacks ?? [];

export interface Missing {
  lack: Lack;
  servers: string[];
}

/** The same lack of several servers once. Ports differ from server to server, and make no difference. */
export function gathered(list: readonly Server[], details: Readonly<Record<string, Detail>>): Missing[] {
  const found = new Map<string, Missing>();
  for (const { id } of list)
    for (const lack of lacksOf(details[id])) {
      const key = `${lack.of} ${lack.why} ${lack.setting ?? ""}`.replace(/\b\d{2,5}\b/g, "N");
      const known = found.get(key);
      if (known) known.servers.push(id);
      else found.set(key, { lack, servers: [id] });
    }
  return [...found.values()];
}

export function lacksNote(list: readonly Server[], details: Readonly<Record<string, Detail>>): TemplateResult | typeof nothing {
  const all = gathered(list, details);
  if (!all.length) return nothing;
  const telling = list.filter(({ id }) => details[id]).length;
  return html`<div class="lacks"><h3>Not told</h3><ul>${all.map((one) => html`<li>${sentence(one, telling)}</li>`)}</ul></div>`;
}

function sentence({ lack, servers }: Missing, telling: number): TemplateResult {
  const by = servers.length === telling && telling > 1 ? "no server" : servers.length > 5 ? plural(servers.length, "server") : `server${servers.length > 1 ? "s" : ""} ${servers.map(visible).join(", ")}`;
  const what = WOULD_TELL[lack.of];
  if (lack.of === "veil") return html`<b>${what}</b>: ${visible(lack.why)}.`;
  const them = servers.length === telling && telling > 1 ? `${by} tells it` : `not by ${by}`;
  return html`<b>${what}</b> (${them}): ${visible(lack.why)}.${lack.setting ? html` <span class="lack-setting">It takes ${visible(lack.setting)}.</span>` : nothing}`;
}
