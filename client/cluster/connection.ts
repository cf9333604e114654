import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { fieldFault } from "../../lambdas/protocol/setting-fault.ts";

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/** One pool of engines as a client sees it. Engine ids run through the pools in this order, from 0. */
const ConnectedPool = v.object({
  name: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  memoryMb: positive,
  timeoutSeconds: positive,
  /** Ids of its engines, as ranges; absent before the cluster was asked: then they are numbered through the pools in order. */
  ids: v.optional(v.array(v.tuple([v.number(), v.number()]))),
});

/**
 * Everything a client needs to reach one cluster: where its services answer, what its functions, tables and
 * bucket are called, which engines it has. A connection file holds this as JSON.
 */
export const Connection = v.object({
  /** Profile of the running cluster that wrote it. */
  profile: v.optional(v.string()),
  /** Whose cell of its stack it is; absent where the stack has no tenants. */
  tenant: v.optional(v.string()),
  region: v.string(),
  /** Where the services answer; absent: AWS itself. */
  endpoints: v.optional(v.object({ lambda: v.string(), dynamodb: v.string(), s3: v.string() })),
  /** Absent: the SDK's own chain of providers. */
  credentials: v.optional(v.object({ accessKeyId: v.string(), secretAccessKey: v.string() })),
  /** Names of the stack's resources. */
  scheduler: v.string(),
  taskTable: v.string(),
  engineTable: v.string(),
  blobBucket: v.string(),
  pools: v.array(ConnectedPool),
  /** Name of the scheme; `user` for one of the cluster's own. */
  scheme: v.string(),
  hwm: HighWaterMark,
  /** Folder with the logs of an embedded cloud's functions, where they are kept. */
  logs: v.optional(v.string()),
  /** The process that owns an embedded cloud: the cluster is gone when it is. */
  pid: v.optional(positive),
});
export type Connection = v.InferOutput<typeof Connection>;

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
  return parseConnection(Connection, text, file, "connection file");
}

/** What a deployed program is told of its cluster: the stack's name besides, by which others may look for it. */
export const ToldConnection = v.object({ ...Connection.entries, stack: v.optional(v.string()) });
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

/** Claims that the cluster's owner still runs. A cluster without an owner, in an AWS account, always does. */
export function ownerIsAlive(connection: Pick<Connection, "pid">): boolean {
  if (connection.pid === undefined) return true;
  try {
    process.kill(connection.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Number of engines of all pools; their ids are 0 to one less. */
export function engineCount(connection: Connection): number {
  return connection.pools.reduce((sum, pool) => sum + pool.count, 0);
}
