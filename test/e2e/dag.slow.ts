import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the example's graph keeps every edge, and is drawn with a bar for each task and a line for each edge", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-dag-"));
  try {
    const file = join(folder, "dag.svg");
    const args = ["dist/examples/dag.js", file, "--layers", "5", "--width", "8", "--engines", "2", "--seed", "3"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const [, tasks, edges] = /^(\d+) tasks in 5 layers, (\d+) edges/.exec(stdout) ?? [];
    expect(tasks).toBe("40");
    expect(stdout).toContain(`checked: all ${edges} edges were kept`);
    const drawn = readFileSync(file, "utf8");
    expect(drawn.match(/<title>node \d+: /g)).toHaveLength(40);
    expect(drawn.match(/stroke="#888888"/g)).toHaveLength(Number(edges));
    expect(drawn).not.toContain("#ff0000");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
