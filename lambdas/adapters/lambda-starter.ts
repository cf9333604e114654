import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { EngineEvent } from "../protocol/report-messages.ts";

/** Starts engines by asynchronous invocation. */
export class LambdaStarter {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  /** Returns once Lambda has accepted the event; whether and how often it is delivered, nobody promises. */
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
