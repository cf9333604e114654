import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster({ pools: [{ name: "default", count: 1 }] });
const PACKAGE = fileURLToPath(new URL("../../dist/client/index.js", import.meta.url));

const HELPER = `interface Wide { a: number; b: string }

export function parse(text: string): Wide {
  const wide: Wide = { a: 1, b: text };
  if (text === "b") throw new RangeError(\`bad \${wide.b}\`);
  return wide;
}
`;
const MAIN = `import { Client } from ${JSON.stringify(PACKAGE)};
import { parse } from "./helper.ts";

type Unused = { x: number };

const client = await Client.connect({ urlFile: process.env.URL_FILE ?? "" });
const outer = (text: string): unknown => {
  const before: Unused = { x: 1 };
  return [before, parse(text)];
};
const error: Error = await client.loadBalancedView().apply(outer, "b").catch((reason) => reason);
console.log(error.stack);
await client.close();
`;

/** A project in TypeScript. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), "stacks-")));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
writeFileSync(join(folder, "helper.ts"), HELPER);
writeFileSync(join(folder, "main.ts"), MAIN);

/** Where the error is thrown, its caller, and the call that submitted the task. */
const PLACES = [`${folder}/helper.ts:5:27`, `${folder}/main.ts:9:19`, `${folder}/main.ts:11:54`];

const BUNDLED: BuildOptions = {
  ...{ bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "warning" },
  external: [PACKAGE],
  absWorkingDir: folder,
  entryPoints: ["main.ts"],
};

function bundled(name: string, options: BuildOptions): string[] {
  const outfile = join(folder, "out", name);
  buildSync({ ...BUNDLED, ...options, outfile });
  return [outfile];
}

function compiled(): string[] {
  const compilerOptions = {
    ...{ target: "es2022", module: "nodenext", moduleResolution: "nodenext", outDir: "tsc", sourceMap: true },
    ...{ rewriteRelativeImportExtensions: true, noCheck: true, types: [] },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  execFileSync(process.execPath, [tsc, "-p", folder]);
  return [join(folder, "tsc/main.js")];
}

const TSX = pathToFileURL(fileURLToPath(import.meta.resolve("tsx/esm"))).href;

test.each<[tool: string, run: () => string[]]>([
  ["tsx", () => ["--import", TSX, join(folder, "main.ts")]],
  ["tsc with a source map", compiled],
  ["esbuild with a source map", () => bundled("linked.js", { sourcemap: "linked" })],
  ["esbuild with a source map, minified", () => bundled("minified.js", { sourcemap: "linked", minify: true })],
  ["esbuild with a source map in the file", () => bundled("inline.mjs", { sourcemap: "inline" })],
  ["esbuild, with --enable-source-maps", () => ["--enable-source-maps", ...bundled("on.js", { sourcemap: true })]],
])("the stack of a task's error names the user's own files, lines and columns under %s", (_, run) => {
  const argv = run();
  const env = { ...process.env, URL_FILE: cluster.cloud.urlFile };
  const stack = execFileSync(process.execPath, argv, { encoding: "utf8", env, timeout: 60_000 });
  const places = stack.split("\n").flatMap((line) => /\(?(\/[^()]*:\d+:\d+)\)?$/.exec(line)?.[1] ?? []);
  expect(places).toEqual(PLACES);
});
