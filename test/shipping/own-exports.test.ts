import { describe, expect, it } from "vitest";
import * as api from "../../client/index.ts";
import * as inside from "../../client/inside/inside-functions.ts";
import { ownExportName } from "../../client/shipping/values/own-exports.ts";
import { engineExports } from "../../lambdas/engine/worker/engine-exports.ts";

const errors = Object.entries(api).filter(([, value]) => "prototype" in value && value.prototype instanceof Error);

describe("classes of errors that users import", () => {
  it("error classes that users import are bound to the engine's own in a sent function", () => {
    expect(errors.length).toBeGreaterThan(25);
    for (const [name, value] of errors) expect([name, ownExportName(value)]).toEqual([name, name]);
    expect(errors.filter(([name, value]) => engineExports[name] !== value)).toEqual([]);
  });

  it("error classes can be imported in a module of deployed functions", () => {
    const found = new Map<string, unknown>(Object.entries(inside));
    expect(errors.filter(([name, value]) => found.get(name) !== value)).toEqual([]);
  });
});
