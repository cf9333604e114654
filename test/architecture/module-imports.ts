import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A source module: its path from the root, its text and its import specifiers, relative ones as paths from the root.
 */
export interface SourceModule {
  path: string;
  text: string;
  imports: string[];
}

const FROM = /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']/gm;
const BARE = /^\s*import\s*["']([^"']+)["']/gm;
const CALL = /\bimport\(\s*["']([^"']+)["']\s*[,)]/g;

/** Returns the specifiers in a module's text: of static imports, re-exports, and calls and types `import("…")`. */
export function specifiersOf(text: string): string[] {
  return [FROM, BARE, CALL].flatMap((pattern) => Array.from(text.matchAll(pattern), ([, found]) => found ?? ""));
}

/** Returns every TypeScript module below a folder of the project. */
export function modulesBelow(folder: string): SourceModule[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const path = posix.join(folder, name.replaceAll("\\", "/"));
      const text = readFileSync(join(root, path), "utf8");
      const imports = specifiersOf(text).map((name) =>
        name.startsWith(".") ? posix.join(dirname(path).replaceAll("\\", "/"), name) : name,
      );
      return { path, text, imports };
    });
}
