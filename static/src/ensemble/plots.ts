// How a few figures went over the last hours: small plots on one axis of time, with the same in words and in a table.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { sized, type Local, type Size } from "../figure/sized";
import type { View } from "../page/view";
import { timeOfDay, visible } from "../page/words";
import type { Plots } from "../protocol";
import type { Chart } from "./chart";
import { brief, pictureOf, summaryOf, type Kind, type Panel, type Picture, type Track } from "./series";
import { HUES, strokesOf, type Stroke } from "./strokes";
import "./plots.css";

type Span = Plots["span"];

const SPANS: readonly { span: Span; words: string; brief: string }[] = [
  { span: "10m", words: "the last 10 minutes", brief: "10 min" },
  { span: "2h", words: "the last 2 hours", brief: "2 h" },
  { span: "24h", words: "the last 24 hours", brief: "24 h" },
];

const TITLES: Record<Kind, { title: string; unit: string; says: string }> = {
  rate: { title: "Changes", unit: "a second", says: "Changes of the tree in each second." },
  latency: { title: "Latency", unit: "ms, of the last 5 s", says: "The average of the requests that each server answered in the last five seconds, by its own sums (mntr or AdminServer)." },
  average: { title: "Latency", unit: "ms, average since the server began", says: "The average that each server reports to srvr, since it began or was last reset: a short spike hardly shows. With mntr allowed, or AdminServer, that of the last five seconds is drawn." },
  lag: { title: "Lag", unit: "transactions", says: "How far each server is behind the ensemble’s leader." },
  connections: { title: "Connections", unit: "", says: "Clients that are connected to each server. Where neither cons nor AdminServer tell of them, what srvr counts without its own connection: others that ask at the same moment are among them." },
  outstanding: { title: "Waiting", unit: "requests", says: "Requests that each server has not answered yet." },
};

/** Marks on the plots that are not on the page: their colours, for the canvas. */
const TOKENS = ["ink-2", "band", "rule", "ink-3", "paper", "hatch", ...Array.from({ length: HUES }, (_, hue) => [`hue-${hue}`, `band-${hue}`]).flat()];

/** It outlives the page, so that whoever comes back finds what they looked at. */
let chosen: Span = "10m";

export function plotsSection(view: View): TemplateResult {
  return html`<section class="plots" aria-label="Over time">${sized({ width: Math.min(view.width - 32, 1200), height: 600 }, () => new Board(), (size, board) => board.draw(view, size))}</section>`;
}

class Board implements Local {
  private view: View | null = null;
  private topic = "";
  private leave: () => void = () => {};
  private value: Plots | null = null;
  private picture: Picture | null = null;
  private shownAt = 0;
  private chunk: typeof import("./chart") | null = null;
  private failed = false;
  private loading = false;
  private readonly charts = new Map<Kind, Chart>();
  private readonly hosts = new Map<Kind, HTMLElement>();
  private readonly reads = new Map<Kind, HTMLElement>();
  private readonly refs = new Map<Kind, { host: (element?: Element) => void; read: (element?: Element) => void }>();
  private when: HTMLElement | null = null;
  private cursor: number | null = null;
  private width = 0;
  private readonly options = { chosen: "", cursor: (index: number | null) => this.move(index) };

  draw(view: View, size: Size): unknown {
    this.view = view;
    this.follow(view);
    const value = view.store.value<Plots>(this.topic);
    // While nothing comes, the axis goes on: the time since is a gap.
    const bucket = value ? Math.floor(view.now / value.step) : 0;
    if (value && (value !== this.value || bucket !== this.shownAt)) this.picture = pictureOf(value, view.now);
    if (!value) this.picture = null;
    this.value = value;
    this.shownAt = bucket;
    this.width = size.width;
    this.options.chosen = view.selection?.kind === "server" ? view.selection.id : "";
    queueMicrotask(() => this.paint());
    return html`${this.heading(view)} ${this.body(view)}`;
  }

  stop(): void {
    this.leave();
    this.topic = "";
    for (const chart of this.charts.values()) chart.stop();
    this.charts.clear();
  }

  private follow(view: View): void {
    const topic = `plots?span=${chosen}`;
    if (topic === this.topic) return;
    this.leave();
    this.topic = topic;
    this.leave = view.store.subscribe(topic, () => this.view?.send({ want: "redraw" }));
  }

