import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Tests of pages in headless Chromium: one file after the other, since they measure how fast pages answer. */
export default defineConfig({
  root: ROOT,
  // Sources contain an empty text in the place of a page's script, which the build bundles.
  resolve: {
    alias: [
      { find: /^.*\/page-script\.ts$/, replacement: `${ROOT}dist/client/timeline/page-script.js` },
      { find: /^.*\/dashboard-script\.ts$/, replacement: `${ROOT}dist/client/dashboard/dashboard-script.js` },
    ],
  },
  test: {
    include: ["test/browser/*.browser.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    globalSetup: "test/environment.ts",
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    expect: { poll: { timeout: 15_000 } },
    reporters: ["verbose", new CountsReporter({ mayBeSkipped: true })],
  },
});
