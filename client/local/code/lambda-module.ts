import { createRequire } from "node:module";
import type { BuildOptions } from "esbuild";

const require = createRequire(import.meta.url);

/**
 * Loads esbuild on demand, since most clouds bundle nothing. esbuild must not be bundled: it finds its binary relative
 * to its own file.
 */
export function esbuild(): typeof import("esbuild") {
  return require("esbuild");
}

/** esbuild options for code that runs on Lambda: unless overridden, one ES module that contains all its imports. */
export const LAMBDA_MODULE = {
  bundle: true,
  format: "esm",
  platform: "node",
  // The same code runs on Lambda's Node 24 and on the embedded cloud's Node, 20 or later.
  target: "node20",
  // Prefer the ES modules of packages, so that unused code can be dropped.
  mainFields: ["module", "main"],
  // Error codes and the stack traces that users see need the names of classes and functions.
  keepNames: true,
  legalComments: "none",
  // CommonJS dependencies call `require` for Node's built-in modules. An ES module has none, so define it.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "silent",
} as const satisfies BuildOptions;
