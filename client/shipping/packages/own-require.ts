import { createRequire } from "node:module";
import { join } from "node:path";

/** Undefined in a CommonJS bundle, although its type does not say so. */
const here: string | undefined = import.meta.url;

/**
 * `require` relative to this package. In a bundle it is relative to the bundle. A CommonJS bundle does not know its own
 * path, so there it is relative to the current folder.
 */
export const ownRequire = createRequire(here ?? join(process.cwd(), "bundle.cjs"));
