import { expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { PushMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { aJob, submitParts } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { kept } from "./puppet-engine.ts";

const FN = { code: "b".repeat(64), at: "table" as const, name: "named" };

function push(world: World, values: PushMessage["values"], units: PushMessage["units"] = []) {
  return world.until(world.send({ type: "push", units, values }));
}

/** Returns the grant of a job with one task for one engine that refers to these names. */
async function grantWith(names: string[] | undefined, values: PushMessage["values"], units: PushMessage["units"] = []) {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 2, sweeps: false, faults: kept(events) });
  await push(world, values, units);
  const { header, pages } = aJob(1, world.clock.now(), { flags: { targets: [1] } });
  const named = names ? { ...header, names } : header;
  await world.until(world.send(submitParts([{ header: named, pages, last: true }])));
  return events[0]?.grant;
}

test("a pushed value can be pulled from each engine, and a later push replaces it on its own engines only", async () => {
  const world = new World();
  await push(world, [{ name: "a", engines: [0, 1, 2], value: "J1" }]);
  await push(world, [
    { name: "a", engines: [1], value: "J2" },
    { name: "a", engines: [1], value: "J3" },
  ]);
  const answer = await world.until(world.send({ type: "pull", names: ["a", "b"], engines: [2, 1, 0] }));
  expect(answer).toEqual({
    type: "values",
    values: [
      ["J1", "J3", "J1"],
      [null, null, null],
    ],
  });
});

test("a lease brings its engine's values of the job's names, and omits undefined ones", async () => {
  const grant = await grantWith(
    ["a", "missing"],
    [
      { name: "a", engines: [0], value: "J0" },
      { name: "a", engines: [1], value: "J1" },
      { name: "other", engines: [1], value: "J9" },
    ],
  );
  expect(grant?.names).toEqual([["a", "J1"]]);
});

test("a lease contains a named function and its code", async () => {
  const grant = await grantWith(
    ["f"],
    [{ name: "f", engines: [1], value: { fn: FN } }],
    [{ hash: FN.code, body: "Y29kZQ==" }],
  );
  expect(grant?.names).toEqual([["f", { fn: 1 }]]);
  expect(grant?.functions[1]).toEqual(FN);
  expect(grant?.units.map(({ hash }) => hash)).toContain(FN.code);
});

test("a lease of tasks that refer to nothing has no names, and none are read", async () => {
  const grant = await grantWith(undefined, [{ name: "a", engines: [1], value: "J1" }]);
  expect(grant).toBeDefined();
  expect(grant).not.toHaveProperty("names");
});
