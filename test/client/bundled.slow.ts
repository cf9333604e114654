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

/** Bundles a client into one file, as for a Lambda function, and returns what it prints. */
function bundled(format: "cjs" | "esm", says: string): string {
  const outfile = join(folder, format === "cjs" ? "client.cjs" : "client.mjs");
  buildSync({
    stdin: {
      contents: `import { Client } from "./client/index.ts"; ${says}`,
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

describe("a client bundled into one file", () => {
  it.each(["esm", "cjs"] as const)(
    "the bundled client runs as %s where nothing is installed, without the emulators",
    (format) => {
      const file = bundled(format, "Client.connect().catch((error) => console.log(error.code));");
      const env = { PATH: process.env.PATH, HOME: folder, FANTAIL_CONNECTION: "{}" };
      expect(execFileSync(process.execPath, [file], { cwd: folder, env, encoding: "utf8" })).toBe("NoCluster\n");
      expect(readFileSync(file, "utf8")).not.toMatch(/dynalite|ObjectStore/);
    },
  );

  it.each(["esm", "cjs"] as const)(
    "the bundled client as %s says why it cannot start a cluster of its own",
    (format) => {
      const file = bundled(format, "Client.local().catch((error) => console.log(error.code, error.message));");
      const env = { PATH: process.env.PATH, HOME: folder };
      expect(execFileSync(process.execPath, [file], { cwd: folder, env, encoding: "utf8" })).toMatch(
        /^FantailError Client\.local .* leave it out of the bundle/,
      );
    },
  );
});
