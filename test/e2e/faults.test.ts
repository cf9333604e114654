import { describe, expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();
const square = (x: number) => x * x;
const slowSquare = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x * x), 40));
const squares = (n: number) => range(n).map(square);

describe("a task that harms its engine affects no other task", () => {
  test("a task that calls process.exit(3) fails with that reason", async () => {
    const attempt = view().apply(() => process.exit(3));
    await expect(attempt).rejects.toMatchObject({ code: "EngineError", evalue: expect.stringContaining("exit(3)") });
    expect(await view().apply(square, 4)).toBe(16);
  });

  test("a task in an endless loop ends at runTimeoutMs", async () => {
    const attempt = view()
      .withFlags({ runTimeoutMs: 300 })
      .apply(() => {
        for (;;);
      });
    await expect(attempt).rejects.toMatchObject({ code: "RunTimeout" });
  });

  test("a task that never settles ends at runTimeoutMs", async () => {
    const attempt = view()
      .withFlags({ runTimeoutMs: 300 })
      .apply(() => new Promise<never>(() => {}));
    await expect(attempt).rejects.toMatchObject({ code: "RunTimeout" });
  });

  test("a task's output is kept, however its engine ended", async () => {
    const exits = view().apply((): unknown => {
      for (let line = 1; line <= 50; line++) console.log(`line ${line}`);
      process.exit(1);
    });
    await expect(exits).rejects.toMatchObject({ code: "EngineError" });
    expect((await exits.stdout()).split("\n")).toHaveLength(51);
    // The output of a killed environment is kept up to its last heartbeat, so let one pass before the task dies.
    const gate = new Gate();
    const killed = view().apply(async (path: string) => {
      console.error("last words");
      await opened(path);
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => undefined);
    }, gate.path);
    await killed.streamOutput({ stderr: { write: () => gate.open() } });
    await expect(killed).rejects.toMatchObject({ code: "EngineError" });
    expect(await killed.stderr()).toBe("last words\n");
    expect(await killed.metadata()).toMatchObject({ stderr: "last words\n" });
  });

  test("a task that kills its engine among 200 no-ops gives one EngineError and 199 results", async () => {
    const outcomes = await view()
      .withFlags({ returnExceptions: true, retries: 0 })
      .map((x: number) => {
        if (x === 77) process.kill(process.pid, "SIGKILL");
        return x * x;
      }, range(200));
    const failed = range(200).filter((x) => outcomes[x] !== x * x);
    expect(failed).toEqual([77]);
    expect(outcomes[77]).toMatchObject({ code: "EngineError" });
  });
});

describe("an engine process killed in the middle of a lease", () => {
  test("with one retry, all results of a killed engine's lease arrive", async () => {
    const gate = new Gate();
    const { path } = gate;
    const held = (x: number) => (x < 10 ? x * x : opened(path).then(() => x * x));
    const results = view().withFlags({ retries: 1 }).map(held, range(60));
    await expect.poll(() => results.progress(), { interval: 20 }).toBeGreaterThan(4);
    expect(await cluster.cloud.faults.killEngine()).toHaveLength(1);
    gate.open();
    expect(await results).toEqual(squares(60));
  });

  test("without retries, a killed engine's task fails at once with an EngineError that names the engine", async () => {
    const attempt = view().apply(() => {
      console.error("begun");
      return new Promise<never>(() => {});
    });
    // If the engine were killed before its session began, another would run the task, again and again. The task's
    // output arrives with a heartbeat, so after the session began.
    await new Promise<void>(
      (resolve) => void attempt.streamOutput({ stderr: { write: () => resolve() } }).catch(() => {}),
    );
    const [engine] = (await cluster.status()).engines.filter(({ load }) => load > 0);
    expect(await cluster.cloud.faults.killEngine(engine?.id)).toHaveLength(1);
    const killed = performance.now();
    await expect(attempt).rejects.toMatchObject({ code: "EngineError", engineId: engine?.id });
    // The failure record ends the task now. Without it, the sweep would a minute later.
    expect(performance.now() - killed).toBeLessThan(10_000);
  });
});

// test/scheduler kills a scheduler at each of its steps: two sweeps, minutes apart, recover what it had claimed but not
// leased, which only virtual time makes fast.
describe("calls that the cloud loses, doubles or refuses", () => {
  test("a session whose event was lost is invoked again", async () => {
    await cluster.cloud.faults.dropEvents("engine");
    expect(await view().apply(square, 6)).toBe(36);
  });

  test("if an event is delivered twice, user code runs once", async () => {
    await cluster.cloud.faults.doubleEvents("engine");
    const result = view().apply(slowSquare, 7);
    expect(await result).toBe(49);
    const metadata = await result.metadata();
    expect([metadata].flat().flatMap(({ attempts }) => attempts)).toHaveLength(1);
  });

  test("a report whose answer is lost is repeated, and counts once", async () => {
    await cluster.cloud.faults.loseAnswers("report", 3);
    expect(await view().map(square, range(50))).toEqual(squares(50));
  });

  test("a submission whose answer is lost is repeated without running anything twice", async () => {
    await cluster.cloud.faults.loseAnswers("scheduler", 1);
    expect(await view().map(square, range(50))).toEqual(squares(50));
  });

  test("a client connects while the scheduler's reads are throttled", async () => {
    await cluster.cloud.faults.throttle(8);
    await using client = await Client.connect({ urlFile: cluster.cloud.urlFile });
    expect(await client.loadBalancedView().apply(square, 3)).toBe(9);
  });

  test("throttling and unprocessed items are retried", async () => {
    await cluster.cloud.faults.throttle(6);
    await cluster.cloud.faults.leaveUnprocessed(4);
    expect(await view().map(square, range(3000))).toEqual(squares(3000));
  });
});
