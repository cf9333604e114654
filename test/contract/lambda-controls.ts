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
 * Makes a deployed cluster's functions misbehave, using only Lambda's own API, so that it works on AWS and on any
 * emulator.
 */
export class LambdaControls {
  readonly #lambda: LambdaClient;
  readonly #scheduler: string;

  constructor(scheduler: string, config: LambdaClientConfig) {
    this.#lambda = new LambdaClient(config);
    this.#scheduler = scheduler;
  }

  /**
   * Takes away all concurrency of a pool's functions, and their on-failure destination: Lambda then drops every event.
   * With a reserved concurrency of 0, events are discarded at once instead of being retried:
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  async loseSessions(pool: string): Promise<Restore> {
    const restores = await Promise.all((await this.#functionsOf(pool)).map((name) => this.#lose(name)));
    return async () => {
      await Promise.all(restores.map((restore) => restore()));
    };
  }

  /**
   * Limits each of a pool's functions to one environment. An account must keep 100 unreserved, so a small account
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
