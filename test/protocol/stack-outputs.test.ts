import { expect, test } from "vitest";
import {
  isFantailStack,
  OUTPUT_NAMES,
  outputKey,
  STACK_DESCRIPTION,
  TENANT_NAME,
  tenantsOf,
} from "../../lambdas/protocol/stack-outputs.ts";

const outputsOf = (...tenants: (string | undefined)[]) =>
  Object.fromEntries(tenants.flatMap((tenant) => OUTPUT_NAMES.map((name) => [outputKey(name, tenant), "a value"])));

test.each<[string, (string | undefined)[]]>([
  ["no cell", []],
  ["a cluster without tenants", [undefined]],
  ["two tenants", ["Blue", "Green2"]],
])("the cells of a stack are recognized by its outputs: %s", (_, tenants) => {
  expect(tenantsOf({ Other: 1, ...outputsOf(...tenants), TenantSchedulerFunctions: 2 })).toEqual(tenants);
});

test("a tenant's name has letters and digits, and begins with a letter", () => {
  const names = ["a", "Blue2", "2blue", "a-b", "a_b", "", "x".repeat(40), "x".repeat(41)];
  expect(names.filter((name) => TENANT_NAME.test(name))).toEqual(["a", "Blue2", "x".repeat(40)]);
});

test("a stack is fantail's only by its exact description", () => {
  const descriptions = [STACK_DESCRIPTION, `${STACK_DESCRIPTION}, and more`, "", undefined];
  expect(descriptions.map(isFantailStack)).toEqual([true, false, false, false]);
});
