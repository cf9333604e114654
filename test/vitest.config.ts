import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "./counts-reporter.ts";
import { SlowFirst } from "./slow-first.ts";

const ALL = ["test/**/*.test.ts"];
const NOWHERE = ["**/node_modules/**", "dist/**"];

/** Pure code, and what ships a function as far as no other program has a part in it: `npm run test:unit`. */
const UNIT = [
  "test/{core,model}/*.test.ts",
  "test/protocol/!(class-instances|instance-parts).test.ts",
  "test/shipping/{deployed,exact-functions,free-variables,requires,ship-function}.test.ts",
];
/** What runs in the process of its test: these files leave nothing behind in it, so that one process serves many of them. */
const IN_PROCESS = [
  "test/{architecture,bench,dependencies,fuzz,scheduler,simulation,store}/*.test.ts",
  // The CDK is loaded once, and its validation with it.
  "test/cdk/{options,permissions,props,template,tenants}.test.ts",
  "test/client/!(bundled|connection|node-only|types).test.ts",
];
/** Files on a cloud of their own, or on one that they share: a process that goes on has loaded the client already. Those that register classes do so for all of it. */
const ON_A_CLOUD = ["test/e2e/!(deployed|registered-classes).test.ts"];

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const project = (name: string, files: { include: string[]; exclude?: string[]; isolate: boolean }) => ({
  test: {
    name,
    root: ROOT,
    ...files,
    exclude: [...NOWHERE, ...(files.exclude ?? [])],
    pool: "forks" as const,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Tests use the SDK too.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    // What is waited for comes, but a busy machine takes its time.
    expect: { poll: { timeout: 15_000 } },
  },
});

export default defineConfig({
  root: ROOT,
  test: {
    projects: [
      project("unit", { include: UNIT, isolate: false }),
      project("in-process", { include: IN_PROCESS, isolate: false }),
      project("on-a-cloud", { include: ON_A_CLOUD, isolate: false }),
      project("apart", { include: ALL, exclude: [...UNIT, ...IN_PROCESS, ...ON_A_CLOUD], isolate: true }),
    ],
    // Clusters bring processes of their own, and wait for each other half of the time.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    globalSetup: "test/one-temp-folder.ts",
    reporters: ["default", new CountsReporter()],
  },
});
