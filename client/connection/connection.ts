import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { NoCluster } from "../../lambdas/protocol/errors.ts";
import { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { fieldFault } from "../../lambdas/protocol/setting-fault.ts";
import { processIsAlive } from "./process-is-alive.ts";

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/** One pool of engines, as a client sees it. */
export interface ConnectedPool {
  /** The pool's name, unique in its cluster. */
  name: string;
  /** Number of engines. */
  count: number;
  /** Memory of each engine, in megabytes. */
  memoryMb: number;
  /** Maximum duration of an invocation of its function, in seconds. */
  timeoutSeconds: number;
  /** CPU architecture of its engines; absent: `arm64`. */
  architecture?: "x86_64" | undefined;
  /**
   * Ids of its engines as ranges [first, past). Absent until the cluster has been asked; until then, ids are assumed to
   * be numbered through the pools in order, from 0.
   */
  ids?: [number, number][] | undefined;
}

/**
 * Everything a client needs to reach one cluster: the addresses of its services, the names of its functions, tables and
 * bucket, and its engines. Connection files hold it as JSON.
 */
export interface Connection {
  /**
   * Profile under which the cluster was started; absent for a cluster without one, such as a stack in an AWS account.
   */
  profile?: string | undefined;
  /** The tenant whose cell this is; absent if the stack has no tenants. */
  tenant?: string | undefined;
  /** AWS region. */
  region: string;
  /** URLs of the services; absent for AWS itself. */
  endpoints?: { lambda: string; dynamodb: string; s3: string } | undefined;
  /** Credentials for the services; if absent, the AWS SDK finds credentials by its usual search. */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
  /** Name of the scheduler function. */
  scheduler: string;
  /** Name of the table with jobs, tasks and outcomes. */
  taskTable: string;
  /** Name of the table with engines. */
  engineTable: string;
  /** Name of the S3 bucket for values too large for a row. */
  blobBucket: string;
  /** The engine pools. */
  pools: ConnectedPool[];
  /** Name of the placement scheme; `user` for a scheme of your own. */
  scheme: string;
  /**
   * High-water mark: the maximum number of tasks that an engine may hold. 0: no limit; `adaptive`: depends on how long
   * tasks take.
   */
  hwm: HighWaterMark;
  /** Folder with the logs of an embedded cloud's functions; absent if they are not kept. */
  logs?: string | undefined;
  /**
   * Id of the process that owns an embedded cloud: the cloud ends with this process. Absent for a cluster in an AWS
   * account.
   */
  pid?: number | undefined;
}

const ConnectedPoolSchema = v.object({
  name: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  memoryMb: positive,
  timeoutSeconds: positive,
  architecture: v.optional(v.literal("x86_64")),
  ids: v.optional(v.array(v.tuple([v.number(), v.number()]))),
}) satisfies v.GenericSchema<unknown, ConnectedPool>;

/** Validates a connection. */
export const ConnectionSchema = v.object({
  profile: v.optional(v.string()),
  tenant: v.optional(v.string()),
  region: v.string(),
  endpoints: v.optional(v.object({ lambda: v.string(), dynamodb: v.string(), s3: v.string() })),
  credentials: v.optional(v.object({ accessKeyId: v.string(), secretAccessKey: v.string() })),
  scheduler: v.string(),
  taskTable: v.string(),
  engineTable: v.string(),
  blobBucket: v.string(),
  pools: v.array(ConnectedPoolSchema),
  scheme: v.string(),
  hwm: HighWaterMark,
  logs: v.optional(v.string()),
  pid: v.optional(positive),
}) satisfies v.GenericSchema<unknown, Connection>;

/**
 * Environment variable that holds a connection as JSON, for a deployed function or any other process. The construct's
 * `connectTo` sets it.
 */
export const CONNECTION_VARIABLE = "FANTAIL_CONNECTION";

/** The folder of connection files: `FANTAIL_HOME`, or else `~/.fantail`. */
export function fantailHome(): string {
  return process.env.FANTAIL_HOME ?? join(homedir(), ".fantail");
}

/** Path of the connection file of a profile. */
export function connectionFile(profile: string): string {
  return join(fantailHome(), `${profile}.json`);
}

/**
 * Reads a connection file.
 *
 * @throws NoCluster, which names the file, if it is missing, is not JSON, or lacks a field
 */
export async function readConnection(file: string): Promise<Connection> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new NoCluster(`the connection file ${file} cannot be read`, { cause: error });
  }
  return parseConnection(ConnectionSchema, text, file, "connection file");
}

/** Validates the connection in a process's environment, which also contains the stack's name, if known. */
export const ReportedConnection = v.object({ ...ConnectionSchema.entries, stack: v.optional(v.string()) });
export type ReportedConnection = v.InferOutput<typeof ReportedConnection>;

/**
 * Reads the connection from this process's environment; undefined if there is none.
 *
 * @throws NoCluster if it is not JSON, or lacks a field
 */
export function reportedConnection(): ReportedConnection | undefined {
  const text = process.env[CONNECTION_VARIABLE];
  return text === undefined ? undefined : parseConnection(ReportedConnection, text, CONNECTION_VARIABLE, "connection");
}

function parseConnection<Schema extends v.GenericSchema>(schema: Schema, text: string, where: string, kind: string) {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new NoCluster(`${where} is not JSON`, { cause: error });
  }
  const parsed = v.safeParse(schema, content);
  if (!parsed.success) throw new NoCluster(`${where} is not a valid ${kind}: ${fieldFault(schema, parsed.issues[0])}`);
  return parsed.output;
}

/**
 * Whether the process that owns the cluster is still running. True for a cluster in an AWS account, which no process
 * owns.
 */
export function ownerIsAlive(connection: Pick<Connection, "pid">): boolean {
  return connection.pid === undefined || processIsAlive(connection.pid);
}
