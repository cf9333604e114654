import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * URL of this module in the package. `bundle-process` substitutes it for `import.meta.url`, so that bundled modules find
 * files relative to their sources.
 */
export const PACKAGE_MODULE = import.meta.url;

/** Root of the package: the checkout's root, or `dist`. */
export const PACKAGE_ROOT = fileURLToPath(new URL("../../..", PACKAGE_MODULE));
/** File extension of this package's modules: `.ts` in a checkout, `.js` in the built package. */
export const EXTENSION = extname(fileURLToPath(PACKAGE_MODULE));
