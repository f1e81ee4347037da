// JSON merge patches (RFC 7396), the counterpart of zkbridge/protocol/delta.py.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** `value` with `patch` applied, as a new object; whatever the patch leaves alone keeps its identity. */
export function applyPatch(value: JsonObject, patch: JsonObject): JsonObject {
  // Without a prototype: a znode may be called `__proto__`.
  const result: JsonObject = Object.assign(Object.create(null), value);
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key];
    else if (isObject(change)) {
      const before = Object.hasOwn(value, key) ? value[key] : undefined;
      result[key] = applyPatch(isObject(before) ? before : {}, change);
    } else result[key] = change;
  }
  return result;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
