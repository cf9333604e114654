import { createRequire } from "node:module";
import type { BuildOptions } from "esbuild";

// esbuild looks for its binary beside itself, so it is required, never bundled.
export const { buildSync }: typeof import("esbuild") = createRequire(import.meta.url)("esbuild");

/** How everything that runs on Lambda is made one ES module, with all it imports inside. */
export const LAMBDA_MODULE = {
  bundle: true,
  format: "esm",
  platform: "node",
  // The same bytes run on Lambda's Node 24 and on the embedded cloud's, from 20 on.
  target: "node20",
  // Packages as ES modules where they have them: of those, what is not used can be left out.
  mainFields: ["module", "main"],
  // Names of classes and functions are read: by error codes, and by stacks that users see.
  keepNames: true,
  legalComments: "none",
  // Dependencies in CommonJS `require` node's own modules, which an ES module cannot.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "silent",
} as const satisfies BuildOptions;
