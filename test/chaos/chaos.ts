import { parseArgs } from "node:util";
import { runChaos } from "./chaos-run.ts";
import { startEmbedded } from "./embedded-chaos.ts";
import { startMinistackChaos } from "./ministack-chaos.ts";
import type { Verdict } from "./verdict.ts";

/**
 * `npm run chaos -- --minutes 5 --seed 7 [--cloud embedded|ministack]`: runs mixed jobs while processes are killed and
 * stopped, calls fail, and the cloud restarts. Exits with 1 if anything is lost, duplicated, wrong or left behind.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    cloud: { type: "string", default: "embedded" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
const start = { embedded: startEmbedded, ministack: startMinistackChaos }[values.cloud];
if (!start) throw new Error(`--cloud must be embedded or ministack, not ${values.cloud}`);
console.log(`chaos for ${minutes} minutes, seed ${seed}, on ${values.cloud}`);
print(await runChaos({ seed, minutes, start, print: (line) => console.log(line) }));

function print(found: Verdict): void {
  const { jobs, tasks, runs, ended, repeated, lost, doubled, wrong, restedAfter, processes, files } = found;
  const how = Object.entries(ended).map(([name, count]) => `${count} ${name}`);
  console.log(`${jobs} jobs; ${tasks} tasks ran ${runs} times; results: ${how.join(", ")}`);
  console.log(`clients attached again ${repeated} times after a retryable error`);
  for (const line of [...lost, ...doubled, ...wrong, ...processes, ...files].slice(0, 40)) console.log(`  ${line}`);
  if (found.complaint !== "") console.log(`stderr of clients ends with:\n${found.complaint}`);
  console.log(
    `${lost.length} lost, ${doubled.length} doubled, ${wrong.length} wrong, at rest after ${restedAfter} s, ` +
      `${processes.length} processes and ${files.length} files left`,
  );
  const isSound = [lost, doubled, wrong, processes, files].every((list) => list.length === 0);
  process.exitCode = isSound && !found.isLate && jobs > 0 ? 0 : 1;
}
