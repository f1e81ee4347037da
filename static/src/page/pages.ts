// The pages that there are, in the order of the links to them, and what each draws beside the figure and the tree.
import type { TemplateResult } from "lit-html";
import { ensemblePage } from "../ensemble/ensemblepage";
import { labPage } from "../lab/labpage";
import { sessionsPage } from "../sessions/sessionspage";
import type { View } from "./view";

export type PageName = "cluster" | "tree" | "ensemble" | "sessions" | "lab";

export interface Page {
  name: PageName;
  /** Below the cluster's own address. */
  path: string;
  words: string;
  glyph: string;
  key: string;
  /** What a person reads of it in the list of keys. */
  says: string;
  /** What fills it; the figure and the tree have places of their own. */
  draw?: (view: View) => TemplateResult;
  /** Only where Zooscope started the servers. */
  lab?: boolean;
}

export const PAGES: readonly Page[] = [
  { name: "cluster", path: "/", words: "Cluster", glyph: "i-flag", key: "c", says: "Cluster" },
  { name: "tree", path: "/tree", words: "Tree", glyph: "i-tree", key: "r", says: "Tree" },
  { name: "ensemble", path: "/ensemble", words: "Ensemble", glyph: "i-servers", key: "q", says: "Ensemble: servers, quorum, plots", draw: ensemblePage },
  { name: "sessions", path: "/sessions", words: "Sessions", glyph: "i-sessions", key: "s", says: "Sessions and watches", draw: sessionsPage },
  { name: "lab", path: "/lab", words: "Lab", glyph: "i-lab", key: "l", says: "Lab: faults and scenarios", draw: labPage, lab: true },
];

/** Those that this cluster has. */
export function pagesOf(view: View): readonly Page[] {
  return PAGES.filter((page) => !page.lab || view.status?.lab === true);
}

export function pageNamed(name: PageName): Page {
  return PAGES.find((page) => page.name === name)!;
}
