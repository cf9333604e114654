import { extname } from "node:path";
import { fileURLToPath } from "node:url";

// This file must stay in this folder: bundled processes of a checkout resolve paths from here (see bundle-process).

/** Root of the package: the checkout's root, or `dist`. */
export const PACKAGE_ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** File extension of this package's modules: `.ts` in a checkout, `.js` in the built package. */
export const EXTENSION = extname(fileURLToPath(import.meta.url));
