import { setTimeout as delay } from "node:timers/promises";
import { Command } from "commander";
import { ownerIsAlive } from "../connection/connection.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { outputOption, show } from "./output-option.ts";
import { profileOption } from "./profile-option.ts";
import { knownCluster, removeConnectionFile } from "./running-cluster.ts";

/** Time that a cluster gets to stop before it is killed, in milliseconds. */
const STOP_MS = 10_000;
const POLL_MS = 50;

/** `fantail stop`: stops a cluster and waits until it has ended. */
export function stopCommand(): Command {
  return new Command("stop")
    .description("stop a cluster")
    .addOption(profileOption())
    .addOption(outputOption())
    .action(async ({ profile, output }: { profile: string; output: "text" | "json" }) => {
      const cluster = await knownCluster(profile);
      const pid = cluster?.connection.pid;
      if (!cluster?.running || pid === undefined) {
        // A killed cluster leaves its connection file behind.
        removeConnectionFile(profile, pid);
        throw new CommandFailure(`profile ${profile}: no cluster is running`, EXIT.alreadyStopped);
      }
      process.kill(pid, "SIGTERM");
      for (let waited = 0; ownerIsAlive(cluster.connection); waited += POLL_MS) {
        if (waited >= STOP_MS) process.kill(pid, "SIGKILL");
        await delay(POLL_MS);
      }
      removeConnectionFile(profile, pid);
      show(output, { profile, pid, stopped: true }, () => [`profile ${profile}: stopped`]);
    });
}
