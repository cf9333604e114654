import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";

export const PATIENCE = { timeout: 20_000, interval: 50 };

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie still answers the signal until its parent has collected it.
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

export function descendants(pid: number): number[] {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const children = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === pid && command !== "ps");
  return children.flatMap(([child]) => [Number(child), ...descendants(Number(child))]);
}

export function aDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a process that owns a cloud with a busy engine. With a data folder, DynamoDB is a process of its own. */
async function anOwner(dataDir?: string): Promise<{ owner: ChildProcess; pids: number[]; folder: string }> {
  const owner = spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("a-cloud-owner.ts", import.meta.url)), ...(dataDir ? [dataDir] : [])],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  onTestFinished(() => void owner.kill("SIGKILL"));
  let text = "";
  for await (const chunk of owner.stdout.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const { pids, folder } = JSON.parse(text) as { pids: number[]; folder: string };
  const all = [...new Set([...descendants(owner.pid ?? 0), ...pids])];
  // The cloud, three environments, the child of one of them, and DynamoDB.
  expect(all.length).toBeGreaterThanOrEqual(dataDir ? 6 : 5);
  expect(all.filter(isAlive)).toEqual(all);
  return { owner, pids: all, folder: dirname(dirname(folder)) };
}

/** Tests that everything ends after the owner of a cloud gets one of the signals. */
export function endsWithItsOwner(signals: readonly NodeJS.Signals[]): void {
  test.each(signals)("everything ends with an owner that gets %s, even an engine in a loop", async (signal) => {
    const { owner, pids, folder } = await anOwner();
    expect(existsSync(folder)).toBe(true);
    owner.kill(signal);
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), PATIENCE);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), PATIENCE);
  });
}

/** Tests that everything ends after the cloud's own process is killed. */
export function endsWithTheCloud(dynamodb: readonly ("thread" | "process")[]): void {
  test.each(dynamodb)("everything ends when the cloud's own process is killed, with DynamoDB as a %s", async (kind) => {
    const { owner, pids, folder } = await anOwner(kind === "process" ? aDataFolder() : undefined);
    const [cloud = 0] = descendants(owner.pid ?? 0);
    process.kill(cloud, "SIGKILL");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), PATIENCE);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), PATIENCE);
  });
}
