import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { synthesize } from "../../client/local/stack/synthesize.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { described, newFolder, withoutCode } from "./described-stack.ts";

describe("a derived stack", { timeout: 120_000 }, () => {
  it("a derived stack equals the construct's template also with deployed functions and without code shipping", async () => {
    const folder = newFolder();
    const functions = join(folder, "functions.ts");
    writeFileSync(functions, "export const area = (size: number): number => size * size;\n");
    const given = { engines: [{ name: "a", count: 1 }], functions, codeShipping: false };
    const file = await synthesize(parseClusterSettings(given), newFolder());
    const { text, outdir } = described(given);
    expect(withoutCode(readFileSync(file, "utf8"))).toBe(withoutCode(text));
    const codeOf = (text: string, handler: string, from: string) => {
      const { Resources } = JSON.parse(text) as { Resources: Record<string, { Properties: Record<string, unknown> }> };
      const found = Object.values(Resources).find(({ Properties }) => Properties.Handler === handler);
      const [hash] = /[0-9a-f]{64}/.exec(JSON.stringify(found?.Properties.Code)) ?? [];
      const asset = join(from, `asset.${hash}`);
      return Object.fromEntries(readdirSync(asset).map((name) => [name, readFileSync(join(asset, name), "utf8")]));
    };
    for (const handler of ["index.engine", "index.scheduler"])
      expect(codeOf(readFileSync(file, "utf8"), handler, join(file, ".."))).toEqual(codeOf(text, handler, outdir));
  });
});
