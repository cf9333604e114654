import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the checkout. This module runs from `dist` below it. */
export const CHECKOUT = checkoutAbove(dirname(fileURLToPath(import.meta.url)));

/** Folder of the drivers that are not compiled, and of the lists of packages to install. */
export const SOURCES = join(CHECKOUT, "bench", "peers");

const INSTALLED = join(CHECKOUT, "node_modules", ".cache", "bench-peers");

/** Folders of npm packages, of a Python virtual environment, and of Debian's Redis if the system has none. */
export const NPM_FOLDER = join(INSTALLED, "npm");
export const PYTHON_FOLDER = join(INSTALLED, "python");
export const REDIS_FOLDER = join(INSTALLED, "redis");

function checkoutAbove(folder: string): string {
  return existsSync(join(folder, "package-lock.json")) ? folder : checkoutAbove(dirname(folder));
}
