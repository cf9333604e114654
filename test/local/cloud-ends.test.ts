import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, ClusterError } from "../../client/index.ts";
import { LONG_MS, mayMount, mounting, SMALL, TestHome } from "./test-home.ts";

const SMALL_OPTIONS = { engines: 1, scheme: "lru", hwm: 1 } as const;
const home = new TestHome();

/** Returns the process below another process that runs this module. */
function processBelow(pid: number | undefined, module: string): number {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  const all = lines.map((line) => line.trim().split(/\s+/));
  const isBelow = (one: string | undefined): boolean =>
    one !== undefined && (Number(one) === pid || isBelow(all.find(([id]) => id === one)?.[1]));
  return Number(all.find(([id, , ...args]) => args.join(" ").includes(module) && isBelow(id))?.[0]);
}

test.each([
  ["memory", "the embedded cluster was killed (SIGKILL). Start another with Client.local()"],
  ["a folder", "the embedded cluster was killed (SIGKILL). Its data is in"],
])(
  "a waiting client's error names the killed process, with tables in %s, and what to do",
  { timeout: LONG_MS },
  async (place, why) => {
    const dataDir = place === "a folder" ? join(home.folder, "data") : undefined;
    await using client = await Client.local({ ...SMALL_OPTIONS, dataDir });
    const view = client.loadBalancedView();
    const waiting = view.apply(() => new Promise<void>((done) => setTimeout(done, 60_000)));
    const failure = waiting.catch((error: unknown) => error);
    await waiting.info();
    process.kill(processBelow(process.pid, "cloud-process"), "SIGKILL");
    const error = await failure;
    expect(error).toBeInstanceOf(ClusterError);
    expect(String(error)).toContain(why);
    await expect(view.apply(() => 1)).rejects.toThrow(why);
  },
);

test("a client's error names the stopped cluster, and says how to continue", { timeout: LONG_MS }, async () => {
  const { owner } = await home.start("");
  const client = await Client.connect();
  const view = client.loadBalancedView();
  const waiting = view.apply(() => new Promise<void>((done) => setTimeout(done, 60_000)));
  const failure = waiting.catch((error: unknown) => error);
  await waiting.info();
  expect(await home.fantail("stop")).toMatchObject({ code: 0 });
  const expected = `the cluster of profile default (process ${owner.pid}) is no longer running: it was stopped, or its process was killed. Start it again with \`fantail start\``;
  expect(await failure).toBeInstanceOf(ClusterError);
  expect(String(await failure)).toContain(expected);
  await expect(view.apply(() => 1)).rejects.toThrow(expected);
  await client.close();
});

test("a second cluster on a data folder gets an error that names the process using it", {
  timeout: LONG_MS,
}, async () => {
  const data = join(home.folder, "data");
  await using client = await Client.local({ ...SMALL_OPTIONS, dataDir: data });
  const second = await home.fantail("start", ...SMALL, "--data", data);
  expect(second).toEqual({
    code: 1,
    stderr: expect.stringContaining(`the cluster of process ${process.pid} is using the data folder ${data}: stop it`),
  });
  expect(await client.loadBalancedView().apply(() => 1)).toBe(1);
});

const UNUSABLE: [label: string, before: (folder: string) => string, reason: RegExp][] = [
  ["is a file", (folder) => `: > ${folder};`, /is a file: choose a folder/],
  ["is below a file", (folder) => `: > ${join(folder, "..", "file")};`, /part of the path is a file \(ENOTDIR/],
];
if (mayMount)
  UNUSABLE.push([
    "is on a read-only file system",
    (folder) => `mkdir ${folder}; ${mounting(folder, "ro")}`,
    /the file system is read-only \(EROFS.*choose another, or make it writable/,
  ]);

test.each(UNUSABLE)(
  "a data folder that %s is rejected with the reason",
  { timeout: LONG_MS },
  async (label, before, reason) => {
    const folder = join(home.folder, label.includes("below") ? "file" : "data");
    const data = label.includes("below") ? join(folder, "data") : folder;
    writeFileSync(join(home.folder, "unused"), "");
    await expect(home.start(before(folder), "--data", data)).rejects.toThrow(reason);
    expect(readFileSync(join(home.folder, "unused"), "utf8")).toBe("");
  },
);
