import type { Results } from "../results/results.ts";
import type { Sending } from "../submit/sending.ts";

/** The parts of a client that send tasks and make their results. */
export interface ViewPorts extends Sending {
  results: Results;
}
