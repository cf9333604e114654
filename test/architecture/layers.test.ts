import { describe, expect, it } from "vitest";
import { modulesBelow, type SourceModule, specifiersOf } from "./module-imports.ts";

/** Layers from the bottom up. Folders of one layer must not import each other. */
const LAYERS: string[][] = [
  ["lambdas/protocol/"],
  ["lambdas/core/", "lambdas/authoring/"],
  ["lambdas/adapters/"],
  ["lambdas/scheduler/ports/"],
  ["lambdas/scheduler/memory/"],
  ["lambdas/scheduler/rows/"],
  ["lambdas/scheduler/waiting/"],
  ["lambdas/scheduler/placing/"],
  ["lambdas/scheduler/messages/report-steps/", "lambdas/scheduler/messages/submit-steps/"],
  ["lambdas/scheduler/messages/"],
  ["lambdas/scheduler/", "lambdas/engine/messages/"],
  ["lambdas/engine/rules/"],
  ["lambdas/engine/supervisor/", "lambdas/engine/worker/"],
  ["lambdas/engine/"],
  // What every part of the client may use, and what the embedded cloud writes for the client.
  ["client/runtime/", "client/connection/"],
  // The embedded cloud: folders and processes, access control, the stack, then one folder per service.
  ["client/local/folders/"],
  ["client/local/processes/"],
  ["client/local/latency/"],
  ["client/local/code/", "client/local/requests/"],
  ["client/local/stack/"],
  ["client/local/dynamodb/", "client/local/s3/", "client/local/lambda/"],
  ["client/local/events/"],
  ["client/local/"],
  // Reading functions: their text, V8's view of them and their values; above that, how they are sent.
  ["client/shipping/source/", "client/shipping/inspector/", "client/shipping/values/"],
  ["client/shipping/origins/", "client/shipping/packages/"],
  ["client/shipping/functions/"],
  ["client/shipping/unit/"],
  ["client/shipping/capture/"],
  ["client/shipping/"],
  // Prices, and what was used at these prices.
  ["client/cost/"],
  // Flags; then finding and calling the cluster, sending to it and reading from it.
  ["client/flags/"],
  ["client/cluster/"],
  ["client/outcomes/"],
  // A timeline as a file; above it, the script of its page.
  ["client/timeline/"],
  ["client/timeline/page/"],
  ["client/submit/"],
  ["client/results/"],
  ["client/history/", "client/views/"],
  // The dashboard: its server, and above that the script of its page.
  ["client/dashboard/"],
  ["client/dashboard/page/"],
  ["client/client-events.ts"],
  ["client/client-engines.ts"],
  ["client/client-tasks.ts"],
  // The wiring of a client, and the entry points that need it.
  ["client/client-core.ts"],
  ["client/client.ts", "client/task.ts"],
  ["client/inside/", "client/index.ts"],
  // The `fantail` command.
  ["client/commands/completion/", "client/commands/doctor/"],
  ["client/commands/"],
  ["cdk/"],
];

/** Folders that must not import each other in either direction. */
const APART: [string, string][] = [
  ["lambdas/scheduler/", "lambdas/engine/"],
  ["client/", "lambdas/engine/"],
  ["cdk/", "lambdas/engine/"],
];

