import { Command } from "commander";
import { outputOption, show } from "./output-option.ts";
import { type KnownCluster, knownClusters } from "./running-cluster.ts";
import { type Column, table } from "./table.ts";

const COLUMNS: Column[] = [
  { title: "PROFILE" },
  { title: "STATE", style: (text) => (text === "running" ? "green" : "dim") },
  { title: "ENGINES" },
  { title: "SCHEME" },
  { title: "HWM" },
  { title: "PID" },
  { title: "FILE", narrow: { rank: 1, least: 12 } },
];

const NONE = "no clusters. Start one with `fantail start`";

/** `fantail list`: lists this user's clusters on this machine. */
export function listCommand(): Command {
  return new Command("list")
    .description("list your clusters on this machine")
    .addOption(outputOption())
    .action(async ({ output }: { output: "text" | "json" }) => {
      const clusters = (await knownClusters()).map(summary);
      show(output, clusters, () =>
        clusters.length === 0
          ? [NONE]
          : table(
              COLUMNS,
              clusters.map(({ profile, running, engines, scheme, hwm, pid, file }) => [
                profile,
                running ? "running" : "not running",
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
