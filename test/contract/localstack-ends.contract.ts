import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { localstackMissing, localstackName, preparedLocalstack } from "./container/localstack-container.ts";

const OWNER = fileURLToPath(new URL("container/a-localstack-owner.ts", import.meta.url));
const START_MS = 300_000;

let missing = await localstackMissing();
if (missing === undefined) {
  const { engine } = await preparedLocalstack();
  await engine.stop();
  // An engine that is not our own keeps running, with everything it stores.
  if (!process.env.DOCKER_HOST?.includes("fantail-engine-")) missing = "the container engine is not one of our own";
}
if (missing !== undefined) console.warn(`\nSKIPPED: what LocalStack's container leaves behind: ${missing}\n`);

/**
 * Returns everything that a run of an engine could leave behind: processes, mounts visible here, network links, files.
 */
function traces(): string[] {
  const ours = /fantail-engine-|localstack\.runtime|moto_server|aws-lambda-ric|fantail0/;
  const processes = execFileSync("ps", ["-e", "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const links = readdirSync("/sys/class/net");
  const files = [...readdirSync(tmpdir()), ...filesBelow("/etc/docker"), ...filesBelow("/run/docker")];
  const isOther = (line: string) => / ps -e/.test(line);
  return [
    ...[...processes, ...mounts].filter((line) => ours.test(line) && !isOther(line)),
    ...links.filter((link) => /^(fantail|veth|br-)/.test(link)),
    ...files.filter((file) => file.startsWith("/") || /^fantail-(engine|image)-/.test(file)),
  ].sort();
}

function filesBelow(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`) : [];
}

describe.skipIf(missing !== undefined)(`what ${localstackName()} leaves behind`, { timeout: START_MS * 2 }, () => {
  let owner: ChildProcess | undefined;
  afterEach(() => {
    owner?.kill("SIGKILL");
  });

  async function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ["--import", "tsx", OWNER], { stdio: ["pipe", "pipe", "inherit"] });
    owner = child;
    for await (const line of createInterface(child.stdout)) if (line.startsWith("{")) return child;
    throw new Error("it ended before LocalStack had started");
  }

  test.each(["stopped", "killed"])("an owner of LocalStack that is %s leaves nothing behind", async (how) => {
    const before = traces();
    const child = await start();
    expect(traces().length).toBeGreaterThan(before.length + 3);
    const ended = once(child, "exit");
    if (how === "killed") child.kill("SIGKILL");
    else child.stdin?.end();
    await ended;
    await expect.poll(traces, { timeout: 60_000, interval: 250 }).toEqual(before);
  });
});
