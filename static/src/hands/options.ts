// What can be asked for of copies and imports. Pure.
import type { Choice } from "./form";

export type Existing = "fail" | "skip" | "overwrite";
export type Ephemerals = "skip" | "persistent";

export const EXISTING: readonly Choice<Existing>[] = [
  { value: "fail", label: "refuse", words: "Nothing is done where a znode there differs." },
  { value: "skip", label: "keep", words: "What is there stays as it is; only what is missing is made." },
  { value: "overwrite", label: "overwrite", words: "Data and ACL of what is there are replaced." },
];

export const EPHEMERALS: readonly Choice<Ephemerals>[] = [
  { value: "skip", label: "leave out", words: "They belong to sessions that are not ours." },
  { value: "persistent", label: "as persistent", words: "They stay until somebody deletes them." },
];
