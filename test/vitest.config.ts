import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "./counts-reporter.ts";
import { SlowFirst } from "./slow-first.ts";

const ALL = ["test/**/*.test.ts"];
const NOWHERE = ["**/node_modules/**", "dist/**"];

/** Tests of pure code and of shipping functions, as far as no other program is involved: `npm run test:unit`. */
const UNIT = [
  "test/{core,model}/*.test.ts",
  "test/protocol/!(class-instances|instance-parts).test.ts",
  "test/shipping/{deployed,exact-functions,free-variables,requires,ship-function}.test.ts",
];
/** Files that run in the process of another test: they leave nothing behind, so one process serves many of them. */
const IN_PROCESS = [
  "test/{architecture,bench,dashboard,dependencies,fuzz,scheduler,simulation,store,timeline}/*.test.ts",
  // Loads the CDK and its validation once.
  "test/cdk/{permissions,props,template,tenants}.test.ts",
  "test/client/!(connection|types).test.ts",
  // Their tasks and writers run in threads and processes of their own.
  "test/engine/!(deployed).test.ts",
  "test/s3/!(differential|limits).test.ts",
  "test/documents/!(examples).test.ts",
  "test/local/{access,closed-tables,dynamodb,event-rules,events,frames,function-kind,intrinsics,printable,s3,warm-in-turn}.test.ts",
];
/**
 * Files that use a cloud. They share processes, which have then loaded the client. Files that register classes would do
 * so for all, and are excluded.
 */
const ON_A_CLOUD = ["test/e2e/!(deployed|registered-classes).test.ts"];

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const project = (name: string, files: { include: string[]; exclude?: string[]; isolate: boolean }) => ({
  test: {
    name,
    root: ROOT,
    ...files,
    exclude: [...NOWHERE, ...(files.exclude ?? [])],
    pool: "forks" as const,
    // Simulations allocate much that is soon garbage: a larger young generation saves an eighth of their time.
    execArgv: ["--max-semi-space-size=64"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Tests use the SDK too.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    // Generous, since a busy machine takes longer.
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
    experimental: { fsModuleCache: true, fsModuleCachePath: "node_modules/.cache/vitest-modules" },
    // Few, because tests of clusters start further processes, but not fewer, because these tests spend half of their
    // time waiting.
    maxWorkers: 4,
    sequence: { sequencer: SlowFirst },
    globalSetup: "test/environment.ts",
    reporters: ["default", new CountsReporter()],
  },
});
