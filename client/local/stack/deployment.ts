import type { Statement } from "../doors/access.ts";

/** What a template describes, every reference resolved: all that this cloud starts. */
export interface Deployment {
  functions: FunctionSpec[];
  tables: TableSpec[];
  /** Names. */
  buckets: string[];
  rules: RuleSpec[];
  outputs: Record<string, string>;
}

export interface FunctionSpec {
  name: string;
  arn: string;
  /** The handler's export, by which meter and faults name the function: `scheduler`, `report`, `engine`. */
  label: string;
  handler: string;
  /** Folder with the unpacked asset. */
  codeFolder: string;
  memoryMb: number;
  timeoutSeconds: number;
  variables: Record<string, string>;
  /** ARN of its log group. */
  logGroup: string;
  /** ARN of its role. */
  role: string;
  statements: Statement[];
  recursiveLoop: "Allow" | "Terminate";
  /** Whether each environment serves one tenant only. */
  isolatesTenants: boolean;
  reservedConcurrency: number | undefined;
  events: EventSettings;
}

/** What becomes of a function's asynchronous invocations. */
export interface EventSettings {
  maxRetries: number;
  maxAgeSeconds: number;
  /** ARN of the function that is told of failures. */
  onFailure: string | undefined;
}

export interface TableSpec {
  name: string;
  arn: string;
  /** Body of its CreateTable, but for the name. */
  definition: Record<string, unknown>;
}

export interface RuleSpec {
  name: string;
  arn: string;
  /** Whether the template deploys it enabled. */
  isEnabled: boolean;
  everyMs: number;
  targets: { functionArn: string; input: string | undefined }[];
}
