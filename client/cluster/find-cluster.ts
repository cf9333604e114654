import { existsSync } from "node:fs";
import { NoCluster } from "../../lambdas/protocol/errors.ts";
import {
  CONNECTION_VARIABLE,
  type Connection,
  connectionFile,
  ownerIsAlive,
  readConnection,
  reportedConnection,
} from "../connection/connection.ts";
import { abortable, throwIfAborted } from "./abortable.ts";
import { withAwsRemedy } from "./aws-remedy.ts";
import { notedEnd } from "./cluster-ended.ts";
import { findStack } from "./find-stack.ts";

/**
 * Where `Client.connect` searches for a cluster. Default: the connection in the environment variable
 * FANTAIL_CONNECTION, which the construct's `connectTo` sets; or else the cluster of the profile `default`; or else the
 * stack `Fantail` in the AWS account.
 *
 * @example
 * const options: ConnectOptions = { stack: "Fantail", region: "eu-west-1", awsProfile: "work" };
 * const client = await Client.connect(options);
 */
export interface ConnectOptions {
  /**
   * Profile under which `fantail start --profile` started a cluster; not an AWS profile. Default: `default`; none if
   * `stack`, `tenant`, `region`, `endpoint` or `awsProfile` is given.
   */
  profile?: string | undefined;
  /** Path of a connection file. If given, no other place is searched. Default: none. */
  urlFile?: string | undefined;
  /** Name of the CloudFormation stack. Default: `Fantail`. */
  stack?: string | undefined;
  /** Tenant whose cell to use; required if the stack has tenants. Default: none. */
  tenant?: string | undefined;
  /** AWS region. Default: as in the AWS configuration. */
  region?: string | undefined;
  /** URL at which an AWS emulator serves everything that the stack uses. Default: none, which means AWS itself. */
  endpoint?: string | undefined;
  /** Profile of the AWS configuration files. Default: none; the AWS SDK finds credentials by its usual search. */
  awsProfile?: string | undefined;
  /** Aborts searching and connecting: `Client.connect` rejects with the signal's reason. Default: none. */
  signal?: AbortSignal | undefined;
  /** Whether `close()` writes a line to stderr about failed tasks whose results nobody awaited. Default: true. */
  reportUnawaited?: boolean | undefined;
}

/** The address of a cluster, to pass to `Client.connect` in another process. */
export type ClusterAddress = Omit<ConnectOptions, "signal" | "reportUnawaited">;

export interface FoundCluster {
  connection: Connection;
  address: ClusterAddress;
}

/**
 * One place to search: its name for the error message, and a function that finds the cluster or rejects with the
 * reason.
 */
type Attempt = [place: string, find: () => Promise<FoundCluster>];

/**
 * Finds a cluster that can be opened and opens it. Searches only `urlFile` if it is given, or else only the environment
 * if it holds a connection and no option names another place. Otherwise tries the profile's cluster and then the stack,
 * at `endpoint` or in the AWS account. Skips the default profile if `stack`, `tenant`, `region`, `endpoint` or
 * `awsProfile` is given.
 *
 * @throws NoCluster, which lists the places tried
 */
export async function findCluster<Connected>(
  options: ConnectOptions,
  open: (connection: Connection) => Promise<Connected>,
): Promise<{ address: ClusterAddress; connected: Connected }> {
  const tried: string[] = [];
  let cause: unknown;
  for (const [place, find] of attempts(options)) {
    throwIfAborted(options.signal);
    try {
      return await abortable(options.signal, async () => {
        const { connection, address } = await find();
        return { address, connected: await open(connection) };
      });
    } catch (error) {
      throwIfAborted(options.signal);
      cause ??= error;
      tried.push(`  ${place}: ${withAwsRemedy(error instanceof Error ? error.message : String(error))}`);
    }
  }
  const remedy = "Start one with `fantail start -n 4`, deploy one with `fantail deploy`, or use Client.local().";
  throw new NoCluster(`no cluster was found. Tried:\n${tried.join("\n")}\n${remedy}`, { cause });
}

function attempts(options: ConnectOptions): Attempt[] {
  const { profile, urlFile, stack = "Fantail", tenant, region, endpoint, awsProfile, signal } = options;
  if (urlFile !== undefined) return [[`urlFile ${urlFile}`, () => running(urlFile, { urlFile, profile })]];
  const wantsStack = [options.stack, tenant, region, endpoint, awsProfile].some((option) => option !== undefined);
  if (profile === undefined && !wantsStack && process.env[CONNECTION_VARIABLE] !== undefined)
    return [[`the variable ${CONNECTION_VARIABLE}`, fromEnvironment]];
  const named = profile ?? "default";
  const file = connectionFile(named);
  const found: Attempt[] = [];
  if (profile !== undefined || !wantsStack) {
    found.push([`profile ${named}`, () => running(file, { urlFile: file, profile: named })]);
  }
  const place = tenant === undefined ? `stack ${stack}` : `tenant ${tenant} of stack ${stack}`;
  if (endpoint !== undefined) {
    const search = { stack, tenant, region, endpoint, awsProfile };
    const find = async () => ({ connection: await findStack(search, signal), address: given(search) });
    return [...found, [`${place} at ${endpoint}`, find]];
  }
  const search = { stack, tenant, region, awsProfile };
  const find = async () => ({ connection: await findStack(search, signal), address: given(search) });
  return [...found, [`${place} in the AWS account`, find]];
}

async function fromEnvironment(): Promise<FoundCluster> {
  const found = reportedConnection();
  if (!found) throw new NoCluster("it is not set");
  const { stack, ...connection } = found;
  const { region, tenant } = connection;
  return { connection, address: given({ stack, region, tenant }) };
}

async function running(file: string, address: ClusterAddress): Promise<FoundCluster> {
  const known = await readConnection(file).catch((error: unknown) => {
    if (address.profile !== undefined && !existsSync(file)) throw new NoCluster(notRunning(address.profile));
    throw error;
  });
  const profile = address.profile ?? known.profile;
  const connection = { ...known, profile };
  if (!ownerIsAlive(connection))
    throw new NoCluster(
      `the cluster in ${file} is not running: its process ${connection.pid} has ended${whyEnded(profile, connection.pid)}`,
    );
  const endpoint = connection.endpoints?.lambda;
  return { connection, address: given({ ...address, profile, ...(endpoint === undefined ? {} : { endpoint }) }) };
}

function notRunning(profile: string): string {
  return `no cluster is running${whyEnded(profile)}`;
}

function whyEnded(profile: string | undefined, pid?: number): string {
  const why = profile === undefined ? undefined : notedEnd(profile, pid);
  return why === undefined ? "" : `; the last one ended by itself: ${why}`;
}

function given(address: ClusterAddress): ClusterAddress {
  return Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined));
}
