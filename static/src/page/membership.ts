// What it means for the quorum that servers come and go, in words. Pure.
import type { Ensemble, Server } from "../protocol";
import { plural } from "./words";

const SERVES = ["leading", "following", "standalone"];

export const votes = (ensemble: Ensemble): Server[] => Object.values(ensemble.servers).filter((server) => server.voter !== false);

/** How many of so many voters a majority can lose. */
export const tolerance = (voters: number): number => Math.max(0, Math.ceil(voters / 2) - 1);

/** '4 servers, a quorum needs 3: can lose 1, as 3 could'. The bridge says it in the same words. */
export function arithmetic(before: number, after: number): string {
  const [had, has] = [tolerance(before), tolerance(after)];
  const same = has ? `, as ${before} could` : `, as ${before} ${before === 1 ? "did" : "could"} not either`;
  const compared = before === after || !before ? "" : had === has ? same : `; ${before} could lose ${had || "none"}`;
  return `${plural(after, "server")}, a quorum needs ${Math.floor(after / 2) + 1}: can lose ${has || "none"}${compared}`;
}

/** Why a server cannot be taken out now; '' where it can. */
export function keptBecause(server: Server, ensemble: Ensemble): string {
  if (server.voter === false) return "";
  const rest = votes(ensemble).filter((one) => one.id !== server.id);
  if (!rest.length) return "It is the last server with a vote.";
  const up = rest.filter((one) => SERVES.includes(one.role)).length;
  const needs = Math.floor(rest.length / 2) + 1;
  return up < needs ? `Of the ${rest.length} that stay only ${up || "none"} would serve, and ${needs} are needed.` : "";
}

/** One line beside the button. */
export function removeConsequence(server: Server, ensemble: Ensemble): string {
  const voters = votes(ensemble).length;
  if (server.voter === false) return "It leaves the ensemble, and its process ends. The quorum stays.";
  return keptBecause(server, ensemble) || `Leaves ${arithmetic(voters, voters - 1)}.`;
}

export function removeWords(server: Server, ensemble: Ensemble): string[] {
  const voters = votes(ensemble).length;
  const words = [`It leaves the ensemble; then its process ends, and its files are deleted.`];
  if (server.voter !== false) words.push(`${arithmetic(voters, voters - 1)}.`);
  if (server.role === "leading") words.push("It leads the ensemble: another is elected at once. Connections break and come back; sessions live on.");
  return words;
}

export const WIPE = "It begins with no data, and takes all of it from the leader.";
