import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";

/** A file as passed to a task. The text is included because engines share no disk with the script. */
export interface SourceFile {
  path: string;
  text: string;
}

const EXTENSIONS = new Set([".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"]);

/**
 * Returns the JavaScript and TypeScript files in a folder and its subfolders, ordered by path. Skips hidden folders.
 *
 * @param limit maximum number of files to return
 * @param maxBytes skips larger files: a few minified bundles would outweigh all others
 */
export function sourceFiles(folder: string, limit: number, maxBytes: number): SourceFile[] {
  const files: SourceFile[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && files.length < limit; at = folders.pop()) {
    const entries = readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (
        entry.isFile() &&
        EXTENSIONS.has(extname(entry.name)) &&
        files.length < limit &&
        statSync(path).size <= maxBytes
      )
        files.push({ path: relative(folder, path), text: readFileSync(path, "utf8") });
    }
    for (const entry of entries.reverse())
      if (entry.isDirectory() && !entry.name.startsWith(".")) folders.push(join(at, entry.name));
  }
  return files;
}
