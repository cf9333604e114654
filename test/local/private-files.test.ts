import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Client } from "../../client/index.ts";
import { openDataFolder } from "../../client/local/data-folder.ts";
import { bundleProcess } from "../../client/local/processes/bundle-process.ts";
import { runModule } from "../../client/local/processes/own-process.ts";

const CLI = [process.execPath, bundleProcess("client/commands/cli") ?? ""];
const LONG_MS = 120_000;

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Returns the files and folders that another user could access, along paths on which every folder is open. */
function openToOthers(folder: string): string[] {
  const open: string[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const entry = lstatSync(path);
    if ((entry.mode & 0o077) !== 0 && !entry.isSymbolicLink()) open.push(path);
    if (entry.isDirectory() && (entry.mode & 0o011) !== 0) open.push(...openToOthers(path));
  }
  return open;
}

test("nobody else can read what a cluster writes, whatever the umask says", { timeout: LONG_MS }, async () => {
  const folder = aFolder();
  const [home, data, temporary] = ["home", "data", "tmp"].map((name) => join(folder, name)) as [string, string, string];
  mkdirSync(temporary);
  const words = ["start", "-n", "1", "--scheme=lru", "--hwm=1", "--data", data];
  const owner = spawn("sh", ["-c", 'umask 0; exec "$0" "$@"', ...CLI, ...words], {
    stdio: "ignore",
    env: { ...process.env, FANTAIL_HOME: home, TMPDIR: temporary },
  });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const urlFile = join(home, "default.json");
  await vi.waitFor(() => expect(existsSync(urlFile)).toBe(true), { timeout: 60_000, interval: 50 });
  const client = await Client.connect({ urlFile });
  const blob = randomBytes(600_000).toString("base64");
  const task = (text: string) => {
    console.log("in the log");
    return text;
  };
  expect(await client.loadBalancedView().apply(task, blob)).toBe(blob);
  await client.close();

  expect(openToOthers(folder).map((path) => relative(folder, path))).toEqual(["tmp"]);
  expect(openToOthers(join(folder, "tmp"))).toEqual([]);
  const inside = readdirSync(data, { recursive: true, encoding: "utf8" });
  expect(inside.filter((name) => /^s3.*[0-9a-f]{64}/.test(name))).not.toEqual([]);
  expect(inside).toContain(join("dynamodb", "CURRENT"));
  // Check every file, not only the folders above: a file may be linked or moved elsewhere.
  expect(inside.filter((name) => (modeOf(join(data, name)) & 0o077) !== 0)).toEqual([]);
  owner.kill("SIGTERM");
  await once(owner, "exit");
});

test("a module that runs from source leaves no copy of the sources in the temporary folder", async () => {
  const temporary = aFolder();
  await runModule("client/commands/plural", { env: { PATH: process.env.PATH, TMPDIR: temporary } });
  expect(
    readdirSync(temporary, { recursive: true, encoding: "utf8" }).filter((name) => /[0-9a-f]{40}/.test(name)),
  ).toEqual([]);
});

test("an earlier version's folder that others could read is made private, with a notice", () => {
  const data = join(aFolder(), "data");
  mkdirSync(join(data, "dynamodb"), { recursive: true });
  writeFileSync(join(data, "dynamodb", "000003.log"), "rows");
  for (const path of [data, join(data, "dynamodb")]) chmodSync(path, 0o755);
  expect(openDataFolder(data)).toEqual([`other users of this machine could read ${data}; its mode is now 0700`]);
  expect([data, join(data, "dynamodb"), join(data, "dynamodb", "000003.log")].map(modeOf)).toEqual([
    0o700, 0o700, 0o600,
  ]);
  expect(openDataFolder(data)).toEqual([]);
});

test("of a folder with other contents, only fantail's own subfolders are made private", () => {
  const data = aFolder();
  writeFileSync(join(data, "notes.txt"), "for everybody");
  chmodSync(data, 0o755);
  expect(openDataFolder(data)).toEqual([]);
  expect(modeOf(data)).toBe(0o755);
  expect(["dynamodb", "s3", "logs"].map((name) => modeOf(join(data, name)))).toEqual([0o700, 0o700, 0o700]);
  chmodSync(data, 0o777);
  expect(() => openDataFolder(data)).toThrow(/other users of this machine can write to .*use a separate folder/);
});
