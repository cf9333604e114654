import { InvalidFlag } from "../../lambdas/protocol/errors.ts";

/** Throws InvalidFlag for what is neither true nor false. */
export function checkReportUnawaited(value: unknown): void {
  if (value !== undefined && typeof value !== "boolean")
    throw new InvalidFlag("reportUnawaited", "must be true or false");
}
