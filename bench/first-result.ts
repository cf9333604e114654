import { setTimeout as sleep } from "node:timers/promises";

/**
 * A script's first second: starts a cluster and gets one result, then a few more. Prints when it had started and when
 * the first result was there, in milliseconds since the process began, and the CPU and memory of all its processes.
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
