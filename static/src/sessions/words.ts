// Sessions in words: what is left of one, why it went, what it stands for. Pure.
import { span, visible } from "../page/words";
import type { Departed, Session, Sessions } from "../protocol";

/** How much of its time a session has left, from 1 to 0; null where that is not known. */
export function left(session: Session, now: number): { ms: number; part: number } | null {
  if (session.expires === undefined) return null;
  const ms = Math.max(0, session.expires - now);
  const whole = session.timeout || ms || 1;
  return { ms, part: Math.min(1, ms / whole) };
}

/** Unheard for more than two thirds of its timeout, or without a connection: it is running out. */
export function runsOut(session: Session, now: number): boolean {
  if (session.connected === false) return true;
  return session.heard !== undefined && !!session.timeout && now - session.heard > (session.timeout * 2) / 3;
}

/** '0x100…70001': the server that made it, and what tells it from others of that server. */
export function shortId(id: string): string {
  return id.length > 13 ? `${id.slice(0, 5)}…${id.slice(-5)}` : id;
}

/** What to call it in a sentence. */
export function calls(session: Session | null | undefined, id: string): string {
  return session?.name ? visible(session.name) : `session ${shortId(id)}`;
}

const CAUSES: Record<string, string> = {
  closed: "closed by its client",
  expired: "expired",
  disconnected: "its connection is gone",
};

export function goneWords(gone: Departed): string {
  if (gone.cause === "ended") return gone.by ? `ended by ${visible(gone.by)}` : "ended here";
  return CAUSES[gone.cause ?? ""] ?? "gone";
}

/** One sentence over the list. */
export function summary(value: Sessions, quorum = true): string {
  const { total, unconnected = 0, ephemerals = 0 } = value;
  if (!total) return "Who is connected to the ensemble, and for how long.";
  const parts = [`${total.toLocaleString("en")} ${total === 1 ? "session owns" : "sessions own"} ${ephemerals.toLocaleString("en")} ephemeral ${ephemerals === 1 ? "znode" : "znodes"}`];
  if (unconnected) parts.push(`${unconnected.toLocaleString("en")} ${unconnected === 1 ? "has" : "have"} no connection${quorum ? " and will expire" : ""}`);
  return `${parts.join("; ")}.`;
}

/** When it ends, as a screen reader and a title have it. */
export function expiryWords(session: Session, now: number): string {
  const rest = left(session, now);
  if (!rest) return "When it expires is not known.";
  const whose = session.expiry === "server" ? "the ensemble leader’s own word" : "estimated from when it was heard last";
  return `Expires in ${span(rest.ms)} unless it is heard: ${whose}.`;
}
