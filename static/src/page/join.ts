// The address that viewers open, as the web process tells it to operators.
import type { Problem } from "../protocol";
import { at } from "./base";

export async function joinAddress(): Promise<{ url: string; problem: Problem | null }> {
  try {
    const response = await fetch(at("/api/me"), { credentials: "same-origin", headers: { Accept: "application/json" } });
    const body = (await response.json()) as { join?: unknown };
    if (typeof body.join === "string" && /^https?:\/\//.test(body.join)) return { url: body.join, problem: null };
  } catch {
    return { url: "", problem: { code: "failed", text: "The web process did not answer.", hint: "Try again." } };
  }
  return { url: "", problem: { code: "failed", text: "The web process does not tell the address.", hint: "It stands in the terminal that started Zooscope." } };
}
