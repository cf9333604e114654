import { type Block, blocks, type Document } from "./document.ts";

/** The examples of a page as one program, and the files that they import. */
export interface PageProgram {
  /** TypeScript whose line numbers are those of the page. */
  text: string;
  files: readonly { name: string; text: string }[];
  /** Output that the page promises, in order. */
  prints: readonly string[];
}

/** A block that starts with a file name is a file that other examples of the page import. */
const fileName = (code: string): string | undefined => /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1];

const IMPORT = /^import (type )?(?:\{([^}]*)\}|(\* as \w+|\w+)) from "([^"]+)";$/gm;

/**
 * Returns the TypeScript blocks of a page as one program. The first block provides what the others need (a client, a
 * view); each further block has its own scope. Blocks with the option `types-only` are type-checked, but not run.
 *
 * @returns undefined for a page without TypeScript
 */
export function pageProgram(page: Document): PageProgram | undefined {
  const all = blocks(page).filter(({ language }) => language === "ts");
  if (all.length === 0) return undefined;
  const isFile = ({ code }: Block) => fileName(code) !== undefined;
  const files = all.filter(isFile).map(({ code }) => ({ name: fileName(code) ?? "", text: code }));
  const examples = all.filter((block) => !isFile(block));
  const lines = page.lines.map(() => "");
  const imports = new Imports();
  for (const [at, { code, line, options }] of examples.entries()) {
    const length = code.split("\n").length;
    const body = code.replaceAll(IMPORT, (statement, type, names, whole, from) => {
      imports.add({ type: type ?? "", names, whole, from });
      return statement.replaceAll(/[^\n]/g, "");
    });
    lines.splice(line + 1, length, ...body.split("\n"));
    if (at === 0) continue;
    const [open, close] = options.includes("types-only") ? ["void (async () => {", "});"] : ["{", "}"];
    lines[line] = open;
    lines[line + length + 1] = close;
  }
  lines[0] = imports.text();
  const run = examples.filter(({ options }) => !options.includes("types-only"));
  return { text: lines.join("\n"), files, prints: run.flatMap(({ code }) => promised(code)) };
}

/** Returns the output that an example promises in comments after its `console.log` lines. */
function promised(code: string): string[] {
  return [...code.matchAll(/ \/\/ prints: (.*)$/gm)].map(([, text = ""]) => text.trim());
}

/** The import statements of several blocks, with each name once. */
class Imports {
  readonly #names = new Map<string, Set<string>>();
  readonly #whole = new Set<string>();

  add({ type, names, whole, from }: { type: string; names?: string; whole?: string; from: string }): void {
    if (whole !== undefined) this.#whole.add(`import ${type}${whole} from "${from}";`);
    const known = this.#names.get(from) ?? new Set();
    for (const name of (names ?? "").split(",")) if (name.trim() !== "") known.add(`${type}${name.trim()}`);
    this.#names.set(from, known);
  }

  text(): string {
    const named = [...this.#names].flatMap(([from, names]) =>
      names.size === 0 ? [] : [`import { ${[...names].join(", ")} } from "${from}";`],
    );
    return [...this.#whole, ...named, "export {};"].join(" ");
  }
}