  private heading(view: View): TemplateResult {
    const choose = (span: Span) => {
      chosen = span;
      this.cursor = null;
      view.send({ want: "redraw" });
    };
    return html`<header class="ens-head plots-head">
      <h2>Over time</h2>
      <div class="spans" role="radiogroup" aria-label="How far back">
        ${SPANS.map(
          ({ span, brief: words }) =>
            html`<label><input type="radio" name="plots-span" value=${span} .checked=${span === chosen} @change=${() => choose(span)} /><span>${words}</span></label>`,
        )}
      </div>
      <p class="plots-when" aria-live="off" ${ref((element) => (this.when = (element as HTMLElement | undefined) ?? null))}></p>
      ${TOKENS.map((token) => html`<i class="plots-token" data-token=${token} hidden></i>`)}
    </header>`;
  }

  private body(view: View): unknown {
    const { value, picture } = this;
    const problem = view.store.problem(this.topic);
    if (!value && problem) return html`<p class="plots-say">${problem.text}</p>`;
    if (!value || !picture?.known.includes(true)) return html`<p class="plots-say">Collecting. The first values come within ${value && value.step > 10_000 ? "a minute or two" : "a few seconds"}.</p>`;
    const panels = picture.panels.filter(worthy);
    const quiet = picture.panels.some((panel) => panel.kind === "outstanding" && !worthy(panel));
    return html`
      <div
        class="plots-set"
        role="group"
        tabindex="0"
        aria-label=${`Plots of ${words(chosen)}. Left and right move the cursor; a table with the same follows.`}
        @keydown=${(event: KeyboardEvent) => this.key(event)}
        @blur=${() => this.point(null)}
      >
        ${panels.map((panel) => this.plot(panel))}
      </div>
      ${this.failed ? html`<p class="plots-say">The plots could not be loaded. The table has the same in figures.</p>` : nothing}
      ${quiet ? html`<p class="plots-note">No request waited at any server in ${words(chosen)}.</p>` : nothing}
      ${kept(value)} ${table(picture, chosen)}
    `;
  }

  private plot(panel: Panel): TemplateResult {
    const { title, unit, says } = TITLES[panel.kind];
    const refs = this.refsOf(panel.kind);
    return html`<figure class="plot" data-kind=${panel.kind}>
      <figcaption title=${says}><b>${title}</b>${unit ? html` <span>${unit}</span>` : nothing}<span class="plot-read" ${ref(refs.read)}></span></figcaption>
      <div class="plot-canvas" role="img" aria-label=${said(panel)} ${ref(refs.host)}></div>
    </figure>`;
  }

  private refsOf(kind: Kind) {
    const known = this.refs.get(kind);
    if (known) return known;
    const made = {
      host: (element?: Element) => {
        if (element) this.hosts.set(kind, element as HTMLElement);
        else {
          this.hosts.delete(kind);
          this.charts.get(kind)?.stop();
          this.charts.delete(kind);
        }
      },
      read: (element?: Element) => {
        if (element) this.reads.set(kind, element as HTMLElement);
        else this.reads.delete(kind);
      },
    };
    this.refs.set(kind, made);
    return made;
  }

  /** Bring the canvases up to the picture; what draws them is loaded when first needed. */
  private paint(): void {
    const { picture, chunk } = this;
    if (!picture || !this.hosts.size) return;
    if (!chunk) {
      if (!this.loading && !this.failed) void this.load();
      return;
    }
    const kinds = picture.panels.filter(worthy).map(({ kind }) => kind);
    for (const kind of kinds) {
      const host = this.hosts.get(kind);
      const last = kind === kinds.at(-1);
      if (!host) continue;
      let chart = this.charts.get(kind);
      if (chart && chart.axis !== last) {
        chart.stop();
        chart = undefined;
      }
      if (!chart) this.charts.set(kind, (chart = new chunk.Chart(host, kind, last, this.options)));
      chart.update(picture, host.clientWidth || this.width);
    }
    this.read();
  }

  private async load(): Promise<void> {
    this.loading = true;
    try {
      this.chunk = await import("./chart");
    } catch {
      this.failed = true;
    }
    this.loading = false;
    this.view?.send({ want: "redraw" });
  }

  private key(event: KeyboardEvent): void {
    const { picture } = this;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6 }[event.key];
    if (!picture || step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const last = picture.times.length - 1;
    this.point(Math.min(last, Math.max(0, (this.cursor ?? last + 1) + step)));
    this.when?.setAttribute("aria-live", "polite");
  }

  private point(index: number | null): void {
    this.charts.values().next().value?.point(index);
    this.move(index);
  }

  private move(index: number | null): void {
    if (index === this.cursor) return;
    this.cursor = index;
    this.read();
  }

