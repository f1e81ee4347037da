// The servers: square-cornered slabs in a row. The one that leads the ensemble has a flag and a thick border.
import { nothing, svg, type SVGTemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Ensemble, Server } from "../protocol";
import { FLAG } from "./glyphs";
import { firstFit, fit, plain, textWidth } from "./text";
import { addressWords, roleWord, serverAria, serverLines } from "./words";

export interface Slab {
  server: Server;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Side of the square with the number. */
  square: number;
  flag: boolean;
}

/** Servers in the order of their numbers; those without a number last, by name. */
export function inOrder(ensemble: Ensemble): Server[] {
  return Object.values(ensemble.servers).sort((a, b) => {
    const [m, n] = [Number(a.id), Number(b.id)];
    if (Number.isFinite(m) && Number.isFinite(n)) return m - n;
    return Number.isFinite(m) ? -1 : Number.isFinite(n) ? 1 : a.id < b.id ? -1 : 1;
  });
}

/** One row of slabs over the width; beyond what fits, further rows. */
export function slabsFor(ensemble: Ensemble, width: number, top: number): Slab[] {
  const servers = inOrder(ensemble);
  if (!servers.length) return [];
  const columns = Math.min(servers.length, Math.max(3, Math.floor(width / 62)));
  const gap = columns > 5 || width < 560 ? 8 : 16;
  const slab = Math.min(340, (width - gap * (columns - 1)) / columns);
  const height = slab < 84 ? 44 : 68;
  const left = (width - (slab * columns + gap * (columns - 1))) / 2;
  return servers.map((server, i) => ({
    server, x: left + (i % columns) * (slab + gap), y: top + Math.floor(i / columns) * (height + 22), width: slab, height,
    square: slab >= 240 ? 48 : slab >= 190 ? 40 : slab >= 140 ? 36 : slab >= 100 ? 26 : 0, flag: server.role === "leading",
  }));
}

/** Where its words begin: right of its number, closer to it where there is little room. */
function insetOf({ square, width }: Slab): number {
  return square ? square + (width < 140 ? 16 : 20) : 8;
}

interface Text {
  y: number;
  text: string;
  bold: boolean;
  tone: string;
}

/** The words on a slab: title and two lines, in the longest wording that fits. */
export function slabText(slab: Slab, now: number): { title: string; role: string; roleBelow: boolean; size: number; lines: Text[] } {
  const { server } = slab;
  const inset = insetOf(slab);
  const room = slab.width - inset - 6;
  const title = `server ${plain(server.id)}`;
  const role = roleWord(server);
  const down = server.role === "down" || server.role === "looking";
  const named = !/^\d{1,3}$/.test(server.id);
  const heading = [16, 15].find((one) => textWidth(`${title} `, one, true) + textWidth(role, one, true) + 1 <= room);
  const whole = !named && heading !== undefined;
  const [second, third] = serverLines(server, now);
  const size = slab.width < 160 ? 14 : 15;
  const behind = (server.behind ?? 0) > 0;
  const tone = down ? "fail" : "";
  const pick = (choices: string[], bold: boolean): string => firstFit(choices, room, size, bold) || fit(choices[choices.length - 1] ?? "", room, size, bold);
  if (whole) return { title, role, roleBelow: false, size: heading, lines: [{ y: 42, text: pick(second, down), bold: down, tone }, { y: 60, text: pick(third, behind), bold: behind, tone: "" }] };
  const hasTitle = textWidth(title, 15, true) <= room && slab.square === 0 ? false : slab.square === 0;
  const rest = down ? pick([...second, ...third], false) : firstFit([...third, ...second, third[1] ?? ""], room, size, behind) || pick(third, behind);
  if (named) return { title: fit(plain(server.id), room, 16, true), role: "", roleBelow: true, size: 16, lines: [{ y: 42, text: fit(role, room, size, true), bold: true, tone: tone || (server.role === "leading" ? "of-leader" : "") }, { y: 60, text: rest, bold: behind, tone: "" }] };
  // Never just 'leader': the application has one too.
  if (server.role === "leading" && textWidth(role, 16, true) > room)
    return { title: "", role: "quorum", roleBelow: false, size: 16, lines: [{ y: 42, text: "leader", bold: true, tone: "of-leader" }, { y: 60, text: rest, bold: behind, tone: "" }] };
  const roleSize = [16, 15, 14].find((one) => textWidth(role, one, true) <= room) ?? 14;
  return { title: hasTitle ? title : "", role: fit(role, room, roleSize, true), roleBelow: false, size: roleSize, lines: [{ y: 42, text: rest, bold: behind, tone }, { y: 60, text: down ? "" : pick(second, false) === rest ? "" : pick(second, false), bold: false, tone: "" }] };
}

