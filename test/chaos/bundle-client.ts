import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The client of a chaos run as one bundled file, which starts much faster than its TypeScript sources. */
export interface BundledClient {
  file: string;
  remove: () => void;
}

/** Bundles the client into `node_modules`, so that its packages can be resolved. */
export function bundleClient(): BundledClient {
  const folder = join(ROOT, "node_modules", ".cache", `fantail-chaos-${process.pid}`);
  buildSync({
    entryPoints: [join(ROOT, "test", "chaos", "client-process.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  return {
    file: join(folder, "client-process.mjs"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
