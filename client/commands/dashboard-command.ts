import { once } from "node:events";
import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";
import { stopSignal } from "./stop-signals.ts";

/** `fantail dashboard`: serves a page that shows a cluster, until it is stopped. */
export function dashboardCommand(): Command {
  const command = new Command("dashboard").description(
    "serve a page on this machine that shows a cluster's jobs, failures and engines, until Ctrl-C",
  );
  return withClusterOptions(command).action(async (options: ClusterOptions) => {
    const { openDashboard } = await import("../dashboard/dashboard.ts");
    await withClient(options, async ({ core, address }) => {
      const stop = stopSignal();
      const dashboard = await openDashboard(core, address);
      show(options.output, { url: dashboard.url }, () => [
        `open ${dashboard.url}`,
        "Anyone who has this address can see, abort and resubmit all tasks. Stop the page with Ctrl-C.",
      ]);
      // The server is unreferenced, so it does not keep the process alive.
      const alive = setInterval(() => {}, 2 ** 30);
      if (!stop.aborted) await once(stop, "abort");
      clearInterval(alive);
      await dashboard.close();
    });
  });
}
