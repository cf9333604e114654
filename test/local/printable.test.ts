import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cell, printable } from "../../client/commands/printable.ts";
import { table } from "../../client/commands/table.ts";
import { unicodeText } from "../unicode-text.ts";

const COMMANDS = fileURLToPath(new URL("../../client/commands/", import.meta.url));

test("terminal control characters are shown as codes, and the rest unchanged", () => {
  expect(printable("\u001b]0;mine\u0007 \u009b2J a\r")).toBe("\\x1b]0;mine\\x07 \\u009b2J a\\x0d");
  expect(printable("naïve\t→ 😀\nline")).toBe("naïve\t→ 😀\nline");
});

test("characters that reorder, hide or join text are shown as codes", () => {
  expect(printable("pay \u202egro.elpmaxe\u202c")).toBe("pay \\u202egro.elpmaxe\\u202c");
  for (const hidden of "\u200b\u200d\u200e\u2060\u2066\u2069\u061c\ufeff\u00ad\u2028\ud800")
    expect(printable(hidden)).toBe(`\\u${hidden.charCodeAt(0).toString(16).padStart(4, "0")}`);
  expect(printable("\u{e0041}")).toBe("\\udb40\\udc41");
});

test("a table's cell stays on its line", () => {
  expect(cell("one\ntwo\tthree\r")).toBe("one\\ntwo\\tthree\\x0d");
  const lines = table([{ title: "A" }, { title: "B" }], [["x\nFAKE  ok", "y"]]).map(({ safe }) => safe);
  expect(lines).toEqual(["A            B", "x\\nFAKE  ok  y"]);
});

test("JSON text keeps its value when it is made printable", () => {
  fc.assert(
    fc.property(unicodeText(), (text) => {
      expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
    }),
  );
});

test.each([
  ["a command's result", 'show("text", 0, () => ["\\x1b[2J"])', "stdout"],
  ["an error", 'terminal.err("\\x1b[2J\\n")', "stderr"],
] as const)(
  "the control characters of %s are escaped on a terminal, and written to a file unchanged",
  (_, call, stream) => {
    const [show, terminal] = ["output-option.ts", "terminal.ts"].map((name) => JSON.stringify(join(COMMANDS, name)));
    const code = `import { show } from ${show}; import { terminal } from ${terminal};
      for (const isTerminal of [true, false]) { process.${stream}.isTTY = isTerminal; ${call}; }`;
    const words = ["--import", "tsx", "--input-type=module", "--eval", code];
    const printed = execFileSync("sh", ["-c", 'exec "$0" "$@" 2>&1', process.execPath, ...words], { encoding: "utf8" });
    expect(printed).toBe("\\x1b[2J\n\x1b[2J\n");
  },
);

test("no command writes to the terminal except through terminal.ts", () => {
  const others = readdirSync(COMMANDS, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && name !== "terminal.ts")
    .filter((name) =>
      /\bconsole\b|\bstd(?:out|err)\s*(?:\?\.|\.)\s*(?:write|end|_write)|writeSync|\bprocess\._?rawDebug|emitWarning/.test(
        readFileSync(join(COMMANDS, name), "utf8"),
      ),
    );
  expect(others).toEqual([]);
});
