import { setTimeout as sleep } from "node:timers/promises";

/**
 * Measures a script's first second: starts a cluster and gets one result, then a few more. Prints when the cluster had
 * started and when the first result arrived, in milliseconds since this process began, and the CPU time and memory of
 * all processes of the script.
 */

const engines = Number(process.argv[2] ?? 2);
const { Client } = await import("../client/index.ts");
const client = await Client.local({ engines });
const started = performance.now();
const view = client.loadBalancedView();
await view.apply((x: number) => x * x, 3);
const first = performance.now();
const { processTree } = await import("./process-tree.ts");
const used = processTree(process.pid);
for (let at = 0; at < 8; at++)
  await view.map(
    (x: number) => x * x,
    Array.from({ length: engines }, (_, x) => x),
  );
await sleep(2_000);
const idle = processTree(process.pid);
console.log(JSON.stringify({ started, first, used, idle }));
await client.close();
