import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDocument, root } from "./document.ts";

/**
 * Returns the messages that the troubleshooting page quotes at the start of entries: `*`…`*`, in which … matches
 * anything.
 */
function quoted(): string[] {
  return readDocument("docs/troubleshooting.md")
    .lines.filter((line) => line.startsWith("- *`"))
    .flatMap((line) => [...line.matchAll(/\*`([^`]+)`\*/g)].map(([, text = ""]) => text));
}

function sourceText(): string {
  const files = ["client", "lambdas", "cdk"].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${root}${folder}/${name}`),
  );
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}

test("messages that the page on troubleshooting quotes are messages of the code", () => {
  const source = sourceText();
  const fragments = quoted().flatMap((text) => text.split(/…|: /).map((part) => part.trim()));
  expect(fragments.length).toBeGreaterThan(10);
  expect(fragments.filter((part) => part !== "" && !source.includes(part))).toEqual([]);
});
