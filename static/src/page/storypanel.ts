// The headline: one sentence on what just happened, its numerals standing again wherever it happened.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Chapter, Part } from "../protocol";
import { gravesButton } from "./graves";
import { icon } from "../style/icons";
import { ADD } from "./consequences";
import type { Selection, View } from "./view";
import { ago, timeOfDay, visible, znodeName } from "./words";
import "./storypanel.css";

/** A sentence longer than this is set smaller, so that it still fits the lines that are kept for it. */
const LONG = 150;
const VERY_LONG = 240;

function size(characters: number): "no" | "long" | "very" {
  return characters > VERY_LONG ? "very" : characters > LONG ? "long" : "no";
}

/** So long after it happened a chapter is 'just now'. */
const JUST = 30_000;

/** The chapter that is told, its place, and the ids before and after it; null without any. */
export function told(view: View): { chapter: Chapter; index: number; count: number; back: string | null; on: string | null } | null {
  const order = view.story?.order ?? [];
  const chapters = view.story?.chapters ?? {};
  const chosen = view.chapter === null ? -1 : order.indexOf(view.chapter);
  const index = chosen < 0 ? order.length - 1 : chosen;
  const chapter = chapters[order[index] ?? ""];
  if (!chapter) return null;
  return { chapter, index, count: order.length, back: order[index - 1] ?? null, on: order[index + 1] ?? null };
}

/** What stepping on from a chapter asks for: the newest is followed, not held. */
export function stepOn(view: View): string | null {
  const now = told(view);
  return now && now.index < now.count - 2 ? now.on : null;
}

export function storyPanel(view: View): TemplateResult {
  const now = told(view);
  return html`<div class="story">
    <div class="telling">
      <div class="when">${now ? when(view, now) : html`<b>${view.status ? "So far" : "…"}</b>`}</div>
      <p class="headline" data-long=${now ? size(length(now.chapter.parts)) : "no"}>${now ? sentence(view, now.chapter.parts) : quiet(view)}</p>
    </div>
    <div class="story-acts">${addButton(view)}${gravesButton(view)}</div>
  </div>`;
}

function when(view: View, now: NonNullable<ReturnType<typeof told>>): TemplateResult {
  const age = view.now - now.chapter.at;
  const newest = now.on === null;
  const first = newest ? (now.chapter.open ? "Now" : age < JUST ? "Just now" : "Last") : "Earlier";
  return html`<b>${first}</b><span><span class="at">${timeOfDay(now.chapter.at)}, </span>${ago(age)}</span>
    <button aria-label="The happening before" title="Back ([)" ?disabled=${!now.back} @click=${() => view.send({ want: "chapter", id: now.back })}>
      ${icon("i-left")}
    </button>
    <button aria-label="The next happening" title="Forward (])" ?disabled=${!now.on} @click=${() => view.send({ want: "chapter", id: stepOn(view) })}>
      ${icon("i-right")}
    </button>
    ${newest ? nothing : html`<span>${now.index + 1} of ${now.count}</span><button class="to-now" @click=${() => view.send({ want: "chapter", id: null })}>to the newest</button>`}`;
}

function quiet(view: View): string {
  if (!view.status || view.status.state === "connecting") return "Waiting for the first word from ZooKeeper.";
  return `Watching ${view.status.cluster}. Nothing has happened yet.`;
}

/** The sentence in runs that are not broken: a numeral stays with the word before it, punctuation with what it follows. */
export function sentence(view: View, parts: readonly Part[]): unknown[] {
  return runsOf(parts).map((run) => {
    if (run.every((piece) => typeof piece === "string")) return run.join("");
    const drawn = run.map((piece) => (typeof piece === "string" ? piece.trimEnd() + (piece.endsWith(" ") && piece !== run.at(-1) ? "\u00a0" : "") : atom(view, piece)));
    const after = typeof run.at(-1) === "string" && String(run.at(-1)).endsWith(" ") ? " " : "";
    return html`<span class=${length(run) <= UNBROKEN ? "nw" : ""}>${drawn}</span>${after}`;
  });
}

/** A run of more characters than this may be broken after all: a name can be of any length. */
const UNBROKEN = 40;

type Piece = string | Part;

function runsOf(parts: readonly Part[]): Piece[][] {
  const runs: Piece[][] = [[]];
  parts.forEach((part, i) => {
    if ((part.kind ?? "text") !== "text") {
      runs.at(-1)?.push(part);
      return;
    }
    const words = typographic(visible(part.text)).split(/(?<= )/);
    words.forEach((word, j) => {
      runs.at(-1)?.push(word);
      const beforeNumeral = j === words.length - 1 && parts[i + 1]?.kind === "numeral";
      if (word.endsWith(" ") && !beforeNumeral) runs.push([]);
    });
  });
  return runs;
}

function atom(view: View, part: Part): TemplateResult {
  const { kind, text, ref } = part;
  if (kind === "numeral") return html`<span class="num" role="img" aria-label="step ${text}">${text}</span>`;
  const words = kind === "znode" ? znodeName(text) : visible(text);
  if (!ref) return html`<b class=${kind === "znode" ? "znode" : ""}>${words}</b>`;
  const what: Selection = kind === "znode" ? { kind: "znode", path: ref } : kind === "server" ? { kind: "server", id: ref } : { kind: "node", id: ref };
  return html`<button class="name ${kind === "znode" ? "znode" : ""}" title=${kind === "znode" ? visible(ref) : nothing} @click=${() => view.send({ want: "select", what })}>${words}</button>`;
}

const typographic = (text: string): string => text.replace(/(?<=^|\w)'/g, "’");

/** Characters, a numeral as wide as two. */
function length(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (typeof piece === "string" ? piece.length : piece.kind === "numeral" ? 2 : piece.text.length), 0);
}

/** The sentence for screen readers. */
export function plain(parts: readonly Part[]): string {
  return parts.map((part) => (part.kind === "numeral" ? "" : part.text)).join("").replace(/\s+([.,;])/g, "$1").replace(/\s+/g, " ").trim();
}

function addButton(view: View): TemplateResult | typeof nothing {
  if (!view.may.has(ADD.method) || !view.status?.lab) return nothing;
  const busy = view.busy.has(`${ADD.method} `);
  return html`<button
    class="add"
    title="Starts a new process; it joins at the end of the line (a)"
    ?disabled=${view.liveness.held}
    aria-busy=${busy}
    @click=${() => busy || view.send({ want: "act", method: ADD.method, id: "" })}
  >
    ${icon(ADD.icon)}<span>${busy ? "Adding" : "Add node"}</span>
  </button>`;
}
