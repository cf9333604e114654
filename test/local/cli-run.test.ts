import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { processIsAlive } from "../../client/connection/process-is-alive.ts";
import { CLI, runFantail, spawnFantail } from "./run-fantail.ts";

const LONG_MS = 120_000;
const CLIENT = fileURLToPath(new URL("../../client/index.ts", import.meta.url));
const SMALL = ["-n", "1", "--scheme=lru", "--hwm=1"];

const folder = mkdtempSync(join(tmpdir(), "fantail-run-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function aScript(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test("run gives a script a cluster of its own and its arguments, and exits as the script does", {
  timeout: LONG_MS,
}, async () => {
  const script = aScript(
    "squares.mts",
    `import { Client } from ${JSON.stringify(CLIENT)};
    const client: Client = await Client.connect();
    const [flag, ...numbers] = process.argv.slice(2);
    console.log(flag, await client.loadBalancedView().map((n: number) => n * n, numbers.map(Number)));
    console.log(JSON.parse(process.env.FANTAIL_CONNECTION ?? "").pid);
    await client.close();
    process.exitCode = 7;`,
  );
  const ended = await spawnFantail(["run", ...SMALL, script, "--engines", "3", "4"]);
  const [squares, pid] = ended.stdout.split("\n");
  expect(ended).toMatchObject({ code: 7, stderr: "" });
  expect(squares).toBe("--engines [ 9, 16 ]");
  expect(processIsAlive(Number(pid))).toBe(false);
});

test("run passes a signal on to the script, and stops the cluster when the script has ended", {
  timeout: LONG_MS,
}, async () => {
  const script = aScript(
    "patient.mjs",
    `import { createServer } from "node:net";
    const alive = createServer().listen(0);
    process.on("SIGTERM", () => { alive.close(); process.exitCode = 5; });
    console.log(JSON.parse(process.env.FANTAIL_CONNECTION).pid);`,
  );
  const program = spawn(process.execPath, [CLI, "run", ...SMALL, script], { stdio: ["ignore", "pipe", "inherit"] });
  const [pid] = await once(program.stdout.setEncoding("utf8"), "data");
  program.kill("SIGTERM");
  expect(await once(program, "exit")).toEqual([5, null]);
  expect(processIsAlive(Number(pid))).toBe(false);
});

test("a script that does not exist is refused before a cluster starts", async () => {
  const refused = await runFantail(["run", join(folder, "nowhere.ts")]);
  expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("file not found") });
});
