import { extname } from "node:path";
import { fileURLToPath } from "node:url";

// Here and in no folder below: what a checkout bundles for its processes finds its neighbours from this folder (bundle-process).

/** This package: a checkout's root, or `dist`. */
export const PACKAGE_ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Of this package's modules: `.ts` in a checkout, `.js` in the built package. */
export const EXTENSION = extname(fileURLToPath(import.meta.url));
