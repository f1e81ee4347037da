// A change of the ensemble's members as somebody makes it: who is to join, who leaves, whose vote is another. Pure.

export type Role = "participant" | "observer";

export interface Seat {
  id: string;
  host: string;
  quorum: number;
  election: number;
  client: number;
  role?: Role;
  client_host?: string;
}

/** What is sent. */
export interface Wanted {
  version: string;
  add: Seat[];
  remove: string[];
  roles: Record<string, Role>;
  force: boolean;
}

export const FIELDS = ["id", "host", "client", "quorum", "election"] as const;
export type FieldName = (typeof FIELDS)[number];

/** A server that is to join, as it is typed. */
export class NewServer {
  values: Record<FieldName, string> = { id: "", host: "", client: "2181", quorum: "2888", election: "3888" };
  role: Role = "participant";
  readonly touched = new Set<FieldName>();

  constructor(members: readonly Seat[]) {
    const highest = Math.max(0, ...members.map(({ id }) => Number(id)));
    this.values.id = String(highest + 1);
    const last = members.at(-1);
    if (last) this.values = { ...this.values, client: String(last.client || 2181), quorum: String(last.quorum), election: String(last.election) };
  }

  set(name: FieldName, value: string): void {
    this.values[name] = value.trim();
    this.touched.add(name);
  }

  /** Why it cannot be sent; '' where it can. The bridge knows more. */
  fault(name: FieldName): string {
    const value = this.values[name];
    if (name === "host") return value ? "" : "A name or an address that all other servers reach.";
    if (name === "id") return /^[1-9]\d{0,2}$/.test(value) && Number(value) <= 255 ? "" : "A number from 1 to 255: its myid.";
    return /^\d{1,5}$/.test(value) && Number(value) > 0 && Number(value) < 65_536 ? "" : "A port from 1 to 65535.";
  }

  get ready(): boolean {
    return FIELDS.every((name) => this.fault(name) === "");
  }

  get seat(): Seat {
    const { id, host, client, quorum, election } = this.values;
    return { id, host, client: Number(client), quorum: Number(quorum), election: Number(election), role: this.role };
  }
}

export class MembersDraft {
  joining: NewServer | null = null;
  force = false;
  private readonly leaving = new Set<string>();
  private readonly roles = new Map<string, Role>();

  /** `members`: the configuration that is changed, of `version`. */
  constructor(
    readonly version: string,
    readonly members: readonly Seat[],
  ) {}

  get touched(): boolean {
    return this.leaving.size > 0 || this.roles.size > 0 || this.joining !== null;
  }

  /** Whether what is there can be asked about. */
  get ready(): boolean {
    return this.touched && (this.joining?.ready ?? true);
  }

  leaves(id: string): boolean {
    return this.leaving.has(id);
  }

  roleOf(seat: Seat): Role {
    return this.roles.get(seat.id) ?? seat.role ?? "participant";
  }

  /** Take it out, or leave it in after all. */
  toggleLeaving(id: string): void {
    if (!this.leaving.delete(id)) this.leaving.add(id);
    this.roles.delete(id);
    this.force = false;
  }

  setRole(seat: Seat, role: Role): void {
    if (role === (seat.role ?? "participant")) this.roles.delete(seat.id);
    else this.roles.set(seat.id, role);
    this.force = false;
  }

  /** What becomes of a member, in a word; '' where it stays as it is. */
  fate(seat: Seat): string {
    if (this.leaving.has(seat.id)) return "leaves";
    const role = this.roles.get(seat.id);
    return role === undefined ? "" : role === "observer" ? "loses its vote" : "gets a vote";
  }

  get wanted(): Wanted {
    return {
      version: this.version, add: this.joining?.ready ? [this.joining.seat] : [], remove: [...this.leaving],
      roles: Object.fromEntries(this.roles), force: this.force,
    };
  }

  /** 'Add server 4', where it is one thing; else 'Change 3 servers'. */
  get words(): string {
    const names = [
      ...(this.joining ? [`Add server ${this.joining.values.id}`] : []),
      ...[...this.leaving].map((id) => `Remove server ${id}`),
      ...[...this.roles].map(([id, role]) => (role === "observer" ? `Make server ${id} an observer` : `Give server ${id} a vote`)),
    ];
    return names.length === 1 ? names[0]! : names.length ? `Change ${names.length} servers` : "Change it";
  }
}