  /** What the lines say where the cursor stands, in words; without a cursor, now. */
  private read(): void {
    const { picture, cursor } = this;
    if (!picture) return;
    const at = cursor === null || cursor >= picture.times.length ? null : cursor;
    const values = (track: Track) => (at === null ? (summaryOf(track)?.last ?? null) : track.mean[at]!);
    if (this.when) this.when.textContent = at === null ? "now" : `at ${timeOfDay(picture.times[at]! * 1000)}${picture.known[at] ? "" : ": no data"}`;
    const strokes = strokesOf(picture);
    for (const panel of picture.panels) {
      const element = this.reads.get(panel.kind);
      if (element) element.replaceChildren(...reading(panel, strokes, values, (track) => (at === null ? null : spike(track, at))));
    }
  }
}

/** The highest value of a bucket where it is not near its mean. */
function spike(track: Track, at: number): number | null {
  const [mean, most] = [track.mean[at], track.most[at]];
  return mean !== null && most !== null && mean !== undefined && most !== undefined && most > mean * 1.2 ? most : null;
}

/** '— 1 0.4  - - 2 0.6', each server after a piece of its line, values dark; for the whole ensemble the value alone. */
function reading(panel: Panel, strokes: ReadonlyMap<string, Stroke>, value: (track: Track) => number | null, most: (track: Track) => number | null): Node[] {
  return panel.tracks.map((track) => {
    const part = document.createElement("span");
    const found = value(track);
    const peak = most(track);
    const stroke = strokes.get(track.server);
    if (stroke) part.append(sample(stroke), " ");
    if (track.server) {
      const name = document.createElement("i");
      name.textContent = /^\d+$/.test(track.server) ? track.server : `${visible(track.server).slice(0, 24)}`;
      part.append(name, " ");
    }
    const figure = document.createElement("b");
    figure.textContent = found === null ? "–" : brief(found);
    part.append(figure);
    if (peak !== null) part.append(`, up to ${brief(peak)}`);
    return part;
  });
}

/** A piece of a server's line. */
function sample({ hue, dash }: Stroke): SVGElement {
  const piece = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  piece.setAttribute("class", "plots-sample");
  piece.setAttribute("data-hue", String(hue));
  piece.setAttribute("viewBox", "0 0 24 6");
  piece.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", "M0 3H24");
  if (dash.length) line.setAttribute("stroke-dasharray", dash.join(" "));
  piece.append(line);
  return piece;
}

/** Plots of what never was anything but 0 take room for nothing: that is said in words. */
const worthy = (panel: Panel): boolean => panel.kind !== "outstanding" || panel.tracks.some(({ most }) => most.some((value) => value !== null && value > 0));

const words = (span: Span): string => SPANS.find((one) => one.span === span)!.words;

const named = (track: Track): string => (track.server ? `server ${visible(track.server)}` : "the ensemble");

/** A plot in one sentence. */
function said(panel: Panel): string {
  const { title, unit } = TITLES[panel.kind];
  const parts = panel.tracks.flatMap((track) => {
    const found = summaryOf(track);
    return found ? [`${named(track)} ${found.last === null ? "not known now" : `${brief(found.last)} now`}, from ${brief(found.least)} to ${brief(found.most)}`] : [];
  });
  return `${title}${unit ? `, ${unit}` : ""}: ${parts.join("; ")}.`;
}

function kept(value: Plots) {
  if (value.problem) return html`<p class="plots-note" data-tone="problem"><b>${value.problem.text}</b> ${value.problem.hint ?? ""}</p>`;
  return value.kept ? nothing : html`<p class="plots-note">Kept in memory: it begins anew with the bridge.</p>`;
}

function table(picture: Picture, span: Span): TemplateResult {
  return html`<details class="plots-table">
    <summary>The same as a table</summary>
    <table>
      <caption class="sr">Figures of ${words(span)}</caption>
      <thead>
        <tr><th scope="col">Figure</th><th scope="col">Of</th><th scope="col">now</th><th scope="col">least</th><th scope="col">mean</th><th scope="col">most</th></tr>
      </thead>
      ${picture.panels.map(
        (panel) => html`<tbody>
          ${panel.tracks.map((track, at) => {
            const found = summaryOf(track);
            const { title, unit } = TITLES[panel.kind];
            const cell = (value: number | null | undefined) => html`<td>${value === null || value === undefined ? "–" : brief(value)}</td>`;
            return html`<tr>
              ${at === 0 ? html`<th scope="rowgroup" rowspan=${panel.tracks.length}>${title}${unit ? html` <small>${unit}</small>` : nothing}</th>` : nothing}
              <th scope="row">${track.server ? html`${visible(track.server)}` : "all"}</th>
              ${cell(found?.last)}${cell(found?.least)}${cell(found?.mean)}${cell(found?.most)}
            </tr>`;
          })}
        </tbody>`,
      )}
    </table>
  </details>`;
}
