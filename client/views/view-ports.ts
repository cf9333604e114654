import type { Results } from "../results/results.ts";
import type { Sending } from "../submit/sending.ts";

/** Ports that send tasks and make results of them. */
export interface ViewPorts extends Sending {
  results: Results;
}
