import { expect, it } from "vitest";
import { eligibleEngines } from "../../client/submit/engine-targets.ts";
import { aClient } from "./a-client.ts";

// The pool default has the engines 0 and 1 with 1769 MB, the pool large engine 2 with 4096 MB.
it.each([
  [{}, 3],
  [{ targets: "default" }, 2],
  [{ targets: [0, 2] }, 2],
  [{ targets: "none" }, 0],
  [{ memoryMb: 1769 }, 3],
  [{ memoryMb: 2000 }, 1],
  [{ memoryMb: 2000, targets: "default" }, 0],
  [{ memoryMb: 2000, targets: "large" }, 1],
  [{ memoryMb: 2000, targets: [0, 2] }, 1],
])("of three engines, the flags %j allow %i", (flags, count) => {
  expect(eligibleEngines(aClient().core.cluster, flags)).toBe(count);
});
