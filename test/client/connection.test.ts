import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCluster } from "../../client/cluster/find-cluster.ts";
import { startLocalCluster } from "../../client/cluster/local-cluster.ts";
import { type Connection, readConnection } from "../../client/connection/connection.ts";
import { InvalidFlag, NoCluster } from "../../lambdas/protocol/errors.ts";

const CONNECTION: Connection = {
  region: "us-east-1",
  endpoints: { lambda: "http://127.0.0.1:1", dynamodb: "http://127.0.0.1:2", s3: "http://127.0.0.1:3" },
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
  scheduler: "scheduler",
  taskTable: "tasks",
  engineTable: "engines",
  blobBucket: "blobs",
  pools: [{ name: "default", count: 2, memoryMb: 1769, timeoutSeconds: 900 }],
  scheme: "leastload",
  hwm: "adaptive",
};

let home: string;
let before: NodeJS.ProcessEnv;
let server: Server | undefined;

beforeEach(async () => {
  before = { ...process.env };
  home = await mkdtemp(join(tmpdir(), "fantail-test-"));
  Object.assign(process.env, {
    FANTAIL_HOME: home,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_CONFIG_FILE: join(home, "no-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, "no-credentials"),
  });
});

afterEach(async () => {
  process.env = before;
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(home, { recursive: true, force: true });
});

async function write(name: string, content: unknown): Promise<string> {
  const file = join(home, name);
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const accept = async (connection: Connection) => connection;

/** Starts a fake CloudFormation that answers every request with this status and body. */
async function cloudFormation(status: number, body: string): Promise<string> {
  const listening = createServer((_, reply) => reply.writeHead(status, { "content-type": "text/xml" }).end(body));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

function stackOf(outputs: Record<string, string>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
    <StackName>Fantail</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>
    <Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

const DENIED = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Fantail does not exist</Message></Error></ErrorResponse>`;

describe("finding a cluster", () => {
  it("a cluster is found by its connection file", async () => {
    const urlFile = await write("elsewhere.json", { ...CONNECTION, profile: "mpi" });
    const found = await findCluster({ urlFile }, accept);
    expect(found.connected).toEqual({ ...CONNECTION, profile: "mpi" });
    expect(found.address).toEqual({ urlFile, profile: "mpi", endpoint: "http://127.0.0.1:1" });
  });

  it("a cluster is found by its profile, by default `default`", async () => {
    const byDefault = await write("default.json", { ...CONNECTION, scheme: "lru" });
    await write("mpi.json", { ...CONNECTION, scheme: "twobin" });
    expect((await findCluster({}, accept)).connected.scheme).toBe("lru");
    expect((await findCluster({}, accept)).address).toMatchObject({ urlFile: byDefault, profile: "default" });
    expect((await findCluster({ profile: "mpi" }, accept)).connected.scheme).toBe("twobin");
  });

  it("a cluster is found by the environment variable if no option names a place", async () => {
    await write("default.json", CONNECTION);
    const { endpoints: _, credentials: __, ...expected } = CONNECTION;
    process.env.FANTAIL_CONNECTION = JSON.stringify({ ...expected, stack: "Mine", scheme: "lru" });
    expect(await findCluster({}, accept)).toEqual({
      connected: { ...expected, scheme: "lru" },
      address: { stack: "Mine", region: "us-east-1" },
    });
    expect((await findCluster({ profile: "default" }, accept)).connected.scheme).toBe("leastload");
    process.env.FANTAIL_CONNECTION = JSON.stringify({ ...expected, scheduler: 5 });
    await expect(findCluster({}, accept)).rejects.toThrow(/variable FANTAIL_CONNECTION: .*scheduler/s);
    process.env.FANTAIL_CONNECTION = "{";
    await expect(findCluster({}, accept)).rejects.toThrow(/FANTAIL_CONNECTION is not JSON/);
  });

  it("a cluster is found again by its client's connection", async () => {
    await write("default.json", CONNECTION);
    const { address } = await findCluster({}, accept);
    expect((await findCluster(address, accept)).address).toEqual(address);
  });

  it("a cluster is found by the outputs of its stack", async () => {
    const endpoint = await cloudFormation(
      200,
      stackOf({
        SchedulerFunction: "s",
        TaskTable: "t",
        EngineTable: "e",
        BlobBucket: "b",
        Scheme: "twobin",
        Hwm: "3",
        Pools: JSON.stringify(CONNECTION.pools).replaceAll('"', "&quot;"),
      }),
    );
    await write("default.json", CONNECTION);
    const { connected: connection, address } = await findCluster({ endpoint }, accept);
    expect(connection).toMatchObject({ region: "us-east-1", scheduler: "s", taskTable: "t", hwm: 3, scheme: "twobin" });
    expect(connection.pools).toEqual(CONNECTION.pools);
    expect(connection.endpoints?.dynamodb).toBe(endpoint);
    expect(address).toEqual({ endpoint, stack: "Fantail" });
  });

  it("in a stack with tenants, the cell of the named tenant is found", async () => {
    const cellOf = (tenant: string) => ({
      [`Tenant${tenant}SchedulerFunction`]: `${tenant}-s`,
      [`Tenant${tenant}TaskTable`]: "t",
      [`Tenant${tenant}EngineTable`]: "e",
      [`Tenant${tenant}BlobBucket`]: "b",
      [`Tenant${tenant}Scheme`]: "twobin",
      [`Tenant${tenant}Hwm`]: "3",
      [`Tenant${tenant}Pools`]: "[]",
    });
    const endpoint = await cloudFormation(200, stackOf({ ...cellOf("alice"), ...cellOf("bob") }));
    const { connected: connection, address } = await findCluster({ endpoint, tenant: "bob" }, accept);
    expect(connection).toMatchObject({ scheduler: "bob-s", tenant: "bob" });
    expect(address).toEqual({ endpoint, stack: "Fantail", tenant: "bob" });
    await expect(findCluster({ endpoint, stack: "Fantail" }, accept)).rejects.toThrow(
      /it has tenants alice, bob: name one, for example tenant: "alice"/,
    );
    await expect(findCluster({ endpoint, tenant: "eve" }, accept)).rejects.toThrow(
      /no tenant eve; tenants are alice, bob/,
    );
  });

  it("a cluster is not found if its owner has ended or it does not answer", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await write("default.json", { ...CONNECTION, pid });
    const endpoint = await cloudFormation(400, DENIED);
    const failing = findCluster({ profile: "default", endpoint }, accept);
    await expect(failing).rejects.toThrow(NoCluster);
    await expect(failing).rejects.toThrow(new RegExp(`its process ${pid} has ended[^]*does not exist`));
    const urlFile = await write("mute.json", CONNECTION);
    const silent = findCluster({ urlFile }, () => Promise.reject(new Error("connect ECONNREFUSED")));
    await expect(silent).rejects.toThrow(/mute\.json: connect ECONNREFUSED/);
  });

  it("a cluster is found only if its owner is alive", async () => {
    const urlFile = await write("alive.json", { ...CONNECTION, pid: process.pid });
    expect((await findCluster({ urlFile }, accept)).connected.pid).toBe(process.pid);
  });

  it("NoCluster lists what was tried and what to do", async () => {
    const endpoint = await cloudFormation(400, DENIED);
    const error = await findCluster({ profile: "mpi", endpoint }, accept).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoCluster);
    expect(String(error)).toMatch(/profile mpi: no cluster is running\n {2}stack Fantail at http/);
    expect(String(error)).toContain("fantail start");
  });

  it("aborting the signal ends the search", async () => {
    await write("default.json", CONNECTION);
    const stop = AbortSignal.abort(new Error("never mind"));
    await expect(findCluster({ signal: stop }, accept)).rejects.toThrow("never mind");
  });

  it("aborting the signal ends the wait for a cluster that does not answer", async () => {
    await write("default.json", CONNECTION);
    const stop = new AbortController();
    const never = () => {
      setImmediate(() => stop.abort(new Error("never mind")));
      return new Promise<never>(() => {});
    };
    await expect(findCluster({ signal: stop.signal }, never)).rejects.toThrow("never mind");
    await expect(findCluster({ signal: 5 as unknown as AbortSignal }, accept)).rejects.toThrow(InvalidFlag);
  });
});

describe("a connection file", () => {
  it.each([
    ["is not JSON", "{"],
    ["is not a valid connection file", { ...CONNECTION, scheduler: 5 }],
    ["is not a valid connection file", { region: "us-east-1" }],
    ["is not a valid connection file", { ...CONNECTION, hwm: -1 }],
  ])("a connection file that %s is reported by name", async (why, content) => {
    const file = await write("bad.json", content);
    await expect(readConnection(file)).rejects.toThrow(`${file} ${why}`);
  });
});

describe("an embedded cluster", () => {
  it.each([
    ["engines", { engines: 0 }],
    ["engines", { engines: 1.5 }],
    ["engines[0].count", { engines: [{ name: "a", count: -1 }] }],
    ["hwm", { hwm: -1 }],
    ["scheme", { scheme: "fastest" }],
    ["scheem", { scheem: "lru" }],
  ])("invalid options are refused before anything is started: %s", async (flag, options) => {
    const error = await startLocalCluster(options as object).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidFlag);
    expect((error as InvalidFlag).flag).toBe(flag);
  });
});
