import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * `require` as seen from this package. In a bundle it is as seen from the bundle, or, where that is CommonJS and knows no place of its
 * own, from the folder in which the process runs.
 */
export const ownRequire = createRequire((import.meta.url as string | undefined) ?? join(process.cwd(), "bundle.cjs"));
