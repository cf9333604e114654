import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { printable } from "../../client/commands/printable.ts";

test("what would command a terminal is shown as its code, and the rest as it is", () => {
  expect(printable("\u001b]0;mine\u0007 \u009b2J a\r")).toBe("\\x1b]0;mine\\x07 \\x9b2J a\\x0d");
  expect(printable("naïve\t→ 😀\nline")).toBe("naïve\t→ 😀\nline");
});

test("a command's text is so on a terminal, and goes to a file as it is", () => {
  const show = fileURLToPath(new URL("../../client/commands/output-option.ts", import.meta.url));
  const printed = (isTerminal: boolean) => {
    const code = `import { show } from ${JSON.stringify(show)}; process.stdout.isTTY = ${isTerminal}; show("text", 0, () => ["\\x1b[2J"]);`;
    const words = ["--import", "tsx", "--input-type=module", "--eval", code];
    return execFileSync(process.execPath, words, { encoding: "utf8" });
  };
  expect(printed(true)).toBe("\\x1b[2J\n");
  expect(printed(false)).toBe("\x1b[2J\n");
});
