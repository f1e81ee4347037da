// Paths of znodes, spelled as ZooKeeper accepts them. Pure.
import { plain } from "./names";

export const ROOT = "/";

/** Below it are ZooKeeper's own znodes. */
export const ZOOKEEPER = "/zookeeper";

export function join(parent: string, name: string): string {
  return parent === ROOT ? `/${name}` : `${parent}/${name}`;
}

/** The path above; '/' is its own parent. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** The last segment; '' for '/'. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Every path above, from '/' down to the parent; none for '/'. */
export function above(path: string): string[] {
  const found: string[] = [];
  for (let at = path; at !== ROOT; ) {
    at = parentOf(at);
    found.unshift(at);
  }
  return found;
}

export function isUnder(path: string, ancestor: string): boolean {
  return ancestor === ROOT ? path !== ROOT : path.startsWith(`${ancestor}/`);
}

/** What is wrong with a path that a person typed, and what to do; '' for a good one. */
export function fault(path: string): string {
  if (path === "") return "Type a path, such as /election.";
  if (!path.startsWith("/")) return `A path starts with '/': try /${plain(path.slice(0, 60))}.`;
  if (path === ROOT) return "";
  if (path.endsWith("/")) return "A path does not end with '/': leave the last one out.";
  for (const segment of path.slice(1).split("/")) {
    if (segment === "") return "The path has '//' in it: there is a name missing between the two.";
    if (segment === "." || segment === "..") return `ZooKeeper has no relative paths: '${segment}' cannot be a name.`;
  }
  // eslint-disable-next-line no-control-regex
  const bad = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/.exec(path);
  if (bad) return `ZooKeeper does not allow the character ${plain(bad[0])} in a name (position ${bad.index + 1}).`;
  if (path.length > 3000) return `The path has ${path.length} characters; at most 3,000 can be asked for.`;
  return "";
}
