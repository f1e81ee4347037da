// Access control lists: their entries in words, as they are typed, and whom they would lock out. Pure.

/** An entry as the web process tells it; digests come masked, as 'bob:•••'. */
export interface Ace {
  scheme: string;
  id: string;
  perms: string;
}

/** An entry in the form: of a digest that is new, user and password are typed. */
export interface Draft extends Ace {
  user: string;
  password: string;
}

export const SCHEMES: readonly string[] = ["world", "auth", "digest", "ip", "x509", "sasl"];

export const PERMS: readonly { letter: string; word: string; words: readonly string[] }[] = [
  { letter: "r", word: "read", words: ["read its data", "list its children"] },
  { letter: "w", word: "write", words: ["write its data"] },
  { letter: "c", word: "create", words: ["create children"] },
  { letter: "d", word: "delete", words: ["delete its children"] },
  { letter: "a", word: "admin", words: ["change this ACL"] },
];

export const ALL = "cdrwa";
export const OPEN: readonly Ace[] = [{ scheme: "world", id: "anyone", perms: ALL }];
/** Whoever the bridge's session is may do all, others may look. */
export const READ_ONLY: readonly Ace[] = [{ scheme: "world", id: "anyone", perms: "r" }, { scheme: "auth", id: "", perms: ALL }];

const MASK = /(^|:)•+$/;

/** The user of a digest's id; '' where nothing but the digest is there. */
const userOf = (id: string): string => /^(.*):/s.exec(id)?.[1] ?? "";

export function isMasked({ scheme, id }: Ace): boolean {
  return scheme === "digest" && MASK.test(id);
}

export function draftOf(ace: Ace): Draft {
  return { ...ace, user: ace.scheme === "digest" ? userOf(ace.id) : "", password: "" };
}

/** Who is meant: 'Anyone', 'User bob' … `user`: of a digest, as far as it is typed. */
export function whoWords({ scheme, id, user = "" }: Ace & { user?: string }): string {
  switch (scheme) {
    case "world":
      return id === "anyone" ? "Anyone" : id;
    case "auth":
      return "Whoever Zooscope is signed in as";
    case "digest":
      return `User ${user || userOf(id) || "of that digest"}`;
    case "ip":
      return `Clients at ${id}`;
    case "x509":
      return `Whoever has the certificate ${id}`;
    case "sasl":
      return `SASL principal ${id}`;
    default:
      return `${scheme} ${id}`;
  }
}

/** What they may do: 'may do anything', 'may read its data, list its children and write its data', … */
export function permWords(perms: string): string {
  const held = PERMS.filter(({ letter }) => perms.includes(letter));
  if (held.length === 0) return "may do nothing";
  if (held.length === PERMS.length) return "may do anything";
  const words = held.flatMap((perm) => perm.words);
  return `may ${words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`}`;
}

/** What is wrong with an entry; '' for a good one. */
export function aceFault(draft: Draft): string {
  const { scheme, id, user, password } = draft;
  if (draft.perms === "") return "Nothing is ticked: then leave the entry out.";
  switch (scheme) {
    case "digest":
      if (isMasked(draft) && password === "") return "";
      if (user === "") return "Type the user's name.";
      if (user.includes(":")) return "A user's name has no ':' in it.";
      return password === "" ? "Type the password; only its digest is kept." : "";
    case "ip":
      return /^[0-9a-f.:]+(\/\d{1,3})?$/i.test(id) && /[.:]/.test(id) ? "" : "Type an address or a network, such as 10.1.0.0/16.";
    case "x509":
      return id === "" ? "Type the certificate's subject, such as CN=worker." : "";
    case "sasl":
      return id === "" ? "Type the principal, such as worker@EXAMPLE.ORG." : "";
    default:
      return "";
  }
}

/** An entry as it is sent: a password only where one was typed. */
export function sentAce({ scheme, id, perms, user, password }: Draft): Record<string, string> {
  if (scheme === "digest" && password !== "") return { scheme, user, password, perms };
  if (scheme === "world") return { scheme, id: "anyone", perms };
  return scheme === "auth" ? { scheme, id: "", perms } : { scheme, id, perms };
}

export interface Lockout {
  /** 'everybody': nobody at all can do it; 'bridge': nobody of whom it is known that Zooscope is one. */
  who: "everybody" | "bridge";
  words: string;
}

/** Whom these entries would lock out, the gravest first. */
export function lockouts(entries: readonly Ace[]): Lockout[] {
  const held = (letter: string): "surely" | "perhaps" | "nobody" => {
    const holders = entries.filter(({ perms }) => perms.includes(letter));
    if (holders.some(({ scheme }) => scheme === "world" || scheme === "auth")) return "surely";
    return holders.length ? "perhaps" : "nobody";
  };
  const found: Lockout[] = [];
  if (held("a") === "nobody") found.push({ who: "everybody", words: "Nobody could ever change this ACL again, except ZooKeeper's super user." });
  if (held("r") === "nobody") found.push({ who: "everybody", words: "Nobody could read it: Zooscope would show it as locked." });
  else if (held("r") === "perhaps") found.push({ who: "bridge", words: "Zooscope itself can read it only if it is one of those named here; else it shows it as locked." });
  if (held("a") === "perhaps") found.push({ who: "bridge", words: "Zooscope itself can change this ACL again only if it is one of those named here." });
  return found;
}

/** Whether two lists say the same, in whatever order. */
export function sameAcl(one: readonly Ace[], other: readonly Ace[]): boolean {
  const spelt = (list: readonly Ace[]): string => list.map(({ scheme, id, perms }) => `${scheme} ${id} ${[...perms].sort().join("")}`).sort().join("\n");
  return spelt(one) === spelt(other);
}
