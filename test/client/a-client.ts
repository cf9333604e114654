import { ClientCore } from "../../client/client-core.ts";
import type { Flags } from "../../client/flags/flags.ts";
import type { AsyncResult } from "../../client/results/async-result.ts";
import { type ResubmitFlags, resubmit } from "../../client/submit/resubmit.ts";
import { LoadBalancedView } from "../../client/views/view.ts";
import { ScriptedCloud } from "./scripted-cloud.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface TestClient {
  core: ClientCore;
  cloud: ScriptedCloud;
  clock: VirtualClock;
  view: LoadBalancedView;
}

/**
 * Creates a client with a scripted cloud and a virtual clock. Pass both on to create another client of the same cloud.
 */
export function aClient(flags: Flags = {}, shared: { cloud?: ScriptedCloud; clock?: VirtualClock } = {}): TestClient {
  const clock = shared.clock ?? new VirtualClock();
  const cloud = shared.cloud ?? new ScriptedCloud();
  cloud.now = () => clock.now();
  const pools = [
    { name: "default", count: 2, memoryMb: 1769, timeoutSeconds: 900 },
    { name: "large", count: 1, memoryMb: 4096, timeoutSeconds: 900 },
  ];
  const core = new ClientCore(cloud, clock, pools);
  return { core, cloud, clock, view: new LoadBalancedView(core, flags) };
}

/** Resubmits tasks, as `Client.resubmit` does. */
export function resubmitted(
  core: ClientCore,
  wanted: string | readonly string[],
  flags: ResubmitFlags = {},
): AsyncResult<unknown, unknown> {
  return core.results.of<unknown, unknown>(resubmit(core, wanted, flags));
}
