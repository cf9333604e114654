import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = join(root, "dist");
let folder: string;

const FIRST_SCRIPT = `
import { AsyncResult, Client } from "fantail-lambda";
import { task } from "fantail-lambda/task";
const client = await Client.connect();
const squares: number[] = await client.loadBalancedView().map((n: number) => n * n, [1, 2, 3]);
const result: AsyncResult<string> = client.loadBalancedView().apply(() => task().id);
await result.waitInteractive({ output: { write: (text: string) => text.length } });
console.log(squares[0]);
await client.close();
export {};
`;

/** Copies the package's types, manifest and dependencies into an empty folder, in which nothing else can be found. */
beforeAll(() => {
  execFileSync(process.execPath, [join(root, ".scripts/ready.mjs")], { cwd: root });
  folder = mkdtempSync(join(tmpdir(), "fantail-first-script-"));
  const home = join(folder, "node_modules/fantail-lambda");
  mkdirSync(home, { recursive: true });
  cpSync(join(root, "package.json"), join(home, "package.json"));
  for (const layer of ["client", "lambdas"])
    cpSync(join(built, layer), join(home, "dist", layer), {
      recursive: true,
      filter: (path) => !/\.(?:js|map)$/.test(path),
    });
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object };
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "first.ts"), FIRST_SCRIPT);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the compiler's output for the script. */
function compiled(): string {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "--noEmit", "first.ts"], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}

it("a first script compiles without a tsconfig, without skipLibCheck and without types of Node's", {
  timeout: 120_000,
}, () => {
  expect(compiled()).toBe("");
});

it("older compilers accept the package's types with their default settings", () => {
  const types = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^client.*\.d\.ts$/.test(name),
  );
  // Below ES2015, the default target until TypeScript 6, there are no private fields.
  const withPrivate = types.filter((name) => /^\s+#private;/m.test(readFileSync(join(built, name), "utf8")));
  expect(withPrivate).toEqual([]);
  // Resolvers that ignore `exports` use this.
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    types: string;
    typesVersions: { "*": Record<string, [string]> };
    exports: Record<string, { types?: string }>;
  };
  const entries = Object.entries(manifest.exports).filter(([, { types }]) => types);
  expect(manifest.types).toBe(manifest.exports["."]?.types);
  expect(Object.entries(manifest.typesVersions["*"]).map(([name, [types]]) => [`./${name}`, types])).toEqual(
    entries.filter(([name]) => name !== ".").map(([name, { types }]) => [name, types]),
  );
});
