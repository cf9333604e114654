import { setFlagsFromString } from "node:v8";

/**
 * How many bytes of its bytecode a function runs before V8 optimizes it. This is more than V8's default, 67,584 in Node
 * 20: each of the cloud's threads optimizes the same code for itself, and in a short run that takes CPU from the
 * engines.
 */
const BUDGET_BYTES = 200_000;

/** Makes V8 optimize the functions of this process and its threads later. Call it before threads are started. */
export function optimizeLater(): void {
  setFlagsFromString(`--interrupt-budget=${BUDGET_BYTES}`);
}
