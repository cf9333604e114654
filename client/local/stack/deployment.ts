import type { Statement } from "../requests/access.ts";

/** Everything that this cloud starts, read from a template with all references resolved. */
export interface Deployment {
  functions: FunctionSpec[];
  tables: TableSpec[];
  /** Names of the buckets. */
  buckets: string[];
  rules: RuleSpec[];
  outputs: Record<string, string>;
}

export interface FunctionSpec {
  name: string;
  arn: string;
  /** The handler's export, which names the function in meter and faults: `scheduler`, `report`, `engine`. */
  label: string;
  handler: string;
  /** Folder with the unpacked asset. */
  codeFolder: string;
  memoryMb: number;
  timeoutSeconds: number;
  variables: Record<string, string>;
  /** ARN of the function's log group. */
  logGroup: string;
  /** ARN of the function's role. */
  role: string;
  statements: Statement[];
  recursiveLoop: "Allow" | "Terminate";
  /** Whether each environment serves one tenant only. */
  isolatesTenants: boolean;
  reservedConcurrency: number | undefined;
  events: EventSettings;
}

/** Settings of a function's asynchronous invocations. */
export interface EventSettings {
  maxRetries: number;
  maxAgeSeconds: number;
  /** ARN of the function that receives failed events. */
  onFailure: string | undefined;
}

export interface TableSpec {
  name: string;
  arn: string;
  /** Body of the table's CreateTable request, without the name. */
  definition: Record<string, unknown>;
}

export interface RuleSpec {
  name: string;
  arn: string;
  /** Whether the template enables the rule. */
  isEnabled: boolean;
  everyMs: number;
  targets: { functionArn: string; input: string | undefined }[];
}
