import { describe, expect, it } from "vitest";
import type { FantailStack } from "../../cdk/fantail-stack.ts";
import { logIds, withoutHash } from "../../client/commands/stack-log-groups.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { aStack, templateOf } from "./a-stack.ts";

function stackOf(tenants: string[]): FantailStack {
  return aStack({ engines: [{ name: "default", count: 1 }], tenants });
}

describe("a stack with tenants", () => {
  const stack = stackOf(["alice", "bob"]);
  const { resources, outputs } = templateOf(stack);

  it("a stack with tenants outputs each cell under its tenant's name", () => {
    const of = (tenant: string) => Object.keys(outputs).filter((name) => name.startsWith(`Tenant${tenant}`));
    expect(of("alice").map((name) => name.replace("alice", "bob"))).toEqual(of("bob"));
    expect(of("alice")).toContain("TenantaliceSchedulerFunction");
    expect(Object.keys(stack.tenants)).toEqual(["alice", "bob"]);
  });

  it("a tenant's log groups are found by the logical id of its scheduler function", () => {
    const idsOf = (type: string) => Object.keys(resources).filter((id) => resources[id]?.Type === type);
    const scheduler = idsOf("AWS::Lambda::Function").find((id) => /^Tenantbob.*SchedulerFunction/.test(id)) ?? "";
    const groups = idsOf("AWS::Logs::LogGroup").filter((id) => id.startsWith("Tenantbob"));
    expect(groups).toHaveLength(3);
    expect([...logIds(scheduler, ["default"])].sort()).toEqual(groups.map(withoutHash).sort());
  });

  it("a stack with tenants contains no reference from one tenant's resources to another's", () => {
    const cells = ["Tenantalice", "Tenantbob"];
    for (const [id, resource] of Object.entries(resources)) {
      const [own, ...more] = cells.filter((cell) => id.startsWith(cell));
      expect(more).toEqual([]);
      for (const cell of cells) if (cell !== own) expect(JSON.stringify(resource), id).not.toContain(cell);
    }
  });

  it.each([
    { tenants: [], flag: "tenants" },
    { tenants: ["a", "b", "a"], flag: "tenants[2]" },
    { tenants: ["Ann", "ann"], flag: "tenants[1]" },
    { tenants: ["a-b"], flag: "tenants[0]" },
  ])("a stack with invalid tenants is refused: $tenants", ({ tenants, flag }) => {
    expect(() => stackOf(tenants)).toThrow(InvalidFlag);
    expect(() => stackOf(tenants)).toThrow(expect.objectContaining({ flag }));
  });
});
