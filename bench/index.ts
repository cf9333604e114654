import { parseArgs } from "node:util";
import * as v from "valibot";
import { Client } from "../client/index.ts";
import { startCloud } from "../client/local/index.ts";
import { LATENCY_TEXT, latencyOf, latencyText } from "../client/local/latency/latency-option.ts";
import { machineMs } from "../client/local/requests/call-log.ts";
import { HighWaterMark, SchemeName } from "../lambdas/protocol/flags.ts";
import { callFigures } from "./call-figures.ts";
import { type Figure, usageFigures } from "./figure.ts";
import { runFlat } from "./flat/index.ts";
import { comparePeers } from "./peers/index.ts";
import { piscinaLimit } from "./piscina-limit.ts";
import { treeCpuMs } from "./process-tree.ts";
import { WORKLOADS } from "./run-workload.ts";
import { runScale } from "./scale/index.ts";
import { startFigures } from "./start-figures.ts";

if (process.argv.includes("--peers")) process.exit(await comparePeers(process.argv.slice(2)));
if (process.argv.includes("--flat")) process.exit(await runFlat(process.argv.slice(2)));
if (process.argv.includes("--scale")) process.exit(await runScale(process.argv.slice(2)));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: "string" },
    engines: { type: "string", default: "2" },
    hwm: { type: "string", default: "adaptive" },
    scheme: { type: "string", default: "leastload" },
    data: { type: "string" },
    latency: { type: "string" },
    "trace-calls": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    limits: { type: "boolean", default: true },
  },
  allowNegative: true,
});

/** Measures, instead of a workload, an import, the command's help and the start of clusters. Linux only. */
const START = "start";

const engines = v.parse(v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1)), values.engines);
const hwm = v.parse(HighWaterMark, values.hwm === "adaptive" ? "adaptive" : Number(values.hwm));
const scheme = v.parse(SchemeName, values.scheme);
const n = v.parse(v.optional(v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1))), values.n);
const latency = values.latency === undefined ? undefined : latencyOf(values.latency);
if (values.latency !== undefined && !latency) {
  console.error(`--latency ${LATENCY_TEXT}, not ${values.latency}`);
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : Object.keys(WORKLOADS);
const unknown = names.find((name) => name !== START && !(name in WORKLOADS));
if (unknown !== undefined) {
  console.error(`unknown workload ${unknown}: choose from ${[...Object.keys(WORKLOADS), START].join(", ")}`);
  process.exit(2);
}

function show(figure: Figure): void {
  if (values.json) console.log(JSON.stringify(figure));
  else {
    const { system, workload, metric, value, unit } = figure;
    const shown = Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
    console.log(`${system.padEnd(28)} ${workload.padEnd(13)} ${metric.padEnd(22)} ${shown.padStart(10)} ${unit}`);
  }
}

const system = `fantail/${scheme}/hwm-${hwm}${latency ? `/${latencyText(latency)}` : ""}`;
for (const workload of names) {
  if (workload === START)
    for (const figure of await startFigures(engines)) show({ system: "fantail", workload, ...figure });
  const run = WORKLOADS[workload];
  if (!run) continue;
  const pools = [{ name: "default", count: engines }];
  const cloud = await startCloud({
    pools,
    scheme,
    hwm,
    latency,
    dataDir: values.data,
    tuning: { recordCalls: true },
  });
  const client = await Client.connect({ urlFile: cloud.urlFile });
  try {
    const view = client.loadBalancedView();
    // Warm up as the other systems' drivers do: 20 single tasks, then 4 tasks per engine at once.
    for (let at = 0; at < 20; at++) await view.apply((x: number) => x * x, 3);
    await view.map(
      (x: number) => x * x,
      Array.from({ length: engines * 4 }, (_, x) => x),
    );
    await cloud.resetMeter();
    const cpuBefore = treeCpuMs();
    const from = machineMs();
    const result = await run({ view, engines, n, killEngine: () => cloud.faults.killEngine() });
    const to = machineMs();
    const cpuAfter = treeCpuMs();
    const { figures: calls, trace } = callFigures(await cloud.calls(), result.spans ?? [{ from, to }]);
    const usage = usageFigures(await cloud.meter(), result.tasks);
    if (cpuBefore !== undefined && cpuAfter !== undefined)
      usage.push({ metric: "cpu_ms_per_task", value: (cpuAfter - cpuBefore) / result.tasks, unit: "ms" });
    for (const figure of [...result.figures, ...usage, ...calls]) show({ system, workload, ...figure });
    if (values["trace-calls"]) for (const line of trace) console.log(line);
    if (workload === "W1" && values.limits)
      show({
        system: "piscina",
        workload,
        metric: "tasks_per_s",
        value: await piscinaLimit(result.tasks, engines),
        unit: "tasks/s",
      });
  } finally {
    await client.close();
    await cloud.close();
  }
}
