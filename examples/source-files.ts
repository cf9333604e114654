import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";

/** A file as a task gets it: engines share no disk with the script, so its text goes along. */
export interface SourceFile {
  path: string;
  text: string;
}

const EXTENSIONS = new Set([".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"]);

/**
 * The JavaScript and TypeScript files below a folder, in the order of their paths; hidden folders are passed over.
 *
 * @param limit stops after this many files
 * @param maxBytes leaves larger files out: the odd minified bundle would outweigh all others
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