export interface SlabDrawing {
  slab: Slab;
  now: number;
  selected: boolean;
  reachable: boolean;
  select: () => void;
}

export function drawSlabs(list: readonly SlabDrawing[]): SVGTemplateResult {
  return svg`${repeat(list, (one) => one.slab.server.id, drawSlab)}`;
}

function drawSlab(d: SlabDrawing): SVGTemplateResult {
  const { slab, now } = d;
  const { server } = slab;
  const state = server.role === "leading" || server.role === "standalone" ? "leads" : server.role === "down" ? "down" : server.role === "looking" || server.role === "unknown" ? "looking" : "follows";
  const number = /^\d{1,3}$/.test(server.id) ? server.id : "";
  const tiny = slab.square === 0 && slab.height < 60;
  const text = slabText(slab, now);
  const inset = insetOf(slab);
  const top = (slab.height - slab.square) / 2;
  return svg`<g class="slab is-${state} ${server.voter === false ? "observer" : ""}" transform="translate(${slab.x} ${slab.y})">
    <g class="hit" role="button" tabindex=${d.reachable ? 0 : -1} aria-label=${serverAria(server, now)} aria-pressed=${d.selected} data-x=${slab.x + slab.width / 2} data-y=${slab.y + slab.height / 2} @click=${d.select}
      @keydown=${(event: KeyboardEvent) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); d.select(); } }}>
      <title>${`${addressWords(server)}${server.version ? `, ZooKeeper ${plain(server.version)}` : ""}${server.reason ? `: ${plain(server.reason)}` : ""}`}</title>
      ${d.selected ? svg`<rect class="chosen" x="-4" y="-4" width=${slab.width + 8} height=${slab.height + 8} rx="9"></rect>` : nothing}
      <rect class="body" width=${slab.width} height=${slab.height} rx="6"></rect>
      ${tiny
        ? svg`<text class="slab-number" x=${slab.width / 2} y=${slab.height / 2 + 7} font-size="20">${number || "·"}</text>`
        : svg`${slab.square ? svg`<rect class="square" fill=${state === "down" ? "url(#stage-hatch)" : nothing} x="10" y=${top} width=${slab.square} height=${slab.square} rx="5"></rect><text class="slab-number on-square" x=${10 + slab.square / 2} y=${slab.height / 2 + slab.square * 0.2} font-size=${slab.square * 0.58}>${number || "·"}</text>` : nothing}
          <text class="slab-title" x=${inset} y="23" font-size=${text.size}>${text.title ? svg`<tspan class="strong">${text.title}</tspan>` : nothing}${text.role && !text.roleBelow ? svg`<tspan class="role" dx=${text.title ? 5 : 0}>${text.role}</tspan>` : nothing}</text>
          ${text.lines.map((line) => (line.text ? svg`<text class="slab-line ${line.tone} ${line.bold ? "strong" : ""}" x=${inset} y=${line.y} font-size=${slab.width < 160 ? 14 : 15}>${line.text}</text>` : nothing))}`}
    </g>
    ${slab.flag ? svg`<path class="flag" d=${FLAG} transform="translate(8 1)"></path>` : nothing}
  </g>`;
}

/** The proposals of the leader to those that follow: a line below the slabs with a head at each follower. */
export function drawBus(slabs: readonly Slab[]): unknown {
  const leader = slabs.find((one) => one.flag);
  const followers = slabs.filter((one) => one.server.role === "following" || one.server.role === "observing");
  if (!leader || !followers.length || slabs.some((one) => one.y !== leader.y)) return nothing;
  const middle = (one: Slab): number => Math.round(one.x + one.width / 2);
  const foot = leader.y + leader.height;
  const y = foot + 11;
  const xs = [leader, ...followers].map(middle);
  return svg`<g class="bus"><path d="M${middle(leader)} ${foot + 2}V${y}M${Math.min(...xs)} ${y}H${Math.max(...xs)}${followers.map((one) => `M${middle(one)} ${y}V${foot + 7}`).join("")}"></path>
    <path class="bus-head" d=${followers.map((one) => `M${middle(one)} ${foot + 2}l-4 6h8z`).join("")}></path></g>`;
}
