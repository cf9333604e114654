import { test } from "vitest";
import { expectGeneratedPart } from "./generated-part.ts";
import { stateTables } from "./state-tables.ts";

test("the tables of states and moves match the code", () => {
  expectGeneratedPart("docs/architecture.md", "states", stateTables().trim());
});
