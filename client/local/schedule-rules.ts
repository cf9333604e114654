import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { RuleSpec } from "./deployment.ts";
import type { LambdaService } from "./lambda-service.ts";

/**
 * Sends each rule's input to its targets, at the rate of the template.
 *
 * @param everyMs takes the place of the template's rate, so that tests need not wait for minutes
 * @returns what stops them
 */
export function scheduleRules(
  rules: readonly RuleSpec[],
  service: LambdaService,
  everyMs: number | undefined,
): () => void {
  const timers = rules.map((rule) =>
    setInterval(() => {
      for (const { functionArn, input } of rule.targets)
        service
          .find(functionArn)
          ?.accept(
            { payload: Buffer.from(input ?? "{}"), trace: undefined, tenant: undefined, clientContext: undefined },
            randomUUID(),
          );
    }, everyMs ?? rule.everyMs).unref(),
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
