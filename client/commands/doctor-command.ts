import { createRequire } from "node:module";
import { Command } from "commander";
import { CONNECTION_VARIABLE, reportedConnection } from "../connection/connection.ts";
import { type ClusterOptions, withClusterOptions } from "./cluster-options.ts";
import { type Check, checked, ok, skipped, wrong } from "./doctor/check.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";
import { printable } from "./printable.ts";
import { terminal } from "./terminal.ts";

const { version }: { version: string } = createRequire(import.meta.url)("fantail-lambda/package.json");

/** `fantail doctor`: checks what a cluster needs. Exits with 1 if something is wrong. */
export function doctorCommand(): Command {
  const command = new Command("doctor").description(
    "check this machine, your access to AWS and the cluster, and say what to do if something is wrong",
  );
  return withClusterOptions(command).action(async (options: ClusterOptions) => {
    const checks = await diagnosis(options);
    show(options.output, checks, () => checks.map((one) => ({ safe: line(one) })));
    if (checks.some(({ result }) => result === "wrong")) throw new CommandFailure("", EXIT.failed);
  });
}

/** Runs all checks. Searches for the cluster where `Client.connect()` searches. */
async function diagnosis(options: ClusterOptions): Promise<Check[]> {
  const [machine, embedded, aws, cluster] = await Promise.all([
    import("./doctor/machine-checks.ts"),
    import("./doctor/embedded-checks.ts"),
    import("./doctor/aws-checks.ts"),
    import("./doctor/cluster-checks.ts"),
  ]);
  const { profile, stack, tenant, region, endpoint, awsProfile } = options;
  const wantsStack = [stack, tenant, region, endpoint, awsProfile].some((option) => option !== undefined);
  const checks = await machine.machineChecks(version);
  const given = profile === undefined && !wantsStack ? await fromEnvironment() : undefined;
  if (given) {
    checks.push(given.check);
    if (!given.connection) return checks;
    return [
      ...checks,
      ...(await embedded.embeddedChecks(given.connection)),
      ...(await cluster.clusterChecks(given.connection, undefined)),
    ];
  }
  const local =
    profile !== undefined || !wantsStack ? await embedded.profileChecks(profile ?? "default") : { checks: [] };
  checks.push(...local.checks);
  if (local.connection && local.checks.every(({ result }) => result !== "wrong"))
    return [...checks, ...(await cluster.clusterChecks(local.connection, awsProfile))];
  if (profile !== undefined && !wantsStack) return checks;
  const place = { stack: stack ?? "Fantail", tenant, region, endpoint, awsProfile };
  const found = await aws.awsChecks(place, wantsStack);
  checks.push(...found.checks);
  if (found.connection) return [...checks, ...(await cluster.clusterChecks(found.connection, awsProfile))];
  return [...checks, skipped("cluster", "none was found that could be checked")];
}

/** The connection in this process's environment, which comes before all other places. */
async function fromEnvironment() {
  if (process.env[CONNECTION_VARIABLE] === undefined) return undefined;
  let connection: ReturnType<typeof reportedConnection>;
  const read = async () => {
    connection = reportedConnection();
    return connection
      ? ok("environment", `${CONNECTION_VARIABLE} names the scheduler ${connection.scheduler}`)
      : wrong("environment", `${CONNECTION_VARIABLE} is empty`, `Unset ${CONNECTION_VARIABLE}`);
  };
  const check = await checked("environment", read, `Unset ${CONNECTION_VARIABLE}, or set it as \`connectTo\` does`);
  return { check, connection };
}

const STYLES = { ok: "green", wrong: "red", skipped: "dim" } as const;

function line({ check, result, detail, remedy }: Check): string {
  const state = terminal.style(STYLES[result], result.padEnd(7));
  const facts = `${check}: ${detail}`.replaceAll("\n", " ");
  return `${state}  ${printable(remedy === undefined ? facts : `${facts.replace(/\.$/, "")}. ${remedy}`)}`;
}
