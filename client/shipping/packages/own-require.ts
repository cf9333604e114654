import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * `require` relative to this package. Inside a bundle it is relative to the bundle or, for a CommonJS bundle, which
 * does not know its own path, to the current folder.
 */
export const ownRequire = createRequire((import.meta.url as string | undefined) ?? join(process.cwd(), "bundle.cjs"));
