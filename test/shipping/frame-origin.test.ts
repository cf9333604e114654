import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { originalFrame } from "../../client/shipping/origins/frame-origin.ts";

test("frames of compiled files name the place in the source", () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-frames-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "main.js");
  const map = { version: 3, sources: ["main.ts"], names: [], mappings: "AAAA" };
  const inline = Buffer.from(JSON.stringify(map)).toString("base64");
  writeFileSync(file, `f();\n//# sourceMappingURL=data:application/json;base64,${inline}\n`);
  const source = join(folder, "main.ts");
  expect(originalFrame(`    at f (${pathToFileURL(file).href}:1:1)`)).toContain("main.ts:1:1)");
  expect(originalFrame(`    at ${file}:1:1`)).toBe(`    at ${source}:1:1`);
  expect(originalFrame(`    at a/b (eval at g) (${file}:1:1)`)).toBe(`    at a/b (eval at g) (${source}:1:1)`);
});

test("frames of other files stay as they are", () => {
  for (const frame of ["    at f (native)", "    at f (main.js:1:1)", "    at f (/nowhere/a.js:1:1)", "", "/a.ts:1:1"])
    expect(originalFrame(frame)).toBe(frame);
});

test("a frame that a task made up takes linear time", () => {
  const frame = `${"/".repeat(200_000)})/.js:0:0)`;
  const begun = performance.now();
  expect(originalFrame(frame)).toBe(frame);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
