import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { shown } from "../../lambdas/protocol/setting-fault.ts";

/** Throws InvalidFlag unless the option is a boolean or undefined. */
export function checkReportUnawaited(value: unknown): void {
  if (value !== undefined && typeof value !== "boolean")
    throw new InvalidFlag("reportUnawaited", `must be true or false, not ${shown(value)}`);
}
