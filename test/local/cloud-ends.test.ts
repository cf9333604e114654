import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client, ClusterError, NoCluster } from "../../client/index.ts";
import { bundleProcess } from "../../client/local/processes/bundle-process.ts";

const CLI = [process.execPath, bundleProcess("client/commands/cli") ?? ""];
/** The same as in other tests, so that the stack is synthesized once. */
const SMALL = ["-n", "1", "--scheme=lru", "--hwm=1"];
const SMALL_OPTIONS = { engines: 1, scheme: "lru", hwm: 1 } as const;
const LONG_MS = 120_000;
const PATIENCE = { timeout: 60_000, interval: 50 };

const { FANTAIL_HOME } = process.env;
let home: string;
const owners: ChildProcess[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "fantail-home-"));
  process.env.FANTAIL_HOME = home;
});
afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill("SIGKILL");
  if (FANTAIL_HOME === undefined) delete process.env.FANTAIL_HOME;
  else process.env.FANTAIL_HOME = FANTAIL_HOME;
  rmSync(home, { recursive: true, force: true });
});

/** Runs `fantail start` in the foreground, after some shell code, and waits for its connection file. */
async function start(before: string, ...words: string[]): Promise<{ owner: ChildProcess; stderr: () => string }> {
  const owner = spawn("sh", ["-c", `${before} exec "$0" "$@"`, ...CLI, "start", ...SMALL, ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  owners.push(owner);
  let stderr = "";
  owner.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(owner, "close").then(() => {
    throw new Error(stderr);
  });
  ended.catch(() => {});
  const isThere = vi.waitFor(() => expect(existsSync(join(home, "default.json"))).toBe(true), PATIENCE);
  await Promise.race([isThere, ended]);
  return { owner, stderr: () => stderr };
}

function fantail(...words: string[]): Promise<{ code: unknown; stderr: string }> {
  const [node = "", cli = ""] = CLI;
  return new Promise((resolve) => {
    execFile(node, [cli, ...words], (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }));
  });
}

/** Returns the DynamoDB process below another process. */
function dynamodbBelow(pid: number | undefined): number {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  const all = lines.map((line) => line.trim().split(/\s+/));
  const isBelow = (one: string | undefined): boolean =>
    one !== undefined && (Number(one) === pid || isBelow(all.find(([id]) => id === one)?.[1]));
  return Number(all.find(([id, , ...args]) => args.join(" ").includes("dynamodb-process") && isBelow(id))?.[0]);
}

/**
 * Limits under which a cloud fails. Files of at most 3 MB look like a full disk to a writer. Longer runs, if they may
 * mount file systems, also use a disk that is full and one that is read-only.
 */
const LIMITS: [label: string, before: (folder: string) => string, reason: RegExp][] = [
  ["a file may not grow", () => "ulimit -f 6144;", /a file has reached the size limit.*IO error.*File too large/],
];
const PRIVATE = 'exec unshare -m sh -c "$M"\' exec "$0" "$@"\' "$0" "$@";';
const mounting = (folder: string, options: string) => `M='mount -t tmpfs -o ${options} none ${folder};'; ${PRIVATE}`;
if (
  process.env.FANTAIL_SIM_RUNS !== undefined &&
  spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0
)
  LIMITS.push(["the disk is full", (folder) => mounting(folder, "size=3m"), /the disk is full.*No space left|ENOSPC/]);

test.each(LIMITS)(
  "when %s, the client, the command and later users get the reason",
  { timeout: LONG_MS },
  async (_, before, reason) => {
    const data = join(home, "data");
    mkdirSync(data, { mode: 0o700 });
    const { owner, stderr } = await start(before(data), "--data", data);
    const exit = once(owner, "exit");
    const client = await Client.connect();
    const view = client.loadBalancedView();
    const fill = async () => {
      for (let n = 0; n < 20; n++)
        await view.map(
          (text: string) => text,
          Array.from({ length: 500 }, () => randomBytes(3_000).toString("base64")),
        );
    };
    const failure = await fill().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClusterError);
    expect(String(failure)).toMatch(reason);
    expect(String(failure)).toContain("the cluster of profile default");
    expect(String(failure)).toContain("`fantail start`");
    expect(await exit).toEqual([1, null]);
    expect(stderr()).toMatch(reason);
    expect(stderr()).toContain(`what it stored is in ${data}`);
    await client.close();
    await expect(Client.connect({ profile: "default" })).rejects.toThrow(NoCluster);
    await expect(Client.connect({ profile: "default" })).rejects.toThrow(reason);
  },
);

