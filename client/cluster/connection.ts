import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { fieldFault } from "../../lambdas/protocol/setting-fault.ts";

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/** One pool of engines as a client sees it. Engine ids run through the pools in this order, from 0. */
export interface ConnectedPool {
  /** The pool's name, unique in its cluster. */
  name: string;
  /** How many engines it has. */
  count: number;
  /** Memory of each engine's environment, in MB. */
  memoryMb: number;
  /** Longest invocation, in seconds. */
  timeoutSeconds: number;
  /** Ids of its engines, as ranges; absent before the cluster was asked: then they are numbered through the pools in order. */
  ids?: [number, number][] | undefined;
}

/**
 * Everything a client needs to reach one cluster: where its services answer, what its functions, tables and
 * bucket are called, which engines it has. A connection file holds this as JSON.
 */
export interface Connection {
  /** Profile of the running cluster that wrote it. */
  profile?: string | undefined;
  /** The tenant whose cell it is; absent if the stack has no tenants. */
  tenant?: string | undefined;
  /** AWS region. */
  region: string;
  /** URLs at which the services answer; absent: AWS itself. */
  endpoints?: { lambda: string; dynamodb: string; s3: string } | undefined;
  /** Absent: the SDK's own chain of providers. */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
  /** Name of the scheduler function. */
  scheduler: string;
  /** Name of the table with jobs, tasks and outcomes. */
  taskTable: string;
  /** Name of the table with engines. */
  engineTable: string;
  /** Name of the bucket for values too large for a row. */
  blobBucket: string;
  /** The engine pools. */
  pools: ConnectedPool[];
  /** Name of the scheme; `user` for one of the cluster's own. */
  scheme: string;
  /** Most tasks that an engine may hold: 0 is no limit, `adaptive` goes by how long tasks take. */
  hwm: HighWaterMark;
  /** Folder with the logs of an embedded cloud's functions, where they are kept. */
  logs?: string | undefined;
  /** The process that owns an embedded cloud: the cluster ends with it. */
  pid?: number | undefined;
}

const ConnectedPoolSchema = v.object({
  name: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  memoryMb: positive,
  timeoutSeconds: positive,
  ids: v.optional(v.array(v.tuple([v.number(), v.number()]))),
}) satisfies v.GenericSchema<unknown, ConnectedPool>;

/** The parser of a connection. */
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

/** The variable in which a deployed function, or any other process, finds its cluster, as the construct's `connectTo` writes it. */
export const CONNECTION_VARIABLE = "FANTAIL_CONNECTION";

/** The folder of connection files: `FANTAIL_HOME`, else `~/.fantail`. */
export function fantailHome(): string {
  return process.env.FANTAIL_HOME ?? join(homedir(), ".fantail");
}

/** Path of a profile's connection file. */
export function connectionFile(profile: string): string {
  return join(fantailHome(), `${profile}.json`);
}

/**
 * Reads a connection file.
 *
 * @throws Error when the file is missing, is not JSON, or lacks a field; the message names the file
 */
export async function readConnection(file: string): Promise<Connection> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read`, { cause: error });
  }
  return parseConnection(ConnectionSchema, text, file, "connection file");
}

/** What a deployed program is told of its cluster: the stack's name besides, by which others may look for it. */
export const ToldConnection = v.object({ ...ConnectionSchema.entries, stack: v.optional(v.string()) });
export type ToldConnection = v.InferOutput<typeof ToldConnection>;

/**
 * The connection in this process's environment; undefined where there is none.
 *
 * @throws Error when it is not JSON, or lacks a field
 */
export function toldConnection(): ToldConnection | undefined {
  const text = process.env[CONNECTION_VARIABLE];
  return text === undefined ? undefined : parseConnection(ToldConnection, text, CONNECTION_VARIABLE, "connection");
}

function parseConnection<Schema extends v.GenericSchema>(schema: Schema, text: string, where: string, what: string) {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Error(`${where} is not JSON`, { cause: error });
  }
  const parsed = v.safeParse(schema, content);
  if (!parsed.success) throw new Error(`${where} is not a valid ${what}: ${fieldFault(schema, parsed.issues[0])}`);
  return parsed.output;
}

/** Whether the cluster's owner still runs. A cluster without an owner, in an AWS account, always does. */
export function ownerIsAlive(connection: Pick<Connection, "pid">): boolean {
  if (connection.pid === undefined) return true;
  try {
    process.kill(connection.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
