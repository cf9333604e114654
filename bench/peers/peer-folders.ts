import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout, of which this is compiled into `dist`. */
export const CHECKOUT = checkoutAbove(dirname(fileURLToPath(import.meta.url)));

/** The sources of the drivers that are not compiled, and what is to be installed. */
export const SOURCES = join(CHECKOUT, "bench", "peers");

const INSTALLED = join(CHECKOUT, "node_modules", ".cache", "bench-peers");

/** npm packages, a virtual environment of Python, and Debian's Redis where the system has none. */
export const NPM_FOLDER = join(INSTALLED, "npm");
export const PYTHON_FOLDER = join(INSTALLED, "python");
export const REDIS_FOLDER = join(INSTALLED, "redis");

function checkoutAbove(folder: string): string {
  return existsSync(join(folder, "package-lock.json")) ? folder : checkoutAbove(dirname(folder));
}
