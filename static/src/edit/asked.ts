// What the web process makes of a value that is opened, by the decoder that was chosen for the znode.
import type { Actions } from "../page/actions";
import { AUTO, decodedOf, type Decoded } from "../tree/decoded";
import { choiceFor } from "../tree/remembered";
import { toBase64 } from "./bytes";

/** Null where it does not answer, or what was chosen does not fit. */
export async function decoded(actions: Actions, path: string, data: Uint8Array): Promise<Decoded | null> {
  const chosen = choiceFor(path);
  const { ok, value } = await actions.request("POST", "/api/decode", { data: { encoding: "base64", value: toBase64(data) }, path, as: chosen });
  const found = ok ? decodedOf(value) : null;
  return found?.decoder === "raw" && chosen !== AUTO && chosen !== "raw" ? null : found;
}
