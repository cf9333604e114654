import { createRequire } from "node:module";
import { join } from "node:path";

/** Undefined in a CommonJS bundle, whatever its type says. */
const here: string | undefined = import.meta.url;

/**
 * `require` relative to this package. Inside a bundle it is relative to the bundle or, for a CommonJS bundle, which
 * does not know its own path, to the current folder.
 */
export const ownRequire = createRequire(here ?? join(process.cwd(), "bundle.cjs"));
