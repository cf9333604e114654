import type { Results } from "../results/results.ts";
import type { Sending } from "../submit/sending.ts";

/** What a view needs to send tasks and to make results of them. */
export interface ViewPorts extends Sending {
  results: Results;
}
