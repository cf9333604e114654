import { resolve } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import * as v from "valibot";
import { Client } from "../client/index.ts";
import { type Cloud, startCloud } from "../client/local/index.ts";
import { SchemeName } from "../lambdas/protocol/flags.ts";
import { census, type FileCensus, totalsOf } from "./census.ts";
import { printCosts, printEngineShares, printSpeedup, writeTimeline } from "./cluster-report.ts";
import { printTable } from "./print-table.ts";
import { sourceFiles } from "./source-files.ts";

/**
 * The main example: counts every source file in a folder, spread over engines, and checks the totals against a plain
 * loop.
 *
 *     npm start                                   # the installed packages, 2,000 files
 *     npm start -- --limit 8000                   # a minute of work for one core
 *     npm start -- ../my-project --engines 4 --scheme twobin --hwm 1
 *     npm start -- --stack Fantail                # on a deployed cluster
 *
 * `--endpoint URL` selects an emulator, `--pool NAME` a single pool, `--timeline FILE` where the timeline goes.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engines: { type: "string", default: "2" },
    scheme: { type: "string", default: "leastload" },
    hwm: { type: "string", default: "adaptive" },
    limit: { type: "string", default: "2000" },
    stack: { type: "string" },
    endpoint: { type: "string" },
    region: { type: "string" },
    pool: { type: "string" },
    timeline: { type: "string", default: ".fantail/timeline.html" },
  },
});
const installed = resolve("node_modules");
const folder = resolve(positionals[0] ?? installed);
const files = sourceFiles(folder, Number(values.limit), 200_000);
if (files.length === 0) {
  console.error(`no JavaScript or TypeScript files in ${folder}`);
  process.exit(1);
}
console.log(`${files.length} files below ${folder}`);

const { stack, endpoint, region, pool } = values;
const starting = performance.now();
const cloud = stack === undefined && endpoint === undefined ? await ownCloud() : undefined;
const client = await Client.connect(cloud ? { urlFile: cloud.urlFile } : { stack, endpoint, region });
const startMs = performance.now() - starting;
try {
  const view = client.loadBalancedView(pool === undefined ? {} : { targets: pool });
  await cloud?.resetMeter();
  const started = performance.now();
  const job = view.map(census, files);
  await job.waitInteractive();
  const counted = await job;
  const wallMs = performance.now() - started;

  const ranked = counted.toSorted((a, b) => b.tokens - a.tokens).slice(0, 10);
  printTable(
    ["file", "lines", "tokens", "gzip", "brotli", "sha-256"],
    ranked.map(({ path, lines, tokens, gzip, brotli, sha256 }) => [
      path.length <= 60 ? path : `…${path.slice(-59)}`,
      lines.toLocaleString("en"),
      tokens.toLocaleString("en"),
      gzip.toFixed(3),
      brotli.toFixed(3),
      sha256.slice(0, 12),
    ]),
  );
  const totals = totalsOf(counted);
  console.log(
    `\ntotal: ${totals.files.toLocaleString("en")} files, ${totals.lines.toLocaleString("en")} lines, ` +
      `${totals.tokens.toLocaleString("en")} tokens, ${totals.bytes.toLocaleString("en")} bytes, ` +
      `gzip ${totals.gzip.toFixed(3)}, brotli ${totals.brotli.toFixed(3)}`,
  );
  const meter = await cloud?.meter();
  await printEngineShares(job, wallMs);

  const loopStarted = performance.now();
  const expected = files.map(census);
  const loopMs = performance.now() - loopStarted;
  const theirs = await view.apply(compressors);
  // Other versions of the compressors give other sizes, so the compressed sizes are compared only if the versions
  // match.
  const checkable = theirs === compressors() ? counted : withSizesOf(expected, counted);
  if (!isDeepStrictEqual(checkable, expected) || !isDeepStrictEqual(totalsOf(checkable), totalsOf(expected)))
    throw new Error("the engines' results differ from the plain loop's");
  console.log(`\nchecked: all ${counted.length} results and the totals equal those of a plain loop`);
  if (checkable !== counted)
    console.log(`gzip and brotli were not compared: the engines have ${theirs}, this process ${compressors()}`);
  printSpeedup({ startMs, loopMs, wallMs, local: cloud !== undefined });
  if (meter) printCosts(meter, counted.length);
  await writeTimeline(job, resolve(values.timeline));
} finally {
  await client.close();
  await cloud?.close();
}

/** Returns the versions of the compressors in this process. An engine may run another version of Node. */
function compressors(): string {
  return `zlib ${process.versions.zlib}, brotli ${process.versions.brotli}`;
}

/** Returns the results with compressed sizes replaced by those of `others`. */
function withSizesOf(others: FileCensus[], results: FileCensus[]): FileCensus[] {
  return results.map((result, index) => {
    const { gzip, brotli } = others[index] ?? result;
    return { ...result, gzip, brotli };
  });
}

/** Starts an embedded cloud for this run only. */
function ownCloud(): Promise<Cloud> {
  return startCloud({
    pools: [{ name: "default", count: Number(values.engines) }],
    scheme: v.parse(SchemeName, values.scheme),
    hwm: values.hwm === "adaptive" ? "adaptive" : Number(values.hwm),
  });
}
