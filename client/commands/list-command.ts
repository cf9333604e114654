import { Command } from "commander";
import { outputOption, show } from "./output-option.ts";
import { type KnownCluster, knownClusters } from "./running-cluster.ts";
import { table } from "./table.ts";

/** `fantail list`: the clusters of this machine and user. */
export function listCommand(): Command {
  return new Command("list")
    .description("list the clusters of this machine")
    .addOption(outputOption())
    .action(async ({ output }: { output: "text" | "json" }) => {
      const clusters = (await knownClusters()).map(summary);
      show(output, clusters, () =>
        table(
          ["PROFILE", "STATE", "ENGINES", "SCHEME", "HWM", "PID", "FILE"],
          clusters.map(({ profile, running, engines, scheme, hwm, pid, file }) => [
            profile,
            running ? "running" : "killed",
            `${engines}`,
            scheme,
            `${hwm}`,
            `${pid ?? ""}`,
            file,
          ]),
        ),
      );
    });
}

function summary({ profile, file, running, connection: { pools, scheme, hwm, pid } }: KnownCluster) {
  return { profile, running, engines: pools.reduce((sum, { count }) => sum + count, 0), scheme, hwm, pid, file };
}
