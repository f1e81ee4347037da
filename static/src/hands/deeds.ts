// What can be done to a znode, grouped by what it costs, each with its consequence in one line. Pure.
import { count } from "../tree/names";
import { isUnder, parentOf, ROOT } from "../tree/paths";
import type { Permits } from "./permits";

export type DeedId =
  | "copy-path" | "compare" | "export" | "create" | "copy" | "import" | "edit" | "acl" | "rename" | "move" | "delete" | "clear";

/** What a deed costs: nothing, since it only reads; it adds; it changes what is there; it deletes. */
export type Cost = "reads" | "adds" | "changes" | "deletes";

export const COSTS: readonly { cost: Cost; title: string; severity: number }[] = [
  { cost: "reads", title: "Changes nothing", severity: 0 },
  { cost: "adds", title: "Adds to the tree", severity: 1 },
  { cost: "changes", title: "Changes what is there", severity: 2 },
  { cost: "deletes", title: "Deletes data", severity: 3 },
];

/** A znode as far as a deed must know it. */
export interface Target {
  path: string;
  children: number;
  ephemeral: boolean;
  /** The bridge's session may not read it. */
  locked: boolean;
  /** Its data are not shown to this person. */
  redacted?: boolean;
}

export interface Deed {
  id: DeedId;
  label: string;
  icon: string;
  cost: Cost;
  /** The key that asks for it, as the keys dialog writes it. */
  key: string;
  /** The one in the tree, where letters look for names; left out where it is the same. */
  treeKey?: string;
  /** Whether it can be done to several at a time. */
  many: boolean;
  permitted(permits: Permits, path: string): boolean;
  /** Why it cannot be done to this znode, whoever asks; '' where it can. */
  hindered(target: Target): string;
  words(target: Target): string;
}

const NEVER_ROOT = (target: Target): string => (target.path === ROOT ? "Not with the root." : "");
const LEAF_ONLY = ({ ephemeral }: Target): string => (ephemeral ? "An ephemeral znode has no children." : "");
const READABLE = ({ locked }: Target): string => (locked ? "Zooscope may not read it." : "");
const SEEN = (target: Target): string => (target.redacted ? "Its data is not shown to you." : READABLE(target));

export const DEEDS: readonly Deed[] = [
  {
    id: "copy-path", label: "Copy path", icon: "i-copy", cost: "reads", key: "", many: true,
    permitted: () => true, hindered: () => "", words: () => "To the clipboard.",
  },
  {
    id: "compare", label: "Compare…", icon: "i-compare", cost: "reads", key: "", many: false,
    permitted: () => true, hindered: READABLE, words: () => "With another subtree, or with an export.",
  },
  {
    id: "export", label: "Export…", icon: "i-export", cost: "reads", key: "", many: true,
    permitted: (permits, path) => permits.may("subtree.export", path), hindered: READABLE,
    words: ({ children }) => (children ? "It and all below, as a file." : "As a file."),
  },
  {
    id: "create", label: "Create child…", icon: "i-plus", cost: "adds", key: "n", treeKey: "Ins", many: false,
    permitted: (permits, path) => permits.may("znode.create", path), hindered: LEAF_ONLY, words: () => "Of any kind, with data and ACL.",
  },
  {
    id: "copy", label: "Copy to…", icon: "i-copy", cost: "adds", key: "", many: false,
    permitted: (permits) => permits.anywhere("subtree.copy"), hindered: (target) => NEVER_ROOT(target) || READABLE(target),
    words: ({ children }) => (children ? "It and all below, a second time." : "A second time, elsewhere."),
  },
  {
    id: "import", label: "Import here…", icon: "i-import", cost: "adds", key: "", many: false,
    permitted: (permits, path) => permits.may("subtree.import", path, true), hindered: LEAF_ONLY, words: () => "An export; a dry run comes first.",
  },
  {
    id: "edit", label: "Edit data", icon: "i-edit", cost: "changes", key: "e", treeKey: "", many: false,
    permitted: (permits, path) => permits.may("znode.set", path), hindered: SEEN, words: () => "Only if nobody wrote meanwhile.",
  },
  {
    id: "acl", label: "Change ACL…", icon: "i-key", cost: "changes", key: "", many: true,
    permitted: (permits, path) => permits.may("znode.acl", path), hindered: () => "",
    words: ({ children }) => (children ? "Who may do what, here or on all below." : "Who may do what with it."),
  },
  {
    id: "rename", label: "Rename…", icon: "i-rename", cost: "changes", key: "F2", many: false,
    permitted: (permits, path) => permits.may("subtree.move", path, true), hindered: (target) => NEVER_ROOT(target) || READABLE(target),
    words: () => "Copied to the new name, then deleted.",
  },
  {
    id: "move", label: "Move to…", icon: "i-move", cost: "changes", key: "m", treeKey: "", many: false,
    permitted: (permits, path) => permits.may("subtree.move", path, true), hindered: (target) => NEVER_ROOT(target) || READABLE(target),
    words: () => "Copied there, then deleted here.",
  },
  {
    id: "delete", label: "Delete…", icon: "i-x", cost: "deletes", key: "Del", many: true,
    permitted: (permits, path) => permits.may("znode.delete", path),
    hindered: (target) => NEVER_ROOT(target) || (target.children ? `Refused while it has ${children(target.children)}.` : ""),
    words: () => "If it is still as you see it.",
  },
  {
    id: "clear", label: "Delete with all below…", icon: "i-x", cost: "deletes", key: "", many: false,
    permitted: (permits, path) => permits.may("subtree.delete", path, true),
    hindered: (target) => NEVER_ROOT(target) || (target.children ? "" : "There is nothing below it."),
    words: () => "Counts first, and asks for the path.",
  },
];

export function deedOf(id: DeedId): Deed {
  return DEEDS.find((deed) => deed.id === id) as Deed;
}

/** The deeds that this person may do to all of these, cheapest first. */
export function permitted(permits: Permits, paths: readonly string[]): Deed[] {
  return DEEDS.filter((deed) => (paths.length === 1 || deed.many) && paths.every((path) => deed.permitted(permits, path)));
}

/** Without those that lie below another of them, which goes with it. */
export function tops(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => isUnder(path, other)));
}

/** Whether moving or copying a subtree there would put it inside itself. */
export function insideItself(path: string, to: string): boolean {
  return to === path || isUnder(to, path);
}

/** '1 child', '1,200 children' */
export function children(number: number): string {
  return number === 1 ? "1 child" : `${count(number)} children`;
}

/** Where a renamed znode stands. */
export function renamed(path: string, name: string): string {
  const parent = parentOf(path);
  return parent === ROOT ? `/${name}` : `${parent}/${name}`;
}
