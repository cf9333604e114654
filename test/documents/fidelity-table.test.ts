import { test } from "vitest";
import { fidelityTable } from "../fidelity/fidelity-table.ts";
import { expectGeneratedPart } from "./generated-part.ts";

test("the table of the clouds' behaviour at AWS's limits matches the tests", () => {
  expectGeneratedPart("docs/clouds.md", "fidelity", fidelityTable());
});
