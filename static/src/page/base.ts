// Where this page's cluster is served: at the root, or below /c/NAME where there are several.

const base = (): string => document.querySelector<HTMLElement>("#app")?.dataset["base"] ?? "";

/** An address of this cluster, such as '/api/me' or '/tree', as the web process knows it. */
export const at = (address: string): string => base() + address;

/** The counterpart of `at`. */
export function within(pathname: string): string {
  return base() && pathname.startsWith(`${base()}/`) ? pathname.slice(base().length) : pathname;
}
