import { expect, it } from "vitest";
import { PhaseClock } from "../../lambdas/engine/worker/phase-clock.ts";
import { aLease, anEngine } from "./an-engine.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

it("an attempt that only ran has no phases", () => {
  expect(new PhaseClock(100, 99.5, undefined).known(200)).toEqual({});
});

it("a cold start lasts until the arguments are fetched, and fetching until the attempt starts", () => {
  expect(new PhaseClock(500, 480, 80).known(600)).toEqual({ phases: { cold: 400, fetched: 20, parked: [] } });
});

it("requests close together are one wait, and the ninth wait is part of the eighth", () => {
  const clock = new PhaseClock(0, 0, undefined);
  const wait = (from: number, to: number) => clock.wait(from)(to);
  wait(10, 500);
  wait(1000, 1500);
  wait(10_000, 10_050);
  expect(clock.known(20_000)).toEqual({
    phases: {
      cold: 0,
      fetched: 0,
      parked: [
        [10, 1490],
        [10_000, 50],
      ],
    },
  });
  for (let at = 2; at < 12; at++) wait(at * 10_000, at * 10_000 + 50);
  expect(clock.known(200_000).phases?.parked?.slice(7)).toEqual([[70_000, 40_050]]);
});

it("the first task of an engine reports its cold start, and no other", async () => {
  const engine = await anEngine();
  const endpoint = new ScriptedEndpoint([aLease(() => 1, [[], []])]);
  await engine.invoke(endpoint);
  const phases = endpoint.of("report").flatMap(({ entries }) => entries.map((entry) => entry.phases));
  expect(phases).toEqual([{ cold: expect.any(Number), fetched: 0, parked: [] }, undefined]);
});
