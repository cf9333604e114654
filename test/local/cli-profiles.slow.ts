import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConnection } from "../../client/connection/connection.ts";
import { Client, CodeShippingOff, deployed } from "../../client/index.ts";
import { runFantail, spawnFantail } from "./run-fantail.ts";
import { LONG_MS, SMALL, StartedClusters } from "./started-clusters.ts";

const spawned = (...words: string[]) => spawnFantail(words);
const fantail = (...words: string[]) => runFantail(words);

const clusters = new StartedClusters();
const fileOf = (profile: string) => clusters.fileOf(profile);

test("a background cluster is listed, not started twice, runs only the functions of a file, and can be stopped", {
  timeout: LONG_MS,
}, async () => {
  writeFileSync(join(clusters.home, "functions.ts"), "export const double = (x: number) => 2 * x;\n");
  const own = ["--functions", join(clusters.home, "functions.ts"), "--no-code-shipping"];
  const start = await spawned("start", ...SMALL, ...own, "--daemonize", "-o", "json");
  expect(start).toMatchObject({ code: 0, stderr: "" });
  const { pid } = JSON.parse(start.stdout) as { pid: number };
  clusters.owners.push(pid);
  const shown = { profile: "default", pid, file: fileOf("default"), engines: 1, scheme: "lru", hwm: 1 };
  expect(JSON.parse(start.stdout)).toEqual(shown);
  expect(await readConnection(fileOf("default"))).toMatchObject({ profile: "default", pid, scheme: "lru", hwm: 1 });
  expect(statSync(fileOf("default")).mode & 0o777).toBe(0o600);
  expect(readdirSync(clusters.home).sort()).toEqual(["default-logs", "default.json", "default.log", "functions.ts"]);

  expect(await spawned("start")).toMatchObject({
    code: 10,
    stdout: "",
    stderr: expect.stringContaining("already running"),
  });
  expect(JSON.parse((await fantail("list", "-o", "json")).stdout)).toEqual([{ ...shown, running: true }]);
  expect((await spawned("list")).stdout).toMatch(/^PROFILE.*\ndefault +running +1 +lru +1 /);

  const client = await Client.connect({ urlFile: fileOf("default") });
  const view = client.loadBalancedView();
  expect(await view.map(deployed<(x: number) => number>("double"), [1, 2])).toEqual([2, 4]);
  expect(() => view.apply(() => 1)).toThrow(CodeShippingOff);
  await client.close();

  expect(await fantail("stop", "--profile=other")).toMatchObject({ code: 11 });
  expect(await spawned("stop")).toMatchObject({ code: 0, stdout: "profile default: stopped\n" });
  expect(existsSync(fileOf("default"))).toBe(false);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(await fantail("stop")).toMatchObject({ code: 11 });
  expect(JSON.parse((await fantail("list", "-o", "json")).stdout)).toEqual([]);
});

test("a killed cluster is listed as stopped, also if another program has its process id, and its profile can be started again", {
  timeout: LONG_MS,
}, async () => {
  const killed = async ({ owner }: { owner: ChildProcess }) => {
    owner.kill("SIGKILL");
    await once(owner, "exit");
  };
  await killed(await clusters.startInForeground());
  expect(JSON.parse((await fantail("list", "-o", "json")).stdout)).toMatchObject([
    { profile: "default", running: false },
  ]);
  const again = await clusters.startInForeground();
  expect(again.said).toContain("1 engine,");
  await killed(again);
  const file = fileOf("default");
  const connection = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...connection, pid: process.pid }));
  // Its processes end a moment after it; until then they answer.
  await expect
    .poll(async () => JSON.parse((await fantail("list", "-o", "json")).stdout))
    .toMatchObject([{ running: false }]);
  expect(await fantail("stop")).toMatchObject({ code: 11 });
  expect(existsSync(file)).toBe(false);
});
