// Plots drawn by uPlot: one above the other, on one axis of time and with one cursor. A chunk of its own, loaded when the
// ensemble's page is first shown.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { short, spread, together } from "./ends";
import { HUES, strokesOf, type Stroke } from "./strokes";
import { brief, ceiling, gaps, type Kind, type Panel, type Picture, type Track } from "./series";

/** Colours and type as the theme has them now; lines and bands by hue. */
interface Look {
  lines: string[];
  bands: string[];
  whole: string;
  band: string;
  grid: string;
  text: string;
  ink: string;
  paper: string;
  hatch: string;
}

/** Which of the lines is looked at more closely, and who hears where the cursor stands. */
export interface Options {
  chosen: string;
  cursor: (index: number | null) => void;
}

const FONT = '13px "Source Sans 3", system-ui, sans-serif';
const BOLD = '600 13px "Source Sans 3", system-ui, sans-serif';
const HEIGHT = 92;
const AXIS = 26;
/** Room for the labels at the ends of the lines. */
const LABELS = 44;
const APART = 14;
/** Steps of an axis on which things are counted: there is no half of them. */
const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power));

export class Chart {
  private plot: uPlot | null = null;
  private shape = "";
  private look: Look;
  private picture: Picture | null = null;
  private panel: Panel | null = null;
  private strokes = new Map<string, Stroke>();
  private drawn = "";

  constructor(
    private readonly host: HTMLElement,
    readonly kind: Kind,
    readonly axis: boolean,
    private readonly options: Options,
  ) {
    this.look = lookOf(host);
  }

  /** Draw what is new: the picture, the width, the theme, or who is looked at. */
  update(picture: Picture, width: number): void {
    const panel = picture.panels.find(({ kind }) => kind === this.kind);
    if (!panel || width < 80) return;
    const look = lookOf(this.host);
    this.strokes = strokesOf(picture);
    const shape = JSON.stringify([panel.tracks.map(({ server }) => server), [...this.strokes], picture.step, this.options.chosen]);
    const drawn = JSON.stringify([look, width]);
    if (picture === this.picture && shape === this.shape && drawn === this.drawn) return;
    const fresh = picture !== this.picture;
    this.look = look;
    this.picture = picture;
    this.panel = panel;
    this.drawn = drawn;
    if (!this.plot || shape !== this.shape) this.make(width, shape);
    else {
      if (this.plot.width !== width) this.plot.setSize({ width, height: this.height });
      if (fresh) this.plot.setData(dataOf(picture, panel));
      else this.plot.redraw(false, true);
    }
  }

  /** Put the cursor on a bucket, in all plots; null takes it away. */
  point(index: number | null): void {
    const { plot, picture } = this;
    if (!plot || !picture) return;
    const left = index === null ? -10 : plot.valToPos(picture.times[index]!, "x");
    plot.setCursor({ left, top: index === null ? -10 : 1 });
  }

