import fc from "fast-check";
import type { ParentRange } from "../../lambdas/protocol/dependency.ts";
import { jobId, simulatedValue, type TakenResult } from "./a-job.ts";

/** A random result as an argument: parts of earlier jobs, joined if there are several. */
export interface DrawnTaken {
  pieces: { parent: number; tasks: number; whole: boolean }[];
  joined: boolean;
}

export const taken: fc.Arbitrary<DrawnTaken> = fc.record({
  pieces: fc.array(fc.record({ parent: fc.nat(1_000_000), tasks: fc.constantFrom(1, 1, 2, 5), whole: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  joined: fc.boolean(),
});

/** Returns the tasks of a random result, how the client refers to it, and what the engine must receive. */
export function takenResult(
  { pieces, joined }: DrawnTaken,
  earlier: number,
  jobs: readonly { chunked: boolean }[],
  sizes: readonly number[],
  first: number,
): { on: number[]; taken: TakenResult } {
  const on: number[] = [];
  const result: ParentRange[] = [];
  const chunked: boolean[] = [];
  for (const { parent, tasks, whole } of pieces) {
    const number = parent % earlier;
    const { at, from } = placeOf(number, sizes, first);
    const past = Math.min(from + (sizes[at] ?? Number.POSITIVE_INFINITY), earlier);
    const start = whole ? from : number;
    const end = whole ? past : Math.min(past, number + tasks);
    result.push([jobId(at + 1), start - from, end - from]);
    for (let one = start; one < end; one++) {
      on.push(one);
      chunked.push(jobs[at]?.chunked ?? false);
    }
  }
  // As in the client: a single task that is not a chunk is a value, everything else a list.
  const list = on.length > 1 || chunked[0] === true;
  const values = result.flatMap(([job, from, to]) =>
    Array.from({ length: to - from }, (_, at) => simulatedValue(job, from + at)),
  );
  const join = joined ? { joined: true } : {};
  return {
    on,
    taken: {
      reference: { result, list, ...join },
      given: { values, list, ...join, ...(chunked.includes(true) ? { chunked } : {}) },
    },
  };
}

/** Returns the job of a task's number, and the number of the job's first task. */
export function placeOf(number: number, sizes: readonly number[], first: number): { at: number; from: number } {
  if (number >= first) return { at: sizes.length, from: first };
  let from = 0;
  for (const [at, size] of sizes.entries()) {
    if (number < from + size) return { at, from };
    from += size;
  }
  throw new Error(`no task ${number}`);
}
