import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { NoCluster } from "../../lambdas/protocol/errors.ts";
import { withAwsRemedy } from "../cluster/aws-remedy.ts";
import { silenceSdkWarning } from "../cluster/sdk-warning.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import type { LogEvents } from "./filter-log-events.ts";
import type { FunctionLines, LogSource, WantedLines } from "./log-source.ts";
import { stackLogGroups } from "./stack-log-groups.ts";
import type { StackOptions } from "./stack-options.ts";

/** CloudWatch may show an event this many milliseconds later than others with the same time. */
const LATE_MS = 15_000;

/** How to reach the stack's logs, and whose to read: a tenant's, or by default those of all tenants. */
export type StackPlace = Pick<StackOptions, "stack" | "region" | "endpoint" | "awsProfile"> & { tenant?: string };

/** The logs of a deployed stack, in CloudWatch. */
export class StackLogs implements LogSource {
  readonly pauseMs = 2000;
  readonly #place: StackPlace;
  readonly #client: CloudFormationClient;
  readonly #wanted: WantedLines;
  readonly #groups: readonly string[];
  #from: number;
  /** Events that were returned and may be found again: their times by event id. */
  readonly #known = new Map<string, number>();

  private constructor(place: StackPlace, client: CloudFormationClient, groups: readonly string[], wanted: WantedLines) {
    this.#place = place;
    this.#client = client;
    this.#groups = groups;
    this.#wanted = wanted;
    this.#from = 0;
  }

  /**
   * Looks up the stack's log groups.
   *
   * @param from the earliest time of lines, in epoch milliseconds
   * @throws CommandFailure if the stack or the tenant does not exist, or CloudFormation cannot be reached
   */
  static async open(place: StackPlace, wanted: WantedLines, from: number): Promise<StackLogs> {
    const { stack, tenant, region, endpoint, awsProfile } = place;
    const { CloudFormationClient } = await import("@aws-sdk/client-cloudformation");
    silenceSdkWarning();
    const client = new CloudFormationClient({
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
      ...(awsProfile !== undefined && { profile: awsProfile }),
    });
    try {
      const groups = (await stackLogGroups(client, stack, tenant)).filter((name) => wanted.hasFunction(name));
      const logs = new StackLogs(place, client, groups, wanted);
      logs.#from = from;
      return logs;
    } catch (error) {
      client.destroy();
      const why = reasonOf(error);
      throw new CommandFailure(
        `the log groups of stack ${stack} could not be looked up: ${withAwsRemedy(why)}`,
        error instanceof NoCluster || /does not exist/.test(why) ? EXIT.noCluster : EXIT.failed,
      );
    }
  }

  async recent(): Promise<FunctionLines[]> {
    const found = await this.#read();
    return found.map((one) => ({ ...one, lines: one.lines.slice(-this.#wanted.lines) }));
  }

  async next(): Promise<FunctionLines[]> {
    return (await this.#read()).filter(({ lines }) => lines.length > 0);
  }

  /** Reads the groups one after another: CloudWatch allows an account five such calls a second. */
  async #read(): Promise<FunctionLines[]> {
    const all: FunctionLines[] = [];
    let newest = this.#from;
    for (const group of this.#groups) {
      const lines: string[] = [];
      for await (const { eventId, logStreamName, timestamp, message } of this.#events(group)) {
        newest = Math.max(newest, timestamp);
        const id = eventId ?? [group, logStreamName, timestamp, message].join(" ");
        if (this.#known.has(id)) continue;
        this.#known.set(id, timestamp);
        const line = message.trimEnd();
        if (this.#wanted.hasLine(line)) lines.push(line);
      }
      all.push({ function: group, lines });
    }
    this.#from = Math.max(this.#from, newest - LATE_MS);
    for (const [id, time] of this.#known) if (time < this.#from) this.#known.delete(id);
    return all;
  }

  async *#events(logGroupName: string): AsyncGenerator<LogEvents["events"][number]> {
    // Loaded on demand, with the signer, which only this command needs.
    const { filterLogEvents } = await import("./filter-log-events.ts");
    const { stack, endpoint, region, awsProfile } = this.#place;
    let nextToken: string | undefined;
    do {
      const wanted = { logGroupName, startTime: this.#from, filterPattern: this.#wanted.pattern, nextToken };
      let page: LogEvents;
      try {
        page = await filterLogEvents(this.#client, endpoint, wanted);
      } catch (error) {
        const place = Object.entries({ region, profile: awsProfile }).flatMap(([name, value]) =>
          value === undefined ? [] : [`--${name} ${value}`],
        );
        const command = ["aws logs tail", logGroupName, ...place].join(" ");
        throw new CommandFailure(
          `stack ${stack}: CloudWatch's log group ${logGroupName} could not be read: ${withAwsRemedy(reasonOf(error))}. Both this command and \`${command}\` need the permission logs:FilterLogEvents`,
          EXIT.failed,
        );
      }
      yield* page.events;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
