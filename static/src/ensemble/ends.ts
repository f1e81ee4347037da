// The labels at the ends of lines: those at one height share one, and none covers another. Pure.
import type { Track } from "./series";

export interface End {
  track: Track;
  y: number;
}

export interface Group {
  tracks: Track[];
  /** Where the line ends, and where its label stands. */
  y: number;
  at: number;
}

/** Lines that end within `near` of each other share a label. */
export function together(ends: End[], near: number): Group[] {
  const groups: Group[] = [];
  for (const { track, y } of [...ends].sort((a, b) => a.y - b.y)) {
    const before = groups.at(-1);
    if (before && y - before.y < near) before.tracks.push(track);
    else groups.push({ tracks: [track], y, at: y });
  }
  return groups;
}

/** Labels apart from each other and inside, in the order of their lines. */
export function spread(groups: Group[], apart: number, top: number, bottom: number): Group[] {
  let least = top;
  for (const group of groups) {
    group.at = Math.max(group.y, least);
    least = group.at + apart;
  }
  let most = bottom;
  for (const group of [...groups].reverse()) {
    group.at = Math.min(group.at, most);
    most = group.at - apart;
  }
  return groups;
}

/** '1', '1 3', '1–3 5': as short as it goes. Names of servers without numbers are cut. */
export function short(servers: string[]): string {
  const numbers = servers.map(Number).sort((a, b) => a - b);
  if (numbers.some((number) => !Number.isInteger(number))) return servers.length > 1 ? `${servers.length} servers` : `${servers[0]!.slice(0, 6)}…`;
  const parts: string[] = [];
  for (let at = 0; at < numbers.length; ) {
    let end = at;
    while (numbers[end + 1] === numbers[end]! + 1) end += 1;
    parts.push(end - at > 1 ? `${numbers[at]}–${numbers[end]}` : numbers.slice(at, end + 1).join(" "));
    at = end + 1;
  }
  return parts.join(" ");
}
