import { mkdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = `${ROOT}node_modules/.cache/simulation`;

/** A change of the source that removes a safeguard: `from` occurs once in the file, and `to` replaces it. */
export interface Edit {
  /** Path of the file from the root of the project. */
  file: string;
  from: string;
  to: string;
}

/** The simulation as one module. */
export type Simulation = Pick<typeof import("./seeded-run.ts"), "seededRun" | "kindOf">;

let bundles = 0;

/**
 * Bundles the simulation with the scheduler that it runs. The edit is applied to what the bundler reads: no file of the
 * project changes.
 *
 * @param entry the module to bundle
 * @returns path of the bundle
 * @throws Error if the text to replace is not in its file exactly once
 */
export async function bundleSimulation(
  edit: Edit | undefined,
  entry: "seeded-run.ts" | "simulation-worker.ts",
): Promise<string> {
  const outfile = `${FOLDER}/${process.pid}-${++bundles}.mjs`;
  await mkdir(FOLDER, { recursive: true });
  await build({
    entryPoints: [`${ROOT}test/simulation/${entry}`],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "error",
    // Packages in CommonJS call `require`.
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(ROOT)});`,
    },
    plugins: edit
      ? [
          {
            name: "edit",
            setup: (bundler) =>
              bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) =>
                path === `${ROOT}${edit.file}`
                  ? { contents: edited(await readFile(path, "utf8"), edit), loader: "ts" }
                  : undefined,
              ),
          },
        ]
      : [],
  });
  return outfile;
}

/** Loads the simulation with an edit. */
export async function editedSimulation(edit: Edit): Promise<Simulation> {
  const path = await bundleSimulation(edit, "seeded-run.ts");
  try {
    return await import(/* @vite-ignore */ pathToFileURL(path).href);
  } finally {
    await rm(path);
  }
}

/** Returns a source with the edit. */
export function edited(source: string, { file, from, to }: Edit): string {
  const parts = source.split(from);
  if (parts.length !== 2)
    throw new Error(`${file} contains ${JSON.stringify(from)} ${parts.length - 1} times, not once`);
  return parts.join(to);
}
