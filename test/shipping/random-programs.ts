import fc from "fast-check";
import { expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CaptureError, CodecError } from "../../lambdas/protocol/errors.ts";
import { aProgram } from "./fixtures/random-program.ts";

interface Sent {
  source: string;
  hash: string;
  data: string | Uint8Array;
}

/** Returns the function as it is sent; undefined if shipping refused it. */
function shippedUnlessRefused(fn: () => unknown): Sent | undefined {
  try {
    const { source, hash, data } = shipFunction(fn);
    return { source, hash, data: encodeValue(data, "data") };
  } catch (error) {
    if (error instanceof CaptureError || error instanceof CodecError) return undefined;
    throw error;
  }
}

/** Returns the function's result after loading it as an engine does. */
function onEngine({ source, hash, data }: Sent): unknown {
  return loadFunction(source, hash, decodeValue(data), { own: {}, modules: new Map() })();
}

/** @param usual how many programs are tried; with `FANTAIL_SIM_RUNS`, that many instead */
export function randomPrograms(usual: number): void {
  const runs = Number(process.env.FANTAIL_SIM_RUNS ?? usual);
  test("a random program returns on an engine what it returns here, or is refused at the call", {
    timeout: 1_800_000,
  }, () => {
    let refused = 0;
    fc.assert(
      fc.property(aProgram(), ({ text }) => {
        const { root, undo } = new Function(text)() as { root: () => unknown; undo: () => void };
        try {
          const shipped = shippedUnlessRefused(root);
          const here = root();
          undo();
          if (shipped) expect(onEngine(shipped)).toBe(here);
          else refused++;
        } finally {
          undo();
        }
      }),
      { numRuns: runs },
    );
    // If most were refused, the test would prove nothing.
    expect(refused).toBeLessThan(runs / 2);
    if (runs > 1_000) process.stdout.write(`${runs} programs, ${refused} refused\n`);
  });
}
