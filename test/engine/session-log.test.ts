import { expect, it } from "vitest";
import { jsonLog } from "../../lambdas/adapters/json-log.ts";
import { aLease, anEngine, JOB } from "./an-engine.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

const who = { job: JOB, lease: 1, engine: 3, session: "session-" };

it("an engine logs a report with its outcomes, and with the errors of its first five failures", async () => {
  const engine = await anEngine();
  const throwing = (x: number) => {
    if (x > 1) throw new RangeError(`${x} is too large`);
    return x;
  };
  const calls = [0, 1, 2, 3, 4, 5, 6, 7].map((x) => [x]);
  await engine.invoke(new ScriptedEndpoint([aLease(throwing, calls)]));
  const errors = Object.fromEntries([2, 3, 4, 5, 6].map((x) => [`${JOB}.${x}`, `RangeError: ${x} is too large`]));
  expect(engine.logged).toEqual([
    {
      ...{ time: expect.stringMatching(/^\d{4}-.*Z$/), level: "info", event: "reported", ...who },
      ...{ tasks: [[0, 8]], ended: { ok: 2, error: 6 }, errors, returned: 0, running: 0 },
    },
  ]);
});

it("an engine logs which task its thread was running when it died, and why it died", async () => {
  const engine = await anEngine();
  const exiting = (x: number) => (x === 1 ? process.exit(3) : x);
  await engine.invoke(new ScriptedEndpoint([aLease(exiting, [[0], [1]])]));
  expect(engine.logged.filter(({ event }) => event === "worker-died")).toEqual([
    {
      ...{ time: expect.any(String), level: "warn", event: "worker-died", ...who, task: `${JOB}.1` },
      reason: expect.stringContaining("process.exit(3)"),
    },
  ]);
});

it("at level warn, fields of lesser lines are not even computed", () => {
  const lines: string[] = [];
  const log = jsonLog("warn", () => 0, (line) => lines.push(line)); // biome-ignore format: as written
  log("reported", () => {
    throw new Error("computed");
  });
  log("session-refused", { job: JOB, engine: 1, session: "0123456789" });
  expect(lines).toEqual([
    `{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"session-refused","job":"${JOB}","engine":1,"session":"01234567"}\n`,
  ]);
});

it("with a namespace, an engine writes one line of metrics at the end of its invocation", async () => {
  const engine = await anEngine();
  engine.namespace = "Mine";
  const throwing = (x: number) => {
    if (x === 1) throw new Error("one");
  };
  await engine.invoke(new ScriptedEndpoint([aLease(throwing, [[0], [1], [2]])]));
  const metrics = engine.logged.filter((line) => "_aws" in line);
  const unit = (Name: string, Unit = "Count") => ({ Name, Unit });
  const Metrics = [unit("Reports"), unit("TasksSucceeded"), unit("TaskDuration", "Milliseconds"), unit("TasksFailed")];
  expect(metrics).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [{ Namespace: "Mine", Dimensions: [["Pool"]], Metrics }],
      },
      ...{ Pool: "default", Reports: 1, TasksSucceeded: 2, TasksFailed: 1, TaskDuration: expect.any(Number) },
    },
  ]);
});

it("without a namespace, an engine writes no metrics", async () => {
  const engine = await anEngine();
  await engine.invoke(new ScriptedEndpoint([aLease(() => 1, [[]])]));
  expect(engine.logged.filter((line) => "_aws" in line)).toEqual([]);
});
