// What an action is called in a notice of what came of it.
import { endWords, toWords } from "../lab/words";
import { ADD, ADD_SERVER, actionOf, HEAL } from "./consequences";

/** 'Kill node-3', 'Stop server 2', 'Slow server 1 and the other servers'. */
export function called(method: string, id: string): string {
  const label = actionOf(method)?.label ?? method;
  if ([ADD, ADD_SERVER, HEAL].some((one) => one.method === method)) return label;
  const [from = "", to = ""] = id.split(">");
  if (method.startsWith("link.") && to) return `${label} ${endWords(from)} and ${toWords(from, to)}`;
  return `${label} ${method.startsWith("server.") ? `server ${id}` : id}`;
}
