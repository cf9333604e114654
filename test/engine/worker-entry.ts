import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

let entry: Promise<URL> | undefined;

/** Bundles the worker and the view of its tasks into one file each, outside the project, as on an engine. */
export function workerEntry(): Promise<URL> {
  entry ??= bundleWorker();
  return entry;
}

async function bundleWorker(): Promise<URL> {
  const outfile = join(mkdtempSync(join(tmpdir(), "fantail-worker-")), "worker.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../lambdas/engine/worker/worker.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    keepNames: true,
    logLevel: "silent",
  });
  await build({
    entryPoints: [fileURLToPath(new URL("../../client/inside/nested-view.ts", import.meta.url))],
    outfile: join(dirname(outfile), "view.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    keepNames: true,
    define: { "import.meta.url": "fantailUrl" },
    banner: { js: 'const fantailUrl = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "silent",
  });
  return pathToFileURL(outfile);
}
