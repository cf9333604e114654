import { describe, expect, it } from "vitest";
import { OUTPUT_CHARS } from "../../lambdas/engine/messages/kept-output.ts";
import { SharedOutput } from "../../lambdas/engine/messages/shared-output.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import { aLease, anEngine, type EngineSetting } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/** Prints, and then dies or never ends, as instructed. */
const act = (how: string): unknown => {
  for (let line = 1; line <= 50; line++) console.log(`line ${line}`);
  process.stderr.write("no newline at the end, é");
  if (how === "exit") process.exit(3);
  if (how === "throw later") {
    setTimeout(() => {
      throw new RangeError("nobody catches it");
    });
    return new Promise(() => undefined);
  }
  if (how === "reject") {
    void Promise.reject(new TypeError("nobody handles it"));
    return new Promise(() => undefined);
  }
  if (how === "memory") {
    const held: unknown[] = [];
    for (;;) held.push(new Array(1000).fill(how));
  }
  if (how === "wait") return new Promise(() => undefined);
  for (;;);
};

const LINES = Array.from({ length: 50 }, (_, at) => `line ${at + 1}\n`).join("");

async function lastOutput(how: string, setting: EngineSetting = {}, more = {}) {
  const engine = await anEngine(setting);
  const endpoint = new ScriptedEndpoint([aLease(act, [[how]], more)]);
  await engine.invoke(endpoint);
  return endpoint.entries().get(0);
}

describe("a finished task's output is reported", () => {
  for (const how of ["exit", "throw later", "reject"])
    it(`the output is reported when the task ends its thread: ${how}`, async () => {
      expect(await lastOutput(how)).toMatchObject({
        status: "lost",
        stdout: LINES,
        stderr: "no newline at the end, é",
      });
    });

  for (const how of ["spin", "wait"])
    it(`the output is reported when the task ran too long: ${how}`, async () => {
      const entry = await lastOutput(how, {}, { runTimeoutMs: 200 });
      expect(entry).toMatchObject({ status: "timeout", stdout: LINES, stderr: "no newline at the end, é" });
    });

  it("the output is reported when the task ran out of memory", async () => {
    const entry = await lastOutput("memory", { memoryMb: 160 });
    expect(entry).toMatchObject({ status: "lost", error: { memory: true }, stdout: LINES });
  });

  it("the output is reported when the task was aborted while it blocked the thread", async () => {
    const clock = new HeldClock();
    const engine = await anEngine({ clock });
    const heartbeat = (): EngineAnswer => ({ type: "alive", aborting: [[0, 1]] });
    const endpoint = new ScriptedEndpoint([aLease(act, [["spin"]])], { heartbeat });
    const ended = engine.invoke(endpoint);
    await expect.poll(() => engine.worker.written(0)?.stderr, { interval: 5 }).toContain("no newline at the end, é");
    await clock.passUntil(() => endpoint.of("heartbeat").length > 0);
    await ended;
    expect(endpoint.entries().get(0)).toMatchObject({ status: "aborted", stdout: LINES });
  });

  it("the output includes nothing from other tasks of the same or the previous lease", async () => {
    const engine = await anEngine();
    const silent = (text: string) => (text === "" ? process.exit(1) : console.log(text));
    const leases = [aLease(silent, [["other"], ["one"]]), aLease(silent, [[""], ["x"], [""]])];
    const endpoint = new ScriptedEndpoint(leases);
    await engine.invoke(endpoint);
    const [, second] = endpoint.of("report");
    const reported = second?.entries.map(({ index, status, stdout }) => [index, status, stdout]);
    expect(reported).toEqual([
      [0, "lost", undefined],
      [1, "ok", "x\n"],
      [2, "lost", undefined],
    ]);
  });
});

describe("the shared memory for a thread's output", () => {
  it("the shared memory keeps as much output as an outcome, and counts the dropped rest", () => {
    const output = new SharedOutput();
    const reader = new SharedOutput(output.memory);
    output.append(3, "stdout", "x".repeat(OUTPUT_CHARS - 1), 0);
    output.append(3, "stdout", "yz", 1);
    const { stdout = "", stderr } = reader.read(3) ?? {};
    expect(stdout.slice(OUTPUT_CHARS - 2)).toBe("xy\n[fantail: 1 more characters were not kept]\n");
    expect(stderr).toBe("");
  });

  it("the shared memory holds only the latest task's output", () => {
    const output = new SharedOutput();
    expect(output.read(0)).toBeUndefined();
    output.append(0, "stderr", "é😀", 0);
    expect(output.read(0)).toEqual({ stdout: "", stderr: "é😀" });
    output.append(1, "stdout", "b", 0);
    expect(output.read(0)).toBeUndefined();
    expect(output.read(1)).toEqual({ stdout: "b", stderr: "" });
    output.forget();
    expect(output.read(1)).toBeUndefined();
  });
});
