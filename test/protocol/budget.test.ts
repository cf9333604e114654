import * as v from "valibot";
import { expect, test } from "vitest";
import { Budget, budgetError, isOverBudget, nanoDollars } from "../../lambdas/protocol/budget.ts";
import { JobFlags } from "../../lambdas/protocol/flags.ts";
import { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import { BudgetExceeded } from "../../lambdas/protocol/remote-error.ts";
import { decodeThrown } from "../../lambdas/protocol/thrown.ts";
import { noUsage, USAGE_COUNTS } from "../../lambdas/protocol/usage.ts";

test("usage is priced count by count, and counts without a price are free", () => {
  const usage = Object.fromEntries(USAGE_COUNTS.map((name, at) => [name, 10 ** at]));
  expect(nanoDollars({ ...noUsage(), ...usage }, { prices: [1, 2, 3] })).toBe(1 + 20 + 300);
});

test("a budget is over when spending reaches it", () => {
  expect([9_999_999, 10_000_000, 10_000_001].map((nanos) => isOverBudget(nanos, { usd: 0.01 }))).toEqual([
    false,
    true,
    true,
  ]);
  expect(isOverBudget(0, { usd: Number.MIN_VALUE })).toBe(false);
});

test.each([
  [10_312_345, 0.01, "$0.0103 of budgetUsd $0.01"],
  [1_234_567_890, 1, "$1.23 of budgetUsd $1.00"],
  [120, 1e-7, "$0.00000012 of budgetUsd $0.0000001"],
  [0, 0.5, "$0.00 of budgetUsd $0.50"],
])("the error says that %d nano-dollars were spent of $%d", (nanos, usd, text) => {
  expect(budgetError(nanos, { usd }).evalue).toContain(text);
});

test("the client gets a BudgetExceeded with both amounts", () => {
  const encoded = v.parse(EncodedError, JSON.parse(JSON.stringify(budgetError(10_312_345, { usd: 0.01 }))));
  const error = decodeThrown(encoded, { taskId: "j.1", engineId: undefined });
  expect(error).toBeInstanceOf(BudgetExceeded);
  expect(error).toMatchObject({ code: "BudgetExceeded", spentUsd: 0.010312345, budgetUsd: 0.01, taskId: "j.1" });
});

test("only budgets above 0 with prices of 0 or more are stored, and jobs may have none", () => {
  const budgets = [0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((usd) => ({ usd, prices: [] }));
  for (const budget of [...budgets, { usd: 1, prices: [-1] }, { usd: 1 }, 5])
    expect(v.is(Budget, budget), JSON.stringify(budget)).toBe(false);
  expect(v.is(Budget, { usd: 1e-9, prices: [0, 13.3334] })).toBe(true);
  expect(v.parse(JobFlags, { retries: 1 })).toEqual({ retries: 1 });
});
