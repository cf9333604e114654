import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assetsOf } from "./assets-of.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fantail-bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the code assets", { timeout: 120_000 }, () => {
  it("the code assets and the template are the same in every build", () => {
    const once = assetsOf(folder, "once");
    const again = assetsOf(folder, "again");
    expect(again.template).toEqual(once.template);
    expect(again.scheduler.replace("again", "once")).toBe(once.scheduler);
  });
});
