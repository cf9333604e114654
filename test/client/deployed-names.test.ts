import { describe, expect, test } from "vitest";
import { drain, scale, waitForEngines } from "../../client/cluster/engine-roster.ts";
import { deployed } from "../../client/index.ts";
import { CodeShippingOff, UnknownFunction } from "../../lambdas/protocol/errors.ts";
import { aClient } from "./a-client.ts";

const { added } = deployed<{ added(x: number): number }>();

/** Creates a client that connected before `added` was deployed. */
function anOldClient(shipping = true) {
  const client = aClient();
  client.core.units.rules = { shipping, functions: ["first"], mayBeOld: true };
  client.cloud.functions = ["first", "added"];
  client.cloud.behaviour = ([x]) => Number(x) + 1;
  return client;
}

describe("the names of deployed functions that a client knows", () => {
  test("a client knows the deployed names as of its connection, and an error says how to refresh them", () => {
    const { view } = anOldClient();
    expect(() => view.apply(added, 1)).toThrow(UnknownFunction);
    expect(() => view.apply(added, 1)).toThrow(
      /if the cluster was deployed again since the client last read their names, call `await client\.waitForEngines\(1\)`/,
    );
    const closed = anOldClient(false);
    expect(() => closed.view.apply((x: number) => x, 1)).toThrow(CodeShippingOff);
    expect(() => closed.view.apply((x: number) => x, 1)).toThrow(/`await client\.waitForEngines\(1\)` and try again/);
  });

  test.each(["waitForEngines", "scale", "drain"] as const)("the deployed names are refreshed by %s", async (how) => {
    const { core, view, clock } = anOldClient(false);
    const looks = {
      waitForEngines: () => waitForEngines(core, 1, {}),
      scale: () => scale(core, "default", 2),
      drain: () => drain(core, [1], {}),
    };
    await clock.until(looks[how]());
    expect(await clock.until(view.apply(added, 1))).toBe(2);
    expect(() => view.apply(deployed<() => void>("gone"))).toThrow(/deployed functions: first, added.*and try again/);
  });

  test("a listener for `engine` refreshes the deployed names without additional messages", async () => {
    const { core, view, cloud, clock } = anOldClient();
    const end = core.events.on("engine", () => {});
    await clock.advance(0);
    expect(cloud.messages.map(({ type }) => type)).toEqual(["status"]);
    expect(await clock.until(view.apply(added, 1))).toBe(2);
    end();
  });
});
