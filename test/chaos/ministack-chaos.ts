import { setTimeout as sleep } from "node:timers/promises";
import { findStack } from "../../client/cluster/find-stack.ts";
import { bootstrapAndDeploy } from "../contract/cdk-cli.ts";
import { EMULATOR } from "../contract/endpoint-target.ts";
import { installMinistack } from "../contract/ministack-install.ts";
import { MINISTACK_PROGRAM, startMinistack } from "../contract/ministack-server.ts";
import type { ChaosCloud } from "./chaos-cloud.ts";
import type { RunFolder } from "./journal.ts";
import { childRunning, childrenOf } from "./processes.ts";

/** An engine whose process was killed may be noticed only by its silence: after 150 s, if no client waits. */
const REST_MS = 180_000;
const STACK = "FantailChaos";

/**
 * Starts MiniStack for a chaos run. It keeps its data in memory, so it is stopped and its functions are killed, but it is
 * not restarted.
 */
export async function startMinistackChaos(_: RunFolder, chance: () => number): Promise<ChaosCloud> {
  const missing = await installMinistack();
  if (missing !== undefined) throw new Error(missing);
  Object.assign(process.env, EMULATOR.env);
  const { endpoint, stop } = await startMinistack();
  try {
    const props = { engines: [{ name: "default", count: 2 }] };
    await bootstrapAndDeploy({ stack: STACK, endpoint, env: EMULATOR.env, props });
    const found = await findStack({ stack: STACK, region: EMULATOR.region, endpoint, awsProfile: undefined });
    const connection = { ...found, endpoints: { lambda: endpoint, dynamodb: endpoint, s3: endpoint } };
    const pid = () => childRunning(process.pid, MINISTACK_PROGRAM) ?? 0;
    return {
      connection: () => connection,
      restMs: REST_MS,
      faults: {
        "MiniStack stopped": async () => {
          process.kill(pid(), "SIGSTOP");
          await sleep(300 + chance() * 2_700);
          process.kill(pid(), "SIGCONT");
          return true;
        },
        "a function's process killed": async () => {
          const victims = childrenOf(pid());
          const victim = victims[Math.floor(chance() * victims.length)];
          if (victim !== undefined) process.kill(victim, "SIGKILL");
          return victim !== undefined;
        },
      },
      onRestart: () => {},
      oddRows: async () => [],
      close: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
