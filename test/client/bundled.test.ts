import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fantail-bundled-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client in one file, as for a Lambda function, which says how far it comes where there is no cluster. */
function bundled(format: "cjs" | "esm"): string {
  const outfile = join(folder, format === "cjs" ? "client.cjs" : "client.mjs");
  buildSync({
    stdin: {
      contents: `import { Client } from "./client/index.ts"; Client.connect().catch((error) => console.log(error.code));`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    platform: "node",
    format,
    mainFields: ["module", "main"],
    banner:
      format === "cjs"
        ? {}
        : {
            js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
          },
    logLevel: "silent",
  });
  return outfile;
}

describe("a client that a bundler made one file of", () => {
  it.each(["esm", "cjs"] as const)("runs as %s where nothing is installed, and brings no emulators", (format) => {
    const file = bundled(format);
    const env = { PATH: process.env.PATH, HOME: folder, FANTAIL_CONNECTION: "{}" };
    expect(execFileSync(process.execPath, [file], { cwd: folder, env, encoding: "utf8" })).toBe("NoCluster\n");
    expect(readFileSync(file, "utf8")).not.toMatch(/dynalite|s3rver/);
  });
});
