import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

let entry: Promise<URL> | undefined;

/** The worker, bundled into one file outside the project, as it is on an engine. */
export function workerEntry(): Promise<URL> {
  entry ??= bundleWorker();
  return entry;
}

async function bundleWorker(): Promise<URL> {
  const outfile = join(mkdtempSync(join(tmpdir(), "fantail-worker-")), "worker.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../lambdas/engine/worker.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    keepNames: true,
    logLevel: "silent",
  });
  return pathToFileURL(outfile);
}
