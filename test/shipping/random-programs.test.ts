import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CaptureError, CodecError } from "../../lambdas/protocol/errors.ts";
import { aProgram } from "./fixtures/random-program.ts";

/** Most programs that are tried; a nightly run sets it to thousands. */
const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 200);

/** What the function gives as an engine would load it; undefined where shipping refused it. */
function onEngine(fn: () => unknown): { gives: unknown } | undefined {
  try {
    const { source, hash, data } = shipFunction(fn);
    const text = encodeValue(data, "data");
    return { gives: loadFunction(source, hash, decodeValue(text), { own: {}, modules: new Map() })() };
  } catch (error) {
    if (error instanceof CaptureError || error instanceof CodecError) return undefined;
    throw error;
  }
}

describe("a random program", () => {
  test("gives on an engine what it gives here, or is refused at the call", { timeout: 1_800_000 }, () => {
    let refused = 0;
    fc.assert(
      fc.property(aProgram(), ({ text }) => {
        const fn = new Function(text)() as () => unknown;
        const engine = onEngine(fn);
        if (engine) expect(engine.gives).toBe(fn());
        else refused++;
      }),
      { numRuns: RUNS },
    );
    // Else it would hold of nothing.
    expect(refused).toBeLessThan(RUNS / 2);
    if (RUNS > 1_000) process.stdout.write(`${RUNS} programs, ${refused} refused\n`);
  });
});
