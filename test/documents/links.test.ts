import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { documents, headings, prose, readDocument, root } from "./document.ts";

/** Returns the targets of a line's links, inline or defined separately. */
function targets(line: string): string[] {
  const text = line.replaceAll(/`[^`]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)$/g)].map(([, to = ""]) => to);
}

function fault(from: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(root, path))) return `no file ${path}`;
  if (anchor === undefined) return undefined;
  if (!path.endsWith(".md") || statSync(join(root, path)).isDirectory()) return `no anchors in ${path}`;
  return headings(readDocument(path)).some((heading) => heading.anchor === anchor)
    ? undefined
    : `no heading #${anchor} in ${path}`;
}

test("every link of a document leads to a file or heading that is there", () => {
  const faults = documents().flatMap((document) =>
    prose(document).flatMap(({ text, number }) =>
      targets(text).flatMap((target) => {
        const wrong = fault(document.path, target);
        return wrong === undefined ? [] : [`${document.path}:${number}: ${target}: ${wrong}`];
      }),
    ),
  );
  expect(faults).toEqual([]);
});

test("every link by reference has its definition", () => {
  const faults = documents().flatMap((document) => {
    const defined = new Set(document.lines.flatMap((line) => /^\[([^\]]+)\]: /.exec(line)?.[1] ?? []));
    return prose(document).flatMap(({ text, number }) =>
      [...text.replaceAll(/`[^`]*`/g, "").matchAll(/\]\[([^\]]+)\]/g)]
        .filter(([, name = ""]) => !defined.has(name))
        .map(([, name]) => `${document.path}:${number}: [${name}]`),
    );
  });
  expect(faults).toEqual([]);
});

test("every page in docs/ can be reached from the README", () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const line of readDocument(path).lines)
      for (const target of targets(line)) {
        if (/^[a-z]+:/.test(target)) continue;
        const to = normalize(join(dirname(path), target.split("#")[0] ?? ""));
        if (to.endsWith(".md") && existsSync(join(root, to))) visit(to);
      }
  };
  visit("README.md");
  const pages = documents().map(({ path }) => path);
  expect(pages.filter((path) => path.startsWith("docs/") && !reached.has(path))).toEqual([]);
});