/** Returns the layer of a path: the most specific one that matches. */
function layerOf(path: string): { height: number; folder: string } {
  const claims = LAYERS.flatMap((folders, height) => folders.map((folder) => ({ height, folder })))
    .filter(({ folder }) => path.startsWith(folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  if (claims[0]) return claims[0];
  throw new Error(`${path} belongs to no layer`);
}

/** Whether two paths are in folders that must not import each other. */
function areApart(path: string, other: string): boolean {
  return APART.some(
    ([one, two]) => (path.startsWith(one) && other.startsWith(two)) || (path.startsWith(two) && other.startsWith(one)),
  );
}

/** Returns the imports of a module that do not point down. */
function risingImports({ path, imports }: SourceModule): string[] {
  const own = layerOf(path);
  return imports
    .filter((name) => /^(?:lambdas|client|cdk)\//.test(name))
    .filter((name) => {
      const other = layerOf(name);
      const isAside = other.height === own.height && other.folder !== own.folder;
      return other.height > own.height || isAside || areApart(path, name);
    })
    .map((name) => `${path} imports ${name}`);
}

/** Returns imports of packages and of Node's modules that `allowed` does not match. */
function packagesBut(allowed: RegExp, modules: SourceModule[]): string[] {
  return modules.flatMap(({ path, imports }) =>
    imports
      .filter((name) => !/^(?:lambdas|client|cdk)\//.test(name) && !allowed.test(name))
      .map((name) => `${path} imports ${name}`),
  );
}

/** Whether a module draws random numbers. The linter denies `crypto`, but cannot deny one member of `Math`. */
function drawsChance(text: string): boolean {
  return /\bMath\b(?!\.(?!random\b)\w)/.test(text);
}

const modules = ["lambdas", "client", "cdk"].flatMap(modulesBelow);
const below = (...prefixes: string[]) =>
  modules.filter(({ path }) => prefixes.some((prefix) => path.startsWith(prefix)));

describe("layers", () => {
  it("imports point down only", () => {
    expect(modules.length).toBeGreaterThan(30);
    expect(modules.flatMap(risingImports)).toEqual([]);
  });

  it("the search finds an import that points up or sideways", () => {
    const from = (path: string, text: string) => risingImports({ path, text, imports: specifiersOf(text) });
    expect(from("lambdas/core/retry.ts", 'import { a } from "lambdas/adapters/store.ts";')).toHaveLength(1);
    expect(from("lambdas/core/retry.ts", 'import type {\n  A,\n} from "lambdas/adapters/store.ts";')).toHaveLength(1);
    expect(from("lambdas/core/retry.ts", 'export * from "client/index.ts";')).toHaveLength(1);
    expect(from("lambdas/core/retry.ts", 'const a = await import("cdk/app.ts");')).toHaveLength(1);
    expect(from("lambdas/engine/run.ts", 'import "lambdas/scheduler/place.ts";')).toHaveLength(1);
    expect(from("lambdas/engine/worker/run.ts", 'import "lambdas/engine/supervisor/a.ts";')).toHaveLength(1);
    expect(from("lambdas/engine/messages/a.ts", 'import "lambdas/engine/worker/run.ts";')).toHaveLength(1);
    expect(from("lambdas/authoring/guard.ts", 'import "lambdas/engine/messages/a.ts";')).toHaveLength(1);
    expect(from("client/task.ts", 'import "lambdas/engine/messages/a.ts";')).toHaveLength(1);
    expect(
      from("lambdas/scheduler/rows/a.ts", 'import type { A } from "lambdas/scheduler/placing/b.ts";'),
    ).toHaveLength(1);
    expect(from("lambdas/scheduler/waiting/a.ts", 'import "lambdas/scheduler/messages/b.ts";')).toHaveLength(1);
    expect(from("lambdas/scheduler/place.ts", 'import { a } from "lambdas/core/retry.ts";')).toEqual([]);
  });

  it("shipped code imports no tests, benchmarks or examples", () => {
    const strays = modules.flatMap(({ path, imports }) =>
      imports
        .filter((name) => /^(?:test|bench|examples|\.scripts)\//.test(name))
        .map((name) => `${path} imports ${name}`),
    );
    expect(strays).toEqual([]);
  });
});

describe("purity", () => {
  it("core and protocol import no packages but the parser, the codec and node:util", () => {
    expect(packagesBut(/^(?:valibot|devalue|node:util)$/, below("lambdas/core/", "lambdas/protocol/"))).toEqual([]);
  });

  it("the rules of the engine import no package", () => {
    expect(packagesBut(/^$/, below("lambdas/engine/rules/"))).toEqual([]);
  });

  it("core, protocol and the rules of the engine take randomness as an argument", () => {
    const drawing = below("lambdas/core/", "lambdas/protocol/", "lambdas/engine/rules/").filter(({ text }) =>
      drawsChance(text),
    );
    expect(drawing.map(({ path }) => path)).toEqual([]);
  });

  it("the search finds other randomness, and no other use of Math", () => {
    expect(drawsChance("const at = Math.random() * 2;")).toBe(true);
    expect(drawsChance("const { random } = Math;")).toBe(true);
    expect(drawsChance('Math["random"]();')).toBe(true);
    expect(drawsChance("Math.max(1, Math.floor(random() * 3))")).toBe(false);
  });

  it("in lambdas, only the adapters and the handlers that create their clients import the AWS SDK", () => {
    const aware = below("lambdas/").filter(({ imports }) =>
      imports.some((name) => /^@(?:aws-sdk|smithy)\//.test(name)),
    );
    const allowed = /^lambdas\/(?:adapters\/|(?:scheduler|engine)\/handler\.ts$)/;
    expect(aware.map(({ path }) => path).filter((path) => !allowed.test(path))).toEqual([]);
  });

  it("only cdk imports the CDK", () => {
    const aware = modules.filter(({ imports }) => imports.some((name) => /^(?:aws-cdk-lib|constructs)\b/.test(name)));
    expect(aware.map(({ path }) => path).filter((path) => !path.startsWith("cdk/"))).toEqual([]);
  });

  it("lambdas and client do not check which cloud they run on", () => {
    const asking = modules
      .filter(
        ({ path }) =>
          path.startsWith("lambdas/") || (path.startsWith("client/") && !/^client\/(?:local|commands)\//.test(path)),
      )
      .filter(({ text }) =>
        /\b(?:if\s*\(|\?|&&|\|\|)\s*!?(?:is)?local\b|\bisLocal\b|\blocalstack\b|LOCALSTACK/i.test(text),
      );
    expect(asking.map(({ path }) => path)).toEqual([]);
  });
});
