import { InvokeCommand, type InvokeCommandInput, type LambdaClient } from "@aws-sdk/client-lambda";
import type { EngineEvent } from "../protocol/engine-event.ts";
import { shortReason } from "../protocol/short-reason.ts";

/**
 * How a synchronous call of an engine ended.
 *
 * - `answered`: the invocation has ended, with this response.
 * - `failed`: the invocation has failed. Lambda sends no failure record of a synchronous invocation.
 * - `running`: the invocation has not ended in time. It continues, and its response is lost.
 */
export type EngineReply =
  | { type: "answered"; response: unknown }
  | { type: "failed"; reason: string }
  | { type: "running" };

/** Starts engines. */
export class LambdaStarter {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  /**
   * Starts an asynchronous invocation. Resolves once Lambda has accepted the event. Lambda may never deliver an
   * accepted event, or deliver it more than once.
   */
  async start(functionName: string, event: EngineEvent): Promise<void> {
    await this.#client.send(new InvokeCommand({ ...input(functionName, event), InvocationType: "Event" }));
  }

  /**
   * Invokes an engine synchronously and waits at most `waitMs` milliseconds for its response.
   *
   * @throws the SDK's error if the engine could not be invoked, or if the connection was lost; then the engine may be
   *   running
   */
  async call(functionName: string, event: EngineEvent, waitMs: number): Promise<EngineReply> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), waitMs);
    try {
      const { Payload: payload, FunctionError: failed } = await this.#client.send(
        new InvokeCommand(input(functionName, event)),
        { abortSignal: patience.signal },
      );
      const text = payload?.transformToString() ?? "null";
      return failed === undefined
        ? { type: "answered", response: JSON.parse(text) }
        : { type: "failed", reason: reasonOf(text) };
    } catch (error) {
      if (patience.signal.aborted) return { type: "running" };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function input(functionName: string, event: EngineEvent): InvokeCommandInput {
  return { FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) };
}

function reasonOf(text: string): string {
  const thrown: unknown = JSON.parse(text);
  const message =
    typeof thrown === "object" && thrown !== null && "errorMessage" in thrown ? thrown.errorMessage : text;
  return shortReason(message);
}
