import { Client } from "../../client/index.ts";
import { startCloud } from "../../client/local/index.ts";
import { WORKLOADS } from "../run-workload.ts";
import { nextPlan, tell } from "./driver-protocol.ts";

const [workload = "", engineCount] = process.argv.slice(2);
const engines = Number(engineCount);
const hwm = workload === "W10" ? 1 : "adaptive";
const cloud = await startCloud({ pools: [{ name: "default", count: engines }], hwm });
const client = await Client.connect({ urlFile: cloud.urlFile });
try {
  const view = client.loadBalancedView();
  const square = (x: number) => x * x;
  await view.apply(square, 3);
  tell({ event: "first-result", versions: {} });
  for (let at = 0; at < 20; at++) await view.apply(square, at);
  await view.map(
    square,
    Array.from({ length: engines * 4 }, (_, x) => x),
  );
  tell({ event: "ready" });
  const plan = await nextPlan();
  const run = WORKLOADS[plan.workload];
  if (run) {
    const n = plan.n === 0 ? undefined : plan.n;
    const { tasks, figures } = await run({ view, engines, n, killEngine: () => cloud.faults.killEngine() });
    tell({
      event: "figures",
      tasks,
      figures: Object.fromEntries(figures.map(({ metric, value }) => [metric, value])),
    });
  }
} finally {
  await client.close();
  await cloud.close();
}
