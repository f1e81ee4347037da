// Where data is typed, or read from a file.
import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { plural } from "../page/words";
import { plain, size } from "../tree/names";
import { ENCODINGS, LARGEST, type Payload } from "./payload";

const HINTS = {
  text: "",
  json: '{"checked": "as you type, and written exactly so"}',
  hex: "de ad be ef",
  base64: "aGVsbG8=",
} as const;

export function payloadView(payload: Payload, changed: () => void): TemplateResult {
  const { encoding, fault } = payload;
  return html`<fieldset class="payload">
    <legend>Data</legend>
    <div class="segments payload-forms" role="group" aria-label="Given as">
      ${ENCODINGS.map(
        (one) => html`<button
          type="button"
          aria-pressed=${one.encoding === encoding}
          @click=${() => {
            payload.encoding = one.encoding;
            changed();
          }}
        >
          ${one.label}
        </button>`,
      )}
    </div>
    ${encoding === "file"
      ? html`<label class="payload-file"
          ><input type="file" aria-label="File with the data" @change=${(event: Event) => void choose(event, payload, changed)} />
          <span>${payload.file ? `${plain(payload.file.name)}` : "No file is chosen yet."}</span></label
        >`
      : html`<textarea
          rows="4"
          aria-label="Data"
          spellcheck="false"
          placeholder=${HINTS[encoding]}
          .value=${live(payload.text)}
          aria-invalid=${fault !== "" && payload.text !== ""}
          aria-describedby="payload-said"
          @input=${(event: Event) => {
            payload.text = (event.target as HTMLTextAreaElement).value;
            changed();
          }}
        ></textarea>`}
    <p class="said" id="payload-said" aria-live="polite" data-fault=${faulty(payload)}>${faulty(payload) ? fault : said(payload)}</p>
  </fieldset>`;
}

/** An empty field is not scolded, except at sending. */
function faulty({ fault, encoding, text, file }: Payload): boolean {
  return fault !== "" && (encoding === "file" ? file !== null : text !== "");
}

function said(payload: Payload): string {
  if (payload.encoding === "file" && !payload.file) return `At most ${size(LARGEST)}.`;
  return payload.size === 0 ? `No data. At most ${size(LARGEST)}.` : `${plural(payload.size, "byte")} of at most ${size(LARGEST)}.`;
}

async function choose(event: Event, payload: Payload, changed: () => void): Promise<void> {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (file) await payload.take(file);
  changed();
}
