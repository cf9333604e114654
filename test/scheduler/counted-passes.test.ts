import { expect, it } from "vitest";
import { EmbeddedMetrics } from "../../lambdas/adapters/embedded-metrics.ts";
import { PASS_METRICS } from "../../lambdas/protocol/metric-names.ts";
import { countedLog, countedPasses } from "../../lambdas/scheduler/counted-passes.ts";

function counted(namespace: string | undefined) {
  const lines: Record<string, unknown>[] = [];
  const logged: string[] = [];
  const place = { namespace, dimension: ["Function", "report"] } as const;
  const metrics = new EmbeddedMetrics(
    place,
    PASS_METRICS,
    () => 7,
    (line) => lines.push(JSON.parse(line)),
  );
  const log = countedLog((event) => void logged.push(event), metrics);
  return { lines, logged, metrics, log };
}

it("a pass writes one line with what it has counted, also if it fails", async () => {
  const { lines, logged, metrics, log } = counted("Mine");
  let now = 100;
  const pass = countedPasses(
    async (fails) => {
      log("submitted", { job: "J", tasks: [[0, 30]] });
      log("submitted", { job: "K", tasks: [[0, 2]] });
      log("session-started", { engine: 1 });
      log("start-failed", { engine: 2 });
      now += 25;
      if (fails) throw new Error("failed");
      return "answer";
    },
    metrics,
    () => now,
  );
  expect(await pass(false)).toBe("answer");
  await expect(pass(true)).rejects.toThrow("failed");
  const counts = { JobsSubmitted: 2, TasksSubmitted: 32, SessionsStarted: 1, Errors: 1, PassDuration: 25 };
  expect(lines.map(({ _aws, ...values }) => values)).toEqual([
    { Function: "report", ...counts },
    { Function: "report", ...counts },
  ]);
  expect(logged).toHaveLength(8);
  expect(lines[0]?._aws).toMatchObject({
    Timestamp: 7,
    CloudWatchMetrics: [{ Namespace: "Mine", Dimensions: [["Function"]] }],
  });
});

it("without a namespace, passes and logs are not wrapped at all", () => {
  const { metrics } = counted(undefined);
  const log = () => {};
  const handler = async () => 1;
  expect(countedLog(log, metrics)).toBe(log);
  expect(countedPasses(handler, metrics, Date.now)).toBe(handler);
});
