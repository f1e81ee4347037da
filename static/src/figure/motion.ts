/** Whether the person asked for little motion. */
const asked = typeof matchMedia === "function" ? matchMedia("(prefers-reduced-motion: reduce)") : null;

export function calm(): boolean {
  return asked?.matches ?? true;
}
