// Which page is shown, and what is inspected, as an address that can be sent to someone else.
import { at, within } from "./base";
import { pageNamed, PAGES, type PageName } from "./pages";
import type { Selection } from "./view";

export interface Place {
  page: PageName;
  selection: Selection;
  /** The group on the stage, where one was chosen. */
  group?: string;
}

/** Read an address; whatever it holds that makes no sense is left out. */
export function parse(url: URL): Place {
  const place = within(url.pathname).replace(/\/+$/, "") || "/";
  const page = PAGES.find((one) => one.path === place)?.name ?? "cluster";
  const node = url.searchParams.get("node");
  const server = url.searchParams.get("server");
  const path = url.searchParams.get("znode");
  let selection: Selection = null;
  if (path?.startsWith("/")) selection = { kind: "znode", path };
  else if (node && page !== "tree") selection = { kind: "node", id: node };
  else if (server && page !== "tree") selection = { kind: "server", id: server };
  const group = url.searchParams.get("group");
  return { page, selection, ...(page === "cluster" && group?.startsWith("/") ? { group } : {}) };
}

/** The address of a place, the counterpart of `parse`. */
export function spell({ page, selection, group }: Place): string {
  const asked = page === "cluster" && group ? [`group=${encodeURIComponent(group)}`] : [];
  if (selection?.kind === "znode") asked.push(`znode=${encodeURIComponent(selection.path)}`);
  else if (selection && page !== "tree") asked.push(`${selection.kind}=${encodeURIComponent(selection.id)}`);
  return `${at(pageNamed(page).path)}${asked.length ? `?${asked.join("&")}` : ""}`;
}

/** Follows the browser's history. A change of page is a step in it; a change of what is inspected is not. */
export class Router {
  constructor(
    private readonly window: Window,
    private readonly moved: (place: Place) => void,
  ) {}

  start(): Place {
    this.window.addEventListener("popstate", () => this.moved(this.place));
    return this.place;
  }

  get place(): Place {
    return parse(new URL(this.window.location.href));
  }

  show(place: Place): void {
    const before = this.place;
    const address = spell(place);
    if (address === spell(before)) return;
    if (before.page === place.page) this.window.history.replaceState(null, "", address);
    else this.window.history.pushState(null, "", address);
  }
}
