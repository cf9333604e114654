import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Cloud } from "../../client/local/index.ts";
import { DynamoStore } from "../../lambdas/adapters/dynamo-store.ts";
import type { Engine } from "../../lambdas/core/engine.ts";
import { engineKey, OPEN_PARTITION, SWEEPS_KEY } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";

/** An embedded cloud whose client may do everything, and plays clients and engines message by message. */
export class PuppetCluster {
  readonly #lambda: LambdaClient;
  readonly #store: DynamoStore;

  constructor({ connection: { region, endpoints, credentials, taskTable, engineTable } }: Cloud) {
    if (!endpoints || !credentials) throw new Error("an embedded cloud has endpoints and credentials");
    const common = { region, maxAttempts: 1 };
    this.#lambda = new LambdaClient({ ...common, endpoint: endpoints.lambda, credentials: { ...credentials } });
    const dynamodb = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb, credentials: { ...credentials } });
    this.#store = new DynamoStore(dynamodb, { tasks: taskTable, engines: engineTable });
  }

  /** Invokes a function and returns its answer. Rejects with the error that the function threw. */
  async call(FunctionName: string, message: unknown): Promise<unknown> {
    const { Payload, FunctionError } = await this.#lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(message) }),
    );
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError) throw new Error(text);
    return JSON.parse(text);
  }

  /** Returns the scheduler's row of an engine. */
  async engine(id: number): Promise<Engine> {
    const [row] = await this.#store.read([engineKey(id)]);
    if (!row) throw new Error(`engine ${id} has no row`);
    return engineOf(row);
  }

  /** Clears the list of open jobs. A task that a lost right left unfinished would keep its job there for minutes. */
  async closeJobs(): Promise<void> {
    await this.#store.remove(await this.#store.list(OPEN_PARTITION));
  }

  /** Records that the rule is on or off, and that the last sweep was long ago. */
  async ageSweeps(state: "on" | "off"): Promise<void> {
    const [row] = await this.#store.read([SWEEPS_KEY]);
    await this.#store.write([{ ...SWEEPS_KEY, body: JSON.stringify({ at: 0 }), state, rev: (row?.rev ?? 0) + 1 }]);
  }
}
