// Names of the topics of sessions, spelled as zkbridge/protocol/topics.py spells them.

export const ORDERS = ["name", "server", "client", "owned", "expires", "timeout", "newest"] as const;
export type Order = (typeof ORDERS)[number];

export const SHOWS = ["all", "unconnected", "owning", "members"] as const;
export type Show = (typeof SHOWS)[number];

/** Rows on the page at a time. */
export const WINDOW = 50;

export interface Asked {
  offset: number;
  order: Order;
  reverse: boolean;
  filter: string;
  show: Show;
}

export const FIRST: Asked = { offset: 0, order: "name", reverse: false, filter: "", show: "all" };

export function sessionsTopic({ offset, order, reverse, filter, show }: Asked): string {
  let topic = `sessions?offset=${offset}&limit=${WINDOW}`;
  if (order !== "name") topic += `&order=${order}`;
  if (reverse) topic += "&reverse=yes";
  if (filter) topic += `&filter=${encode(filter)}`;
  if (show !== "all") topic += `&show=${show}`;
  return topic;
}

export function sessionTopic(id: string): string {
  return `session?id=${encode(id)}`;
}

/** Percent-encoding as Python's quote(…, safe='') does it: encodeURIComponent leaves !'()* alone. */
function encode(value: string): string {
  return encodeURIComponent(value.replace(/\p{Cs}/gu, "�")).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
