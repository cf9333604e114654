import { mkdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = `${ROOT}node_modules/.cache/simulation`;

/** A source change that removes a safeguard: `from`, which occurs once in the file, is replaced by `to`. */
export interface Edit {
  /** Path of the file from the root of the project. */
  file: string;
  from: string;
  to: string;
}

/** The exports of the bundled simulation. */
export type Simulation = Pick<typeof import("./seeded-run.ts"), "seededRun" | "kindOf">;

let bundles = 0;

/**
 * Bundles the simulation with the scheduler that it runs. The edit is applied while bundling: no source file changes.
 *
 * @param entry the module to bundle
 * @returns path of the bundle
 * @throws Error if the text to replace does not occur exactly once in its file
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
    // CommonJS packages call `require`.
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

/** Loads the simulation with an edit applied. */
export async function editedSimulation(edit: Edit): Promise<Simulation> {
  const path = await bundleSimulation(edit, "seeded-run.ts");
  try {
    return await import(/* @vite-ignore */ pathToFileURL(path).href);
  } finally {
    await rm(path);
  }
}

/** Applies an edit to a source text. */
export function edited(source: string, { file, from, to }: Edit): string {
  const parts = source.split(from);
  if (parts.length !== 2)
    throw new Error(`${file} contains ${JSON.stringify(from)} ${parts.length - 1} times, not once`);
  return parts.join(to);
}