  stop(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private get height(): number {
    return HEIGHT + (this.axis ? AXIS : 0);
  }

  private make(width: number, shape: string): void {
    this.plot?.destroy();
    this.shape = shape;
    const { picture, panel } = this;
    if (!picture || !panel) return;
    const tracks = panel.tracks;
    const grid = { stroke: () => this.look.grid, width: 1 };
    this.plot = new uPlot(
      {
        width,
        height: this.height,
        padding: [8, LABELS, this.axis ? 0 : 4, 0],
        legend: { show: false },
        cursor: { sync: { key: "zooscope-plots" }, y: false, drag: { x: false, y: false, setScale: false }, points: { show: false } },
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, ceiling(most)] } },
        axes: [
          {
            show: this.axis, size: AXIS, gap: 6, font: FONT, stroke: () => this.look.text, grid, ticks: { show: false }, space: 70,
            values: (_, splits) => splits.map((seconds) => clock(seconds, picture.step)),
          },
          {
            size: 52, gap: 8, font: FONT, ...(this.kind === "latency" || this.kind === "average" ? {} : { incrs: COUNTS }), stroke: () => this.look.text, grid, ticks: { show: false }, space: 26,
            values: (_, splits) => splits.map((value) => brief(value)),
          },
        ],
        series: [{}, ...tracks.flatMap((track) => this.series(track, tracks.length))],
        bands: tracks.map((track, index) => ({ series: [index * 3 + 3, index * 3 + 1] as [number, number], fill: () => this.bandOf(track) })),
        hooks: {
          drawClear: [(plot) => this.shade(plot)],
          draw: [(plot) => this.tell(plot), (plot) => this.label(plot)],
          setCursor: [(plot) => this.options.cursor((plot.cursor.left ?? -1) < 0 ? null : (plot.cursor.idx ?? null))],
        },
      },
      dataOf(picture, panel),
      this.host,
    );
  }

  /** Least, mean and most: the line is the mean, the band between the others keeps every spike. */
  private series(track: Track, of: number): uPlot.Series[] {
    const chosen = this.isChosen(track);
    const edge: uPlot.Series = { stroke: () => this.bandOf(track), width: 1, points: { show: false } };
    return [
      edge,
      {
        stroke: () => this.colourOf(track),
        width: chosen ? 3 : of > HUES ? 1.3 : 1.8,
        dash: [...(this.strokes.get(track.server)?.dash ?? [])],
        // A value between two gaps is no line.
        points: { show: true, size: 4, fill: () => this.colourOf(track), filter: (plot, series) => alone(plot.data[series] as (number | null)[]) },
      },
      edge,
    ];
  }

  private colourOf(track: Track): string {
    const stroke = this.strokes.get(track.server);
    return stroke ? this.look.lines[stroke.hue]! : this.look.whole;
  }

  private bandOf(track: Track): string {
    const stroke = this.strokes.get(track.server);
    return stroke ? this.look.bands[stroke.hue]! : this.look.band;
  }

  private isChosen(track: Track): boolean {
    return track.server !== "" && track.server === this.options.chosen;
  }

  /** Where nothing is known, in pixels of the canvas. What is older than all that is known is no gap. */
  private gaps(plot: uPlot): { x: number; end: number }[] {
    const { picture } = this;
    if (!picture) return [];
    const first = picture.known.indexOf(true);
    const { times, known } = picture;
    const right = plot.bbox.left + plot.bbox.width;
    return gaps(known)
      .filter(({ from, to }) => from >= first && (to < known.length || to - from > 2))
      .map(({ from, to }) => ({ x: plot.valToPos(times[from]!, "x", true), end: to < times.length ? plot.valToPos(times[to]!, "x", true) : right }));
  }

  /** The ground of a time of which nothing is known. */
  private shade(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    for (const { x, end } of this.gaps(plot)) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(x, bbox.top, Math.max(end - x, ratio), bbox.height);
      ctx.clip();
      ctx.strokeStyle = this.look.hatch;
      ctx.lineWidth = ratio;
      for (let at = x - bbox.height; at < end; at += 7 * ratio) {
        ctx.beginPath();
        ctx.moveTo(at, bbox.top + bbox.height);
        ctx.lineTo(at + bbox.height, bbox.top);
        ctx.stroke();
      }
      ctx.restore();
    }
  }

  /** The same in words, above the grid. */
  private tell(plot: uPlot): void {
    const { picture } = this;
    if (!picture) return;
    const { left } = plot.bbox;
    plot.ctx.save();
    for (const { x, end } of this.gaps(plot)) this.plate(plot, (x + end) / 2, end - x, "no data");
    const first = picture.known.indexOf(true);
    const until = first < 0 ? left : plot.valToPos(picture.times[first]!, "x", true);
    this.plate(plot, (left + until) / 2, until - left, "not collected yet");
    plot.ctx.restore();
  }

  /** Words on the ground of a stretch, where they fit. */
  private plate(plot: uPlot, x: number, room: number, words: string): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.font = scaled(FONT, ratio);
    const width = ctx.measureText(words).width;
    if (width + 16 * ratio > room) return;
    const y = bbox.top + bbox.height / 2;
    ctx.fillStyle = this.look.paper;
    ctx.fillRect(x - width / 2 - 5 * ratio, y - 10 * ratio, width + 10 * ratio, 20 * ratio);
    ctx.fillStyle = this.look.text;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(words, x, y);
  }

  /** The servers' numbers at the ends of their lines; those at one height share a label. */
  private label(plot: uPlot): void {
    const { panel } = this;
    if (!panel) return;
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const ends = panel.tracks.flatMap((track) => {
      const value = lastOf(track.mean);
      return value === null || !track.server ? [] : [{ track, y: plot.valToPos(value, "y", true) }];
    });
    const groups = spread(together(ends, 5 * ratio), APART * ratio, bbox.top, bbox.top + bbox.height);
    ctx.save();
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const x = bbox.left + bbox.width;
    for (const { tracks, y, at } of groups) {
      ctx.strokeStyle = this.look.text;
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.moveTo(x + 2 * ratio, y);
      ctx.lineTo(x + 8 * ratio, at);
      ctx.stroke();
      const chosen = tracks.some((track) => this.isChosen(track));
      ctx.font = scaled(chosen ? BOLD : FONT, ratio);
      // One that several lines share has the colour of none.
      ctx.fillStyle = tracks.length === 1 ? this.colourOf(tracks[0]!) : chosen ? this.look.ink : this.look.text;
      ctx.fillText(short(tracks.map(({ server }) => server)), x + 11 * ratio, at, (LABELS - 12) * ratio);
    }
    ctx.restore();
  }
}

function dataOf(picture: Picture, panel: Panel): uPlot.AlignedData {
  return [picture.times, ...panel.tracks.flatMap(({ least, mean, most }) => [least, mean, most])] as uPlot.AlignedData;
}

const lastOf = (values: readonly (number | null)[]): number | null => values.findLast((value) => value !== null) ?? null;

function alone(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, at) => (value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [at] : []));
}

function clock(seconds: number, step: number): string {
  const options: Intl.DateTimeFormatOptions = { hour12: false, hour: "2-digit", minute: "2-digit", ...(step < 5_000 && seconds % 60 ? { second: "2-digit" } : {}) };
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", options);
}

const scaled = (font: string, ratio: number): string => font.replace("13px", `${13 * ratio}px`);

/** Canvas knows no custom properties: what they come to is read off an element. */
function lookOf(host: HTMLElement): Look {
  const style = getComputedStyle(host);
  const probe = (name: string) => getComputedStyle(host.closest(".plots")!.querySelector(`[data-token="${name}"]`)!).color;
  const hues = Array.from({ length: HUES }, (_, hue) => hue);
  return { lines: hues.map((hue) => probe(`hue-${hue}`)), bands: hues.map((hue) => probe(`band-${hue}`)), whole: probe("ink-2"), band: probe("band"), grid: probe("rule"), text: probe("ink-3"), ink: style.color, paper: probe("paper"), hatch: probe("hatch") };
}
