// The headline: one sentence on what just happened, its numerals standing again wherever it happened.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Chapter, Part } from "../protocol";
import { icon } from "../style/icons";
import { ADD } from "./consequences";
import type { View } from "./view";
import { ago, timeOfDay, visible, znodeName } from "./words";
import "./storypanel.css";

/** A sentence longer than this is set smaller, so that it still fits the lines that are kept for it. */
const LONG = 150;
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
      <p class="headline" data-long=${(now ? length(now.chapter.parts) : 0) > LONG}>${now ? sentence(view, now.chapter.parts) : quiet(view)}</p>
    </div>
    ${addButton(view)}
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

export function sentence(view: View, parts: readonly Part[]): TemplateResult[] {
  return parts.map((part, i) => {
    // Punctuation after a numeral or a name never starts a line.
    const next = parts[i + 1];
    if (part.kind === "numeral")
      return html`<span class="nw"><span class="num" role="img" aria-label="step ${part.text}">${part.text}</span>${lead(next)}</span>`;
    const text = i && glued(parts[i - 1]) ? rest(part) : part.text;
    switch (part.kind) {
      case "node":
      case "server": {
        const { kind, ref } = part;
        if (!ref) return html`<b>${visible(part.text)}</b>`;
        return html`<span class="nw"><button class="name" @click=${() => view.send({ want: "select", what: { kind, id: ref } })}>${visible(part.text)}</button>${lead(next)}</span>`;
      }
      case "znode": {
        const path = part.ref;
        if (!path) return znodeName(part.text);
        return html`<span class="nw"><button class="name znode" title=${visible(path)} @click=${() => view.send({ want: "select", what: { kind: "znode", path } })}>${znodeName(part.text)}</button>${lead(next)}</span>`;
      }
      default:
        // A numeral stands with the word before it, never alone on a line.
        return html`${visible(next?.kind === "numeral" ? text.replace(/ $/, "\u00a0") : text)}`;
    }
  });
}

const LEAD = /^(?:[’']s\b)?[.,;:)’'”]*/;

const glued = (part: Part | undefined): boolean => !!part && (part.kind === "numeral" || (part.kind !== undefined && part.kind !== "text" && !!part.ref));
const lead = (part: Part | undefined): string => (part && (part.kind ?? "text") === "text" ? (LEAD.exec(part.text)?.[0] ?? "") : "");
const rest = (part: Part): string => ((part.kind ?? "text") === "text" ? part.text.replace(LEAD, "") : part.text);
const length = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + (part.kind === "numeral" ? 2 : part.text.length), 0);

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
