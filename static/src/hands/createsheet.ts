// Create: a znode of any kind, with its data and its ACL. A refusal keeps everything that was typed.
import { html, nothing, type TemplateResult } from "lit-html";
import { tellFailure } from "../page/verdict";
import { brief } from "../page/words";
import type { Problem } from "../protocol";
import { glyph } from "../style/icons";
import { noteMade } from "../tree/created";
import { kindWords, plain } from "../tree/names";
import { ROOT } from "../tree/paths";
import { aclForm } from "./aclform";
import { answers, choices, field, form, heading, note, pathText, problemNote, tick } from "./form";
import { Gaze } from "./gaze";
import { nameFault, probableName } from "./naming";
import { NewZnode, type Kind, type Preset } from "./newznode";
import { payloadView } from "./payloadview";
import type { Desk, Sheet } from "./sheet";

export class CreateSheet implements Sheet {
  readonly kind = "create";
  private readonly znode: NewZnode;
  private readonly parent: Gaze;
  private readonly target: Gaze;
  private touched = false;
  private problem: Problem | null = null;
  private busy = false;

  constructor(
    private readonly desk: Desk,
    below: string,
  ) {
    this.znode = new NewZnode(below, desk.permits.signsIn);
    this.parent = new Gaze(desk.store, desk.redraw).at(below);
    this.target = new Gaze(desk.store, desk.redraw);
  }

  get typed(): boolean {
    return this.znode.isTyped;
  }

  left(): void {
    this.parent.end();
    this.target.end();
  }

  content(): TemplateResult {
    const { znode, desk } = this;
    const { typed, below } = znode;
    return form(
      html`${heading("Create below", below)}
        ${this.parent.exists === false ? note("unknown", html`${pathText(below)} is gone: somebody has deleted it.`) : nothing}
        ${field({
          label: "Name", before: pathText(below === ROOT ? ROOT : `${below}/`), value: typed.name, first: true,
          fault: this.touched ? this.nameFault : "", hint: this.foretold(), input: (name) => this.type(name),
        })}
        ${typed.name.includes("/") || typed.parents
          ? tick("Make what is missing above it", "As persistent znodes without data, with the same ACL.", typed.parents, (parents) => this.change({ parents }))
          : nothing}
        ${choices<Kind>("kind", "Kind", typed.kind, KINDS, (kind) => this.change({ kind }))}
        ${typed.kind === "ttl" ? this.ttl() : nothing}
        ${typed.kind === "container"
          ? nothing
          : tick("sequential", "The server puts the next number of this parent behind the name.", typed.sequential, (sequential) => this.change({ sequential }))}
        ${payloadView(znode.payload, () => this.change({}))}
        ${choices<Preset>("acl", "Who may do what", typed.preset, presets(znode.signsIn), (preset) => this.change({ preset }))}
        ${typed.preset === "own" ? aclForm(znode.acl, () => this.change({})) : nothing} ${problemNote(this.problem)}
        ${answers({ label: "Create", off: this.nameFault !== "" || znode.fault !== "", busy: this.busy, cancel: desk.leave })}`,
      () => void this.send(),
    );
  }

  private ttl(): TemplateResult {
    const { typed, ttl } = this.znode;
    return field({
      label: "Time to live", value: typed.ttl, mono: false, fault: ttl === null ? "Type a time such as 90 s, 10 min, 2 h or 1 d." : "",
      hint: "Counted from its last change, and only while it has no children.", input: (text) => this.change({ ttl: text }),
    });
  }

  private type(name: string): void {
    this.touched = true;
    this.change({ name });
    this.target.soon(nameFault(this.znode.below, name, { parents: true }) ? "" : this.znode.path);
  }

  private change(what: Partial<NewZnode["typed"]>): void {
    this.znode.change(what);
    this.problem = null;
    this.desk.redraw();
  }

  private get nameFault(): string {
    const fault = this.znode.nameFault(this.parent.znode, this.target.znode);
    const numbered = this.znode.typed.sequential ? "0" : "";
    return fault || (this.desk.permits.may("znode.create", this.znode.path + numbered) ? "" : "You may not create a znode there.");
  }

  /** What the server will probably call it. */
  private foretold() {
    const { name, sequential } = this.znode.typed;
    if (!sequential) return nothing;
    // Several levels down nobody looks at the parent.
    const probable = name.includes("/") ? null : probableName(name, this.parent.znode?.stat);
    return probable === null ? "The server puts a number behind it." : html`Probably <bdi class="mono">${plain(probable)}</bdi>.`;
  }

  private async send(): Promise<void> {
    const { desk, znode } = this;
    this.touched = true;
    if (this.busy || this.nameFault || znode.fault) return desk.redraw();
    this.busy = true;
    desk.redraw();
    const outcome = await desk.actions.request("POST", "/api/znodes", znode.body);
    this.busy = false;
    if (outcome.ok) {
      const path = typeof outcome.value["path"] === "string" ? outcome.value["path"] : znode.path;
      noteMade(path, znode.typed.kind);
      desk.close();
      desk.toasts.add("done", `Created ${brief(path)}.`, "");
      return desk.show(path);
    }
    this.problem = outcome.problem;
    desk.redraw();
    if (outcome.row !== null) void tellFailure(desk.actions, desk.toasts, `Create ${brief(znode.path)}`, outcome);
  }
}

const kind = (value: Kind, words: string) => ({ value, label: html`${glyph(value)}${kindWords(value)}`, words });

const KINDS = [
  kind("persistent", "Stays until somebody deletes it."),
  kind("ephemeral", "Held by the bridge’s session: gone when the bridge ends."),
  kind("container", "Once it has had children, it goes within about a minute of the last of them."),
  kind("ttl", "Goes by itself once nobody has changed it for a time; the servers look about once a minute."),
];

const presets = (signsIn: boolean) => [
  { value: "open" as const, label: "open", words: "Anyone may do anything, as is ZooKeeper’s own default." },
  { value: "read-only" as const, label: "read-only", words: "Anyone may read; all else only who signs in to ZooKeeper as Zooscope does.", off: signsIn ? "" : "Not here: Zooscope signs in to this ensemble as nobody, so nobody could ever change it." },
  { value: "own" as const, label: "own entries", words: "User by user, address by address." },
];
