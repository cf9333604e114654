import { test } from "vitest";
import { fidelityTable } from "../fidelity/fidelity-table.ts";
import { expectGeneratedPart } from "./generated-part.ts";

test("the table of what each cloud does at AWS's limits is the one that the tests assert", () => {
  expectGeneratedPart("docs/clouds.md", "fidelity", fidelityTable());
});
