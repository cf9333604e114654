import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Dependency } from "../../client/flags/dependency.ts";
import { getResult } from "../../client/results/get-result.ts";
import { explain } from "../../client/shipping/explain.ts";
import { DirectView } from "../../client/views/direct-view.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { Reference } from "../../lambdas/protocol/reference.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

it("the inspection symbol is Node's own", () => {
  expect(INSPECT).toBe(inspect.custom);
});

describe("console.log of a result", () => {
  it("console.log shows the state from submission to end, without a request", async () => {
    const { view, cloud, clock, core } = aClient();
    const result = view.map(same, [0, 1, 2, 3]);
    const { jobId } = result;
    expect(inspect(result)).toBe(`AsyncResult { job ${jobId}, 0 of 4 done }`);
    await settle();
    cloud.end(jobId, 0, 3, (index) => {
      if (index === 1) throw new RangeError("no");
      return index;
    });
    const { length } = cloud.queries;
    expect(inspect(result)).toBe(`AsyncResult { job ${jobId}, 0 of 4 done }`);
    await settle();
    expect(cloud.queries).toHaveLength(length);
    await clock.until(result.ready());
    expect(inspect(result)).toBe(`AsyncResult { job ${jobId}, 3 of 4 done, 1 failed }`);
    // The result was shown, but never awaited.
    const lines: string[] = [];
    await clock.until(core.close((line) => lines.push(line)));
    expect(lines).toHaveLength(1);
  });

  it("console.log of an apply shows its task and label", () => {
    const { view } = aClient({ label: "x" });
    const result = view.apply(same, 1);
    expect(inspect(result)).toBe(`AsyncResult { task ${result.jobId}, label "x", 0 of 1 done }`);
    expect(inspect(view.map(same, [1, 2]))).toMatch(/^AsyncResult \{ job \S+, label "x", 0 of 2 done \}$/);
  });

  it("console.log of a result made from an id shows that it has not been read", () => {
    const job = "01HF7YAT0076YKJTZWW4MDMGDX";
    expect(inspect(getResult(aClient().core, job))).toBe(`AsyncResult { job ${job}, not read yet }`);
  });

  it("console.log of a refused submission's result shows the reason", async () => {
    const { view, cloud, clock } = aClient();
    cloud.answer = (message) => (message.type === "submit" ? new Error("no scheduler") : undefined);
    const result = view.map(same, [1, 2]);
    await clock.until(result.catch(() => {}));
    expect(inspect(result)).toMatch(/^AsyncResult \{ job \S+, 0 of 2 done, ended by \w+ \}$/);
  });
});

describe("console.log prints in one line", () => {
  it("console.log of a view shows its flags", () => {
    const { view, core } = aClient({ retries: 1, label: "x" });
    expect(inspect(view)).toBe("LoadBalancedView { retries: 1, label: 'x' }");
    expect(inspect(aClient().view)).toBe("LoadBalancedView {}");
    expect(inspect(new DirectView(core, [0, 1], { retries: 1 }))).toBe("DirectView { targets: [ 0, 1 ], retries: 1 }");
    expect(inspect(new DirectView(core, undefined))).toBe("DirectView { targets: 'all' }");
    const deep = view.withFlags({ after: new Dependency(view.map(same, [1])), signal: new AbortController().signal });
    expect(inspect(deep)).toMatch(/^LoadBalancedView \{ .*Dependency \{ success of all of 1 parent \}.* \}$/);
  });

  it("console.log of a dependency shows which tasks it waits for", () => {
    const id = "01HF7YAT0076YKJTZWW4MDMGDX.0";
    expect(inspect(new Dependency(id))).toBe("Dependency { success of all of 1 parent }");
    const either = new Dependency([id, id], { all: false, failure: true });
    expect(inspect(either)).toBe("Dependency { success or failure of any of 2 parents }");
  });

  it("console.log of a reference shows its name", () => {
    expect(inspect(new Reference("a"))).toBe('Reference { "a" }');
  });

  it("console.log of an explanation shows everything that would be sent with the function", () => {
    const limit = 3;
    const explanation = explain(function below(x: number) {
      return x < limit;
    });
    expect(inspect(explanation)).toMatch(
      /^Explanation \{ function below; source \d+ bytes; data \d+ bytes; captures .*limit \}$/,
    );
    expect(Object.keys(explanation)).toContain("source");
  });
});
