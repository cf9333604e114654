import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { EngineEvent } from "../protocol/engine-event.ts";

/** Starts engines by asynchronous invocation. */
export class LambdaStarter {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  /**
   * Resolves once Lambda has accepted the event. Lambda may never deliver an accepted event, or deliver it more than
   * once.
   */
  async start(functionName: string, event: EngineEvent): Promise<void> {
    await this.#client.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
  }
}
