// Panels of the figure and of the tree that may not have landed yet: a missing one is left blank.
import { nothing } from "lit-html";
import type { View } from "./view";

type Panel = (view: View, path: string) => unknown;
const found = import.meta.glob<Record<string, Panel>>("../{figure,tree}/{stage,timeline,treepanel,znodepane}.ts", { eager: true });
const panel = (file: string, name: string): Panel => found[`../${file}.ts`]?.[name] ?? (() => nothing);

export const stagePanel = panel("figure/stage", "stagePanel");
export const timelinePanel = panel("figure/timeline", "timelinePanel");
export const treePanel = panel("tree/treepanel", "treePanel");
export const znodePane = panel("tree/znodepane", "znodePane");
