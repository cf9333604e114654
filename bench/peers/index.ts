import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { chart } from "./chart.ts";
import { compare } from "./compare.ts";
import { COMPARED, choose } from "./compared-workloads.ts";
import { CHECKOUT } from "./peer-folders.ts";
import { readResults, writeResults } from "./results.ts";
import { OURS } from "./summary.ts";
import { SYSTEMS } from "./systems.ts";
import { table } from "./table.ts";

const RESULTS = join(CHECKOUT, "bench", "results.json");
const CHART = join(CHECKOUT, "docs", "peers.svg");

const Count = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1));

/**
 * `npm run bench -- --peers`: measures fantail beside its peers.
 *
 * @returns the exit code: 1 if a run failed, 2 if the options are wrong
 */
export async function comparePeers(argv: string[]): Promise<number> {
  try {
    const options = optionsOf(argv);
    if (options.redraw) writeFileSync(CHART, chart(readResults(RESULTS)));
    else return await run(options);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

function optionsOf(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      peers: { type: "boolean" },
      workload: { type: "string" },
      peer: { type: "string" },
      repeat: { type: "string", default: "3" },
      engines: { type: "string", default: "2" },
      n: { type: "string" },
      out: { type: "string" },
      redraw: { type: "boolean", default: false },
    },
  });
  const peers = SYSTEMS.filter(({ name }) => name !== OURS);
  return {
    redraw: values.redraw,
    out: values.out,
    peers: choose("peer", peers, values.peer),
    workloads: choose("workload", COMPARED, values.workload),
    repetitions: v.parse(Count, values.repeat),
    engines: v.parse(Count, values.engines),
    limit: v.parse(v.optional(Count), values.n),
    // A trial does not replace the results of a whole comparison.
    isWhole: values.workload === undefined && values.peer === undefined && values.n === undefined,
  };
}

async function run({ peers, isWhole, out, ...chosen }: ReturnType<typeof optionsOf>): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interrupted.abort());
  const results = await compare({
    ...chosen,
    systems: SYSTEMS.filter((system) => system.name === OURS || peers.includes(system)),
    signal: interrupted.signal,
    say: (line) => console.log(line),
  });
  for (const line of table(results)) console.log(line);
  if (out !== undefined) writeResults(out, results);
  else if (isWhole) {
    writeResults(RESULTS, results);
    writeFileSync(CHART, chart(results));
    console.log(`written: ${RESULTS} and ${CHART}`);
  }
  return results.failures.length > 0 ? 1 : 0;
}
