// Shapes that the figure is drawn with.

/** A crown 38 by 24, its middle at 0 and its foot at 0. */
export const CROWN = "M-15 0L-18 -15L-8 -8.7L0 -21L8 -8.7L18 -15L15 0Z";
/** A flag, its foot at 0 0. */
export const FLAG = "M0 0V-19M0 -19H15L11.5 -13.5L15 -8H0Z";
export const CHECK = "M-5 0.5L-1.5 4L5 -4";
export const PAUSE = "M-3 -5.5V5.5M3 -5.5V5.5";
export const CROSS = "M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5";

/** A gravestone round 0 0, `r` being the radius of the ring that it stands in. */
export function gravestone(r: number): { stone: string; ground: string; cross: string } {
  const w = r * 0.55;
  const foot = r * 0.67;
  const shoulder = -r * 0.15;
  return {
    stone: `M${-w} ${foot}V${shoulder}a${w} ${w} 0 0 1 ${2 * w} 0V${foot}Z`,
    ground: `M${-r * 0.81} ${foot}H${r * 0.81}`,
    cross: `M${-r * 0.12} ${-r * 0.38}H${r * 0.12}M0 ${-r * 0.5}V${-r * 0.2}`,
  };
}

/** Part of a ring from 12 o'clock clockwise, as a dash pattern of a circle that is turned by -90 degrees. */
export function ringDash(radius: number, part: number): string {
  const round = 2 * Math.PI * radius;
  return `${(round * part).toFixed(2)} ${(round + 1).toFixed(2)}`;
}
