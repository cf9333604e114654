import { expect, test } from "vitest";
import { kindOf } from "../../client/commands/function-kind.ts";

test.each([
  ["Fantail-FantailSchedulerFunctionD256BC02", "scheduler"],
  ["Fantail-FantailReportLog5AB2C915-hq1Vb0aUXyZc", "report"],
  ["Fantail-TenantaliceEnginedefaultFunction26A1B2C3D", "engine"],
  ["Fantail-FantailEngineSchedulerLog5A4BB020-x", "engine"],
  ["EngineReport-FantailSchedulerFunctionD256BC02", "scheduler"],
  ["Sums-SumLog5A4BB020", undefined],
] as const)("%s is of kind %s", (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});
