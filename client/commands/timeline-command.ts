import { resolve } from "node:path";
import { Command } from "commander";
import { type AddressOptions, withAddressOptions, withClient } from "./cluster-options.ts";
import { count } from "./plural.ts";
import { IDS, resolveIds } from "./resolve-ids.ts";
import { terminal } from "./terminal.ts";

interface TimelineOptions extends AddressOptions {
  output: string;
}

/** `fantail timeline`: writes the timeline of jobs and tasks to a file. */
export function timelineCommand(): Command {
  const command = new Command("timeline")
    .description("write a timeline of jobs or tasks: which engine ran what, and when")
    .argument("<ids...>", IDS)
    .requiredOption("-o, --output <file>", "a file that ends in .html, .svg or .json (Chrome's trace events)");
  return withAddressOptions(command).action(async (ids: string[], { output, ...options }: TimelineOptions) => {
    const runs = await withClient(options, async (client) =>
      client.timeline(await resolveIds(client.core, ids), output),
    );
    terminal.out(`wrote ${count(runs.length, "run")} to ${resolve(output)}\n`);
  });
}
