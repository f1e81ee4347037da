// Which znodes something is to be done to: those that are picked, else the one that is shown. Pure.
import type { View } from "../page/view";
import type { Znode } from "../protocol";
import { znodeTopic } from "../tree/topics";
import type { Target } from "./deeds";

export function shownTarget(view: View): Target[] {
  const { picked } = view.hands;
  if (picked.size) return picked.all.map(({ path, children }) => ({ path, children, ephemeral: false, locked: false }));
  if (view.selection?.kind !== "znode") return [];
  const { path } = view.selection;
  return targetOfZnode(path, view.store.value<Znode>(znodeTopic(path)));
}

/** None where it does not exist, or is not known yet. */
export function targetOfZnode(path: string, znode: Znode | null): Target[] {
  if (!znode?.exists) return [];
  return [{ path, children: znode.stat?.children ?? 0, ephemeral: znode.kind === "ephemeral", locked: znode.locked ?? false, redacted: znode.redacted ?? false }];
}
