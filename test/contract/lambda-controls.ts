import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  type LambdaClientConfig,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import * as v from "valibot";
import type { Restore } from "./contract-cloud.ts";

const Pools = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ name: v.string(), functions: v.pipe(v.array(v.string()), v.minLength(1)) })),
);

/**
 * Makes a deployed cluster's functions misbehave, by Lambda's own API and nothing else: it works on AWS as on whatever
 * imitates it.
 */
export class LambdaControls {
  readonly #lambda: LambdaClient;
  readonly #scheduler: string;

  constructor(scheduler: string, config: LambdaClientConfig) {
    this.#lambda = new LambdaClient(config);
    this.#scheduler = scheduler;
  }

  /**
   * Takes a pool's functions all their concurrency, and the place to which failed events go: Lambda then drops every event.
   * With no concurrency reserved at all (0) events are not retried but given up at once:
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  async loseSessions(pool: string): Promise<Restore> {
    const restores = await Promise.all((await this.#functionsOf(pool)).map((name) => this.#lose(name)));
    return async () => {
      await Promise.all(restores.map((restore) => restore()));
    };
  }

  /**
   * Leaves each of a pool's functions one environment. An account must keep 100 that are unreserved, so a small one
   * refuses: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   */
  async throttle(pool: string): Promise<Restore> {
    const names = await this.#functionsOf(pool);
    await Promise.all(names.map((name) => this.#reserve(name, 1)));
    return async () => {
      await Promise.all(names.map((name) => this.#unreserve(name)));
    };
  }

  close(): void {
    this.#lambda.destroy();
  }

  async #lose(name: string): Promise<Restore> {
    const which = { FunctionName: name, Qualifier: "$LATEST" };
    const { DestinationConfig, MaximumEventAgeInSeconds, MaximumRetryAttempts } = await this.#lambda.send(
      new GetFunctionEventInvokeConfigCommand(which),
    );
    await this.#lambda.send(new PutFunctionEventInvokeConfigCommand({ ...which, MaximumRetryAttempts: 0 }));
    await this.#reserve(name, 0);
    return async () => {
      await this.#lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          ...which,
          DestinationConfig,
          MaximumEventAgeInSeconds,
          MaximumRetryAttempts,
        }),
      );
      await this.#unreserve(name);
    };
  }

  async #reserve(name: string, environments: number): Promise<void> {
    await this.#lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: environments }),
    );
  }

  async #unreserve(name: string): Promise<void> {
    await this.#lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }));
  }

  async #functionsOf(pool: string): Promise<string[]> {
    const { Environment } = await this.#lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: this.#scheduler }),
    );
    const pools = v.parse(Pools, Environment?.Variables?.FANTAIL_POOLS);
    const found = pools.find(({ name }) => name === pool);
    if (!found) throw new Error(`the cluster has no pool ${pool}`);
    return found.functions;
  }
}
