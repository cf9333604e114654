import type { Results } from "../results/results.ts";
import type { Sending } from "../submit/sending.ts";

/** What views send tasks with, and make results of. */
export interface ViewPorts extends Sending {
  results: Results;
}
