import { describe, expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";

const POLLS = "looks again and again for what it waits for";
const KILLED = "a task or function that is killed, aborted or left long before its time is over";
const LENGTH = "tasks of some length: what is asserted holds for any";

/** Timed waits of the tests: how many each file has, and why. A test waits for events, not for time. */
const ALLOWED: Record<string, [waits: number, reason: string]> = {
  "test/contract/container/own-engine.ts": [1, POLLS],
  "test/contract/loss-scenarios.ts": [1, LENGTH],
  "test/contract/ministack-server.ts": [1, POLLS],
  "test/contract/task-scenarios.ts": [1, KILLED],
  "test/e2e/a-doomed-client.ts": [1, LENGTH],
  "test/e2e/a-restart.ts": [1, POLLS],
  "test/e2e/aborts.test.ts": [1, KILLED],
  "test/e2e/budget.slow.ts": [1, LENGTH],
  "test/e2e/budget.test.ts": [1, LENGTH],
  "test/e2e/estimate.slow.ts": [1, LENGTH],
  "test/e2e/faults.test.ts": [1, LENGTH],
  "test/e2e/gate.ts": [1, POLLS],
  "test/e2e/graphs.test.ts": [1, LENGTH],
  "test/e2e/nested-tasks.test.ts": [1, KILLED],
  "test/engine/releases.ts": [1, "repeats a release, for tasks that start later"],
  "test/engine/time-limits.test.ts": [1, "a task that is late by its thread's clock, which is the machine's"],
  "test/fidelity/probe-stack.ts": [1, "a function of some length, for clouds whose clock a test cannot move"],
  "test/local/a-cloud-owner.ts": [1, "keeps the process alive until it is killed"],
  "test/local/cli.test.ts": [1, KILLED],
  "test/local/cloud-ends.test.ts": [2, KILLED],
  "test/local/dynamodb-restarts.slow.ts": [2, LENGTH],
  "test/local/events.test.ts": [3, "functions that are busy, by Lambda's own clock, while other events wait"],
  "test/local/invoke.test.ts": [1, "a function that is busy while another call comes"],
  "test/local/lifecycle.test.ts": [1, POLLS],
  "test/package/ready.test.ts": [1, POLLS],
  "test/runtime-client/client-run.ts": [1, "ends a function that does not answer"],
  "test/runtime-client/function-cases.ts": [3, "functions that fail after they have answered, or never answer"],
  "test/soak/soak-run.ts": [
    2,
    "it samples at regular times, and a task holds an engine while others expire in the queue",
  ],
  "test/store/moto/moto-server.ts": [1, POLLS],
};

/** Returns the arguments of a call that opens at `from`, split at commas outside of brackets. */
function argumentsAt(text: string, from: number): string[] {
  const found = [""];
  let depth = 0;
  for (const char of text.slice(from)) {
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char) && --depth < 0) break;
    if (char === "," && depth === 0) found.push("");
    else found[found.length - 1] += char;
  }
  return found.map((argument) => argument.trim()).filter((argument) => argument !== "");
}

/** Returns the waits for time in a text, of the code in its strings too: timers with a delay, and loops on a clock. */
function timedWaits(text: string): string[] {
  const [, imported, renamed] = /\b(setTimeout)(?: as (\w+))?[^}]*\} from "node:timers\/promises"/.exec(text) ?? [];
  const sleep = renamed ?? imported;
  const calls = [...text.matchAll(/(?<![.\w])(setTimeout|setInterval)\(/g)]
    .map(({ 0: call, index }) => argumentsAt(text, index + call.length))
    .filter(([, delay]) => sleep === "setTimeout" || (delay !== undefined && delay !== "0"))
    .map((given) => given.join(", "));
  const sleeps = renamed
    ? [...text.matchAll(new RegExp(`(?<![.\\w])${renamed}\\(`, "g"))].map(({ 0: call }) => call)
    : [];
  const loops = [...text.matchAll(/\b(?:Date|performance)\.now\(\) (?:<|>=?) ?\w*\s*;?\s*\)/g)];
  const busy = loops.filter(({ index }) => /\b(?:for|while) \([^\n]*$/.test(text.slice(0, index)));
  return [...calls, ...sleeps, ...busy.map(({ 0: loop }) => loop)];
}

describe("tests", () => {
  it("tests wait for no fixed time, except where listed with a reason", () => {
    const found = modulesBelow("test")
      // A chaos run injects faults for a given time, and polls afterwards.
      .filter(({ path }) => path !== "test/architecture/timed-sleeps.test.ts" && !path.startsWith("test/chaos/"))
      .map(({ path, text }) => [path, timedWaits(text).length] as const);
    const expected = Object.entries(ALLOWED).map(([path, [waits]]) => [path, waits]);
    expect(Object.fromEntries(found.filter(([, waits]) => waits > 0))).toEqual(Object.fromEntries(expected));
  });

  it("the search finds every kind of wait for a fixed time", () => {
    expect(timedWaits("await new Promise((done) => setTimeout(done, 20));")).toEqual(["done, 20"]);
    expect(timedWaits("setInterval(() => look(a, b), EVERY_MS);")).toHaveLength(1);
    expect(timedWaits('import { setTimeout as rest } from "node:timers/promises";\nawait rest(5);')).toEqual(["rest("]);
    expect(timedWaits('import { setTimeout } from "node:timers/promises";\nawait setTimeout(5);')).toEqual(["5"]);
    expect(timedWaits("for (const end = Date.now() + 5; Date.now() < end; );")).toHaveLength(1);
    expect(timedWaits("while (performance.now() < end) count++;")).toHaveLength(1);
    expect(timedWaits('const code = "setTimeout(done, event.ms)";')).toHaveLength(1);
  });

  it("the search allows waits for a turn of the event loop, for an event, and for a test's own clock", () => {
    expect(timedWaits("setTimeout(done); setTimeout(() => f(1, 2)); setImmediate(done, 20);")).toEqual([]);
    expect(timedWaits("await clock.sleep(50); clock.setTimeout(done, 50);")).toEqual([]);
    expect(timedWaits("await vi.waitFor(() => expect(a).toBe(b), PATIENCE);")).toEqual([]);
    expect(timedWaits("expect(Date.now() < end).toBe(true);")).toEqual([]);
  });
});
