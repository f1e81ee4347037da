// Who has a vote in the ensemble. What is counted for a quorum may be something else: groups, or what votes weigh.
import type { Ensemble } from "../protocol";

export const voters = (ensemble: Ensemble): number => Object.values(ensemble.servers).filter((server) => server.voter !== false).length;

/** Whether servers are counted, each as much as any other. */
export const byMajority = (ensemble: Ensemble): boolean => (ensemble.quorum.of ?? "servers") === "servers";
