import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * URL of this module as it lies in the package. Bundles take it for their own, so that they find what lies beside their
 * sources: see bundle-process.
 */
export const PACKAGE_MODULE = import.meta.url;

/** Root of the package: the checkout's root, or `dist`. */
export const PACKAGE_ROOT = fileURLToPath(new URL("../../..", PACKAGE_MODULE));
/** File extension of this package's modules: `.ts` in a checkout, `.js` in the built package. */
export const EXTENSION = extname(fileURLToPath(PACKAGE_MODULE));
