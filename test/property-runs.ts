import { TRIES_ALL } from "./simulation/tried-steps.ts";

/** Number of examples that a property test tries: `all` with `npm run test:fuzz`, and a fifth of them in `npm test`. */
export function propertyRuns(all: number): number {
  return TRIES_ALL ? all : Math.ceil(all / 5);
}
