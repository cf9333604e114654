import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The client of a run as one file, which starts in a fraction of the time that its TypeScript takes. */
export interface BundledClient {
  file: string;
  remove: () => void;
}

/** Bundles the client. It is in `node_modules`, so that packages resolve from there. */
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
