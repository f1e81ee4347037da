// Glyphs of znode kinds (g-…) and icons of controls (i-…), once in the page, used as
// `<svg class="ico"><use href="#i-pause"></use></svg>`.
import { html } from "lit-html";

export const sprite = html`<svg class="sprite" aria-hidden="true">
  <defs>
    <symbol id="g-per" viewBox="0 0 16 16"><rect x="3" y="3" width="10" height="10" rx="1.5" fill="currentColor" /></symbol>
    <symbol id="g-eph" viewBox="0 0 16 16">
      <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.9" stroke-dasharray="3 1.4" />
    </symbol>
    <symbol id="g-ephseq" viewBox="0 0 16 16">
      <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.7" stroke-dasharray="3.4 1.2" />
      <path d="M5.4 10.4V8.8M8 10.4V7M10.6 10.4V5.2" stroke="currentColor" stroke-width="1.7" />
    </symbol>
    <symbol id="g-seq" viewBox="0 0 16 16">
      <path d="M3.5 13V9.5M8 13V6.5M12.5 13V3.5" stroke="currentColor" stroke-width="2.4" />
    </symbol>
    <symbol id="g-con" viewBox="0 0 16 16">
      <path d="M3 3.5V13H13V3.5" fill="none" stroke="currentColor" stroke-width="2" />
      <rect x="6.2" y="7.2" width="3.6" height="3.6" fill="currentColor" />
    </symbol>
    <symbol id="g-ttl" viewBox="0 0 16 16">
      <circle cx="8" cy="8.8" r="5.2" fill="none" stroke="currentColor" stroke-width="1.8" />
      <path d="M8 6V8.8L9.9 10.2M6.4 1.9H9.6" fill="none" stroke="currentColor" stroke-width="1.8" />
    </symbol>
    <symbol id="i-crown" viewBox="-1 -1 30 19"><path d="M3 16L1 5L8.2 9.6L14 1L19.8 9.6L27 5L25 16Z" /></symbol>
    <symbol id="i-bolt" viewBox="0 0 16 16">
      <path d="M9.4 1.2L3.2 9H7.4L6.2 14.8L12.8 6.6H8.5Z" fill="currentColor" stroke="none" />
    </symbol>
    <symbol id="i-pause" viewBox="0 0 16 16"><path d="M5 3V13M11 3V13" stroke-width="3" stroke-linecap="butt" /></symbol>
    <symbol id="i-play" viewBox="0 0 16 16"><path d="M4.5 3L13 8L4.5 13Z" fill="currentColor" /></symbol>
    <symbol id="i-stop" viewBox="0 0 16 16"><rect x="3.5" y="3.5" width="9" height="9" rx="1" fill="currentColor" /></symbol>
    <symbol id="i-x" viewBox="0 0 16 16"><path d="M3.5 3.5L12.5 12.5M12.5 3.5L3.5 12.5" stroke-width="2.4" /></symbol>
    <symbol id="i-check" viewBox="0 0 16 16"><path d="M3 8.5L6.5 12L13 4.5" stroke-width="2.2" /></symbol>
    <symbol id="i-undo" viewBox="0 0 16 16"><path d="M6.5 2.5L3 6L6.5 9.5M3 6H9.8A3.7 3.7 0 0 1 9.8 13.4H6" /></symbol>
    <symbol id="i-plus" viewBox="0 0 16 16"><path d="M8 2.5V13.5M2.5 8H13.5" /></symbol>
    <symbol id="i-out" viewBox="0 0 16 16"><path d="M9 2.5H3V13.5H9M6.5 8H14M11 5L14 8L11 11" /></symbol>
    <symbol id="i-wipe" viewBox="0 0 16 16"><path d="M13 5.2A5.6 5.6 0 1 0 13.6 8M13.6 2.2V5.4H10.4" /></symbol>
    <symbol id="i-search" viewBox="0 0 16 16"><circle cx="7" cy="7" r="4.5" /><path d="M10.5 10.5L14 14" /></symbol>
    <symbol id="i-down" viewBox="0 0 16 16"><path d="M4 6L8 10.5L12 6" /></symbol>
    <symbol id="i-right" viewBox="0 0 16 16"><path d="M6 4L10.5 8L6 12" /></symbol>
    <symbol id="i-left" viewBox="0 0 16 16"><path d="M10 4L5.5 8L10 12" /></symbol>
    <symbol id="i-eye" viewBox="0 0 16 16">
      <path d="M1.5 8C3.5 4.7 5.6 3.4 8 3.4S12.5 4.7 14.5 8C12.5 11.3 10.4 12.6 8 12.6S3.5 11.3 1.5 8Z" />
      <circle cx="8" cy="8" r="2.1" fill="currentColor" />
    </symbol>
    <symbol id="i-unseen" viewBox="0 0 16 16">
      <path d="M1.5 8C3.5 4.7 5.6 3.4 8 3.4S12.5 4.7 14.5 8C12.5 11.3 10.4 12.6 8 12.6S3.5 11.3 1.5 8Z" />
      <path d="M2.8 13.6L13.2 2.4" stroke-width="2" />
    </symbol>
    <symbol id="i-theme" viewBox="0 0 16 16">
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 2.4A5.6 5.6 0 0 1 8 13.6Z" fill="currentColor" />
    </symbol>
    <symbol id="i-qr" viewBox="0 0 16 16">
      <path
        d="M2 2H6.5V6.5H2ZM9.5 2H14V6.5H9.5ZM2 9.5H6.5V14H2ZM9.5 9.5H11.5V11.5H9.5M14 9.5V11.5M12 14H14V13M9.5 14V13.5"
        stroke-linecap="butt"
        stroke-linejoin="miter"
      />
    </symbol>
    <symbol id="i-servers" viewBox="0 0 16 16"><path d="M2.5 3H13.5V6.5H2.5ZM2.5 9.5H13.5V13H2.5ZM5 4.75H5.1M5 11.25H5.1" /></symbol>
    <symbol id="i-sessions" viewBox="0 0 16 16">
      <circle cx="4.2" cy="8" r="2.7" />
      <path d="M7 8H9.4M11 8H11.2M12.6 4V12M14.6 4V12" />
    </symbol>
    <symbol id="i-lab" viewBox="0 0 16 16"><path d="M6 2H10M6.8 2V6.2L3 13C2.7 13.7 3.1 14.2 3.8 14.2H12.2C12.9 14.2 13.3 13.7 13 13L9.2 6.2V2M4.6 10.4H11.4" /></symbol>
    <symbol id="i-cut" viewBox="0 0 16 16"><path d="M1.5 8H5M11 8H14.5M6 5L10 11M10 5L6 11" stroke-width="1.9" /></symbol>
    <symbol id="i-slow" viewBox="0 0 16 16"><path d="M1.5 8C3 4.5 4.6 4.5 6 8S9 11.5 10.4 8S13.2 4.8 14.5 8" stroke-width="1.9" /></symbol>
    <symbol id="i-heal" viewBox="0 0 16 16"><path d="M1.5 8H14.5M4.2 5.2L1.5 8L4.2 10.8M11.8 5.2L14.5 8L11.8 10.8" stroke-width="1.9" /></symbol>
    <symbol id="i-flag" viewBox="0 0 16 16">
      <path d="M4 14.5V2" stroke-width="2" />
      <path d="M4 2.5H13L10.5 5.7L13 9H4Z" fill="currentColor" />
    </symbol>
    <symbol id="i-info" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" /><path d="M8 7.5V11M8 5V5.2" stroke-width="2" /></symbol>
    <symbol id="i-warn" viewBox="0 0 16 16">
      <path d="M8 2L14.5 13.5H1.5Z" /><path d="M8 6.5V9.5M8 11.4V11.6" stroke-width="1.9" />
    </symbol>
    <symbol id="i-keys" viewBox="0 0 16 16">
      <rect x="1.5" y="4" width="13" height="8.5" rx="1.5" /><path d="M4.5 7H4.6M8 7H8.1M11.4 7H11.5M5 9.8H11" />
    </symbol>
    <symbol id="i-tree" viewBox="0 0 16 16"><path d="M3 2.5V12.5H7M3 6.5H7M9.5 6.5H13.5M9.5 12.5H13.5" /></symbol>
    <symbol id="i-copy" viewBox="0 0 16 16"><path d="M5.5 5.5H13.5V13.5H5.5ZM10.5 5.5V2.5H2.5V10.5H5.5" /></symbol>
    <symbol id="i-compare" viewBox="0 0 16 16"><path d="M2.5 5H13M10 2L13 5L10 8M13.5 11H3M6 8L3 11L6 14" /></symbol>
    <symbol id="i-export" viewBox="0 0 16 16"><path d="M8 2V10M4.7 6.8L8 10L11.3 6.8M2.5 13.5H13.5" /></symbol>
    <symbol id="i-import" viewBox="0 0 16 16"><path d="M8 10V2M4.7 5.2L8 2L11.3 5.2M2.5 13.5H13.5" /></symbol>
    <symbol id="i-edit" viewBox="0 0 16 16"><path d="M2.5 13.5L3.3 10.3L11 2.6L13.4 5L5.7 12.7ZM9.2 4.4L11.6 6.8" /></symbol>
    <symbol id="i-key" viewBox="0 0 16 16"><circle cx="5" cy="11" r="2.8" /><path d="M7 9L13.5 2.5M11 5L13 7M9.2 6.8L10.8 8.4" /></symbol>
    <symbol id="i-rename" viewBox="0 0 16 16"><path d="M6 3H10M8 3V13M6 13H10M5 5.5H2V10.5H5M11 5.5H14V10.5H11" /></symbol>
    <symbol id="i-move" viewBox="0 0 16 16"><path d="M2 4V12.5H13.5V6H8L6.5 4ZM5.5 9.2H10M8.3 7.5L10 9.2L8.3 10.9" /></symbol>
    <symbol id="i-more" viewBox="0 0 16 16"><path d="M3.5 8H3.6M8 8H8.1M12.5 8H12.6" stroke-width="2.6" /></symbol>
    <symbol id="i-works" viewBox="0 0 16 16"><path d="M2.5 4H13.5M2.5 8H9.5M2.5 12H6.5" stroke-width="2.2" /></symbol>
    <symbol id="i-screen" viewBox="0 0 16 16"><path d="M2 3H14V11H2ZM8 11V14M5.5 14H10.5" /></symbol>
    <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="hatch-ground" width="6" height="6" />
      <path class="hatch-line" d="M0 0V6" />
    </pattern>
  </defs>
</svg>`;

/** An icon of a control as wide as the text around it; decoration only, so hidden from screen readers. */
export const icon = (id: string) => html`<svg class="ico" aria-hidden="true"><use href="#${id}"></use></svg>`;

const GLYPHS = {
  persistent: "g-per",
  ephemeral: "g-eph",
  container: "g-con",
  ttl: "g-ttl",
} as const;

/** The id of the glyph for a kind of znode. */
export function glyphId(kind: keyof typeof GLYPHS, sequential = false): string {
  if (sequential && kind === "ephemeral") return "g-ephseq";
  if (sequential && kind === "persistent") return "g-seq";
  return GLYPHS[kind];
}

export const glyph = (kind: keyof typeof GLYPHS, sequential = false) =>
  html`<svg class="gl" aria-hidden="true"><use href="#${glyphId(kind, sequential)}"></use></svg>`;
