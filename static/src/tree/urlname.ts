// What the name of a znode says where it is percent-encoded, as Dubbo writes whole URLs. Pure.

export interface NameSaid {
  /** The name decoded, up to its query. */
  said: string;
  /** Parameters of the query, by name, in their order. */
  parameters: { name: string; value: string }[];
}

/** Null for names that say no more than they show. */
export function nameSaid(name: string): NameSaid | null {
  if (!/%[0-9A-Fa-f]{2}/.test(name)) return null;
  const said = decoded(name);
  if (said === null || said === name) return null;
  const [place = "", query] = split(said, "?");
  if (query === undefined || !/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(place)) return { said, parameters: [] };
  const parameters = query.split("&").map((pair) => {
    const [key = "", value = ""] = split(pair, "=");
    return { name: decoded(key) ?? key, value: decoded(value) ?? value };
  });
  return { said: place, parameters };
}

function split(text: string, at: string): [string, string?] {
  const place = text.indexOf(at);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