test("a waiting client's error names the killed process of the cloud, and what to do", {
  timeout: LONG_MS,
}, async () => {
  await using client = await Client.local(SMALL_OPTIONS);
  const view = client.loadBalancedView();
  const waiting = view.apply(() => new Promise<void>((done) => setTimeout(done, 60_000)));
  const failure = waiting.catch((error: unknown) => error);
  await waiting.info();
  process.kill(dynamodbBelow(process.pid), "SIGKILL");
  const error = await failure;
  expect(error).toBeInstanceOf(ClusterError);
  expect(String(error)).toMatch(/the embedded DynamoDB was killed \(SIGKILL\)\. Start another with Client\.local\(\)/);
  await expect(view.apply(() => 1)).rejects.toThrow("the embedded DynamoDB was killed (SIGKILL)");
});

test("a client's error names the stopped cluster, and how to continue", { timeout: LONG_MS }, async () => {
  const { owner } = await start("");
  const client = await Client.connect();
  const view = client.loadBalancedView();
  const waiting = view.apply(() => new Promise<void>((done) => setTimeout(done, 60_000)));
  const failure = waiting.catch((error: unknown) => error);
  await waiting.info();
  expect(await fantail("stop")).toMatchObject({ code: 0 });
  const expected = `the cluster of profile default (process ${owner.pid}) is no longer running: it was stopped, or its process was killed. Start it again with \`fantail start\``;
  expect(await failure).toBeInstanceOf(ClusterError);
  expect(String(await failure)).toContain(expected);
  await expect(view.apply(() => 1)).rejects.toThrow(expected);
  await client.close();
});

test("a second cluster on a data folder gets an error that names the process using it", {
  timeout: LONG_MS,
}, async () => {
  const data = join(home, "data");
  await using client = await Client.local({ ...SMALL_OPTIONS, dataDir: data });
  const second = await fantail("start", ...SMALL, "--data", data);
  expect(second).toEqual({
    code: 1,
    stderr: expect.stringContaining(`the cluster of process ${process.pid} is using the data folder ${data}: stop it`),
  });
  expect(await client.loadBalancedView().apply(() => 1)).toBe(1);
});

const UNUSABLE: [label: string, before: (folder: string) => string, reason: RegExp][] = [
  ["is a file", (folder) => `: > ${folder};`, /is a file: choose another/],
  ["is below a file", (folder) => `: > ${join(folder, "..", "file")};`, /part of the path is a file \(ENOTDIR/],
];
if (LIMITS.length > 1)
  UNUSABLE.push([
    "is on a read-only file system",
    (folder) => `mkdir ${folder}; ${mounting(folder, "ro")}`,
    /the file system is read-only \(EROFS.*choose another, or make it writable/,
  ]);

test.each(UNUSABLE)(
  "a data folder that %s is rejected with the reason",
  { timeout: LONG_MS },
  async (label, before, reason) => {
    const folder = join(home, label.includes("below") ? "file" : "data");
    const data = label.includes("below") ? join(folder, "data") : folder;
    writeFileSync(join(home, "unused"), "");
    await expect(start(before(folder), "--data", data)).rejects.toThrow(reason);
    expect(readFileSync(join(home, "unused"), "utf8")).toBe("");
  },
);
