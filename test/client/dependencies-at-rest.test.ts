import { describe, expect, it } from "vitest";
import { Dependency, dependencyAtRest } from "../../client/flags/dependency.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const ONE = "01ARZ3NDEKTSV4RRFFQ69G5FAA";
const OTHER = "01ARZ3NDEKTSV4RRFFQ69G5FAB";

describe("a dependency to be sent", () => {
  it("a dependency to be sent has the ranges of its parents, merged by job, in whatever order they were given", () => {
    const ids = [taskId(ONE, 3), taskId(OTHER, 7), taskId(ONE, 1), taskId(ONE, 2), taskId(OTHER, 9), taskId(ONE, 2)];
    expect(dependencyAtRest(new Dependency(ids))?.on).toEqual([
      [ONE, 1, 4],
      [OTHER, 7, 8],
      [OTHER, 9, 10],
    ]);
  });

  it("a dependency to be sent on a job includes the job's tasks", () => {
    const [[job, from, to] = []] = dependencyAtRest(new Dependency([ONE, taskId(ONE, 5)]))?.on ?? [];
    expect([job, from]).toEqual([ONE, 0]);
    expect(to).toBeGreaterThan(1_000_000);
  });

  it("a dependency on 60,000 tasks is encoded without a copy of all of them for each", () => {
    const ids = Array.from({ length: 60_000 }, (_, at) => taskId(ONE, 2 * at));
    const dependency = new Dependency(ids);
    const begun = process.cpuUsage();
    expect(dependencyAtRest(dependency)?.on).toHaveLength(60_000);
    // Copies for each parent took 15 seconds.
    expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(3);
  });

  it("tasks of one job are refused together, and each refusal is reported once", async () => {
    const { view, core, cloud, clock } = aClient();
    cloud.answer = ({ type }) => (type === "submit" ? { type: "error", code: "Refused", message: "no" } : undefined);
    for (let x = 0; x < 3; x++) view.apply(same, x);
    await settle();
    const lines: string[] = [];
    await clock.until(core.close((line) => lines.push(line)));
    expect(lines).toEqual([
      expect.stringMatching(/^fantail: 3 tasks failed and nobody awaited their results, first: /),
    ]);
  });
});
