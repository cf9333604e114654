import { Command } from "commander";
import { outputOption, show } from "./output-option.ts";
import { type KnownCluster, knownClusters } from "./running-cluster.ts";

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

function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
