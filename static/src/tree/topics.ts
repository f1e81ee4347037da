// Names of the topics that the tree asks for, spelled as zkbridge/protocol/topics.py spells them.

export type Order = "name" | "number" | "newest" | "size";

/** What a search looks through, and how what is typed is meant. */
export type In = "path" | "data";
export type How = "substring" | "glob" | "regex";

/** Rows in one window of a parent's children. */
export const WINDOW = 200;

export function childrenTopic(path: string, offset: number, order: Order = "name", filter = "", limit = WINDOW): string {
  let topic = `children?path=${encode(path)}&offset=${offset}&limit=${limit}`;
  if (order !== "name") topic += `&order=${order}`;
  if (filter !== "") topic += `&filter=${encode(filter)}`;
  return topic;
}

export function znodeTopic(path: string): string {
  return `znode?path=${encode(path)}`;
}

export function searchTopic(text: string, where: In, how: How, limit: number): string {
  return `search?q=${encode(text)}&in=${where}&how=${how}&limit=${limit}`;
}

/** Percent-encoding as Python's quote(…, safe='') does it: encodeURIComponent leaves !'()* alone. */
function encode(value: string): string {
  return encodeURIComponent(value.replace(/\p{Cs}/gu, "\ufffd")).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
