// Whose session holds what, by the name of the node where it is known. Pure.
import type { View } from "../page/view";
import { visible } from "../page/words";
import type { Znode } from "../protocol";

/** 'node-3', or '' where no node on the stage has this session. */
export function nodeOfSession(view: View, session: string): string {
  return Object.values(view.stage?.nodes ?? {}).find((node) => node.session === session)?.name ?? "";
}

/** What deleting an ephemeral znode means for the session that owns it. */
export function holderWords(view: View, { stat, holder, leads }: Znode): string {
  const session = stat?.owner ?? "";
  if (session && session === view.status?.session) return "The bridge of this Zooscope holds it; nobody else does.";
  const name = visible(holder || nodeOfSession(view, session));
  const who = name ? `${name} holds it${leads ? ", and leads by it" : ""}` : `Session ${session} holds it`;
  return `${who}. That session lives on: unless it watches this znode, it goes on as if it still had it.`;
}
