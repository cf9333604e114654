import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { RestartedMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import type { LambdaService } from "./lambda/lambda-service.ts";
import type { Cell } from "./stack/cells.ts";

/**
 * Informs the schedulers of a cloud restarted on old data that no earlier engine is alive, and waits until they have
 * resumed the work. If a scheduler cannot, its log says so, and the tasks that were running are recovered once their
 * engines miss heartbeats.
 *
 * @param at when the cloud began to start, in epoch milliseconds
 */
export async function resumeCells(service: LambdaService, cells: readonly Cell[], at: number): Promise<void> {
  const message: RestartedMessage = { type: "restarted", at };
  const payload = Buffer.from(JSON.stringify(message));
  await Promise.all(
    cells.map(async ({ scheduler }) => {
      const fn = service.find(scheduler);
      const failed = (why: string) =>
        fn?.log.write(`the work of the previous run could not be resumed at once: ${why}\n`);
      try {
        const call = { payload, trace: undefined, tenant: undefined, clientContext: undefined };
        const outcome = await fn?.invoke(call, randomUUID());
        if (outcome && outcome.status !== "ok") failed(outcome.payload.toString());
      } catch (error) {
        failed(String(error));
      }
    }),
  );
}
