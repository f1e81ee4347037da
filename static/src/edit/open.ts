// The way in: a chunk of its own, which the page loads when somebody edits for the first time.
import type { Desk } from "../hands/sheet";
import { Editing } from "./editing";

export function edit(desk: Desk, path: string): void {
  void new Editing(desk, path).begin();
}
