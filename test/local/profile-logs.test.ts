import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProfileLogs } from "../../client/commands/profile-logs.ts";

/** Larger than any process id on Linux or macOS. */
const DEAD_PID = 2 ** 30;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "fantail-home-"));
  vi.stubEnv("FANTAIL_HOME", home);
});
afterEach(() => vi.unstubAllEnvs());

/** Returns the log folder of a process that ran the profile `mine`. */
function aRunOf(pid: number): string {
  const folder = join(home, "mine-logs", String(pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Scheduler.log"), "its own\n");
  return folder;
}

test("a start keeps the logs of the last run until it is the profile's cluster", () => {
  const last = aRunOf(DEAD_PID);
  const logs = new ProfileLogs("mine");
  expect(existsSync(last)).toBe(true);
  logs.removeEarlier();
  expect(readdirSync(join(home, "mine-logs"))).toEqual([String(process.pid)]);
});

test("of two starts at once, neither removes the other's logs", () => {
  const other = aRunOf(process.ppid);
  const logs = new ProfileLogs("mine");
  logs.removeEarlier();
  expect(readdirSync(other)).toEqual(["Scheduler.log"]);
  logs.remove();
  expect(readdirSync(join(home, "mine-logs"))).toEqual([String(process.ppid)]);
});

test("a process starts without the logs of an earlier one that had its id", () => {
  const earlier = aRunOf(process.pid);
  expect(new ProfileLogs("mine").folder).toBe(earlier);
  expect(readdirSync(earlier)).toEqual([]);
});
