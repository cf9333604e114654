import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { ShippedCase } from "./fixtures/ship-cases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A process outside the project, without `node_modules`, that loads and calls shipped cases. */
export class EngineProcess {
  readonly folder = mkdtempSync(join(tmpdir(), "fantail-engine-"));

  constructor() {
    bundle("fixtures/engine.ts", join(this.folder, "engine.mjs"));
  }

  /** Returns the cases whose result differs from the original's, with both results. */
  wrong(cases: readonly ShippedCase[]): string[] {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["engine.mjs"], {
      cwd: this.folder,
      input: JSON.stringify(cases),
      encoding: "utf8",
      env: {},
      maxBuffer: 1e8,
    });
    if (status !== 0) throw new Error(`the engine ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as string[];
  }

  /** Makes a folder into which clients are compiled, and returns its path. Like a project, it has packages. */
  clientsFolder(): string {
    const clients = join(this.folder, "clients");
    mkdirSync(clients);
    symlinkSync(join(root, "node_modules"), join(clients, "node_modules"));
    writeFileSync(join(clients, "package.json"), '{"type":"module"}');
    return clients;
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Runs a program that prints shipped cases, with flags of Node's, and returns the cases. */
export function printedBy(file: string, ...flags: string[]): ShippedCase[] {
  const printed = execFileSync(process.execPath, [...flags, file], { cwd: root, encoding: "utf8", maxBuffer: 1e8 });
  return JSON.parse(printed) as ShippedCase[];
}

/** Bundles a file beside this one, minified or not. With `packages`, packages stay external. */
export function bundle(
  entry: string,
  outfile: string,
  options: { minify?: boolean; packages?: "external" } = {},
): void {
  buildSync({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: 'import { createRequire as bannerRequire } from "node:module"; const require = bannerRequire(import.meta.url);',
    },
    ...options,
  });
}
