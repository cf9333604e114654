import * as v from "valibot";
import { ClusterError } from "./errors.ts";
import { MIN_LOG_LEVELS } from "./log-events.ts";
import { fieldFault } from "./setting-fault.ts";

/** The environment variable for the lowest level that a function logs. */
export const LogLevelVariable = v.optional(v.picklist(MIN_LOG_LEVELS), "warn");

/**
 * Parses the environment variables of a function of the cluster.
 *
 * @throws ClusterError that names the first variable that is missing or wrong
 */
export function parseVariables<const S extends v.GenericSchema>(
  schema: S,
  variables: Readonly<Record<string, string | undefined>>,
): v.InferOutput<S> {
  const parsed = v.safeParse(schema, variables, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw new ClusterError(`the environment variable ${fieldFault(schema, parsed.issues[0])}: deploy the cluster again`);
}
