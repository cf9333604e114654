import * as v from "valibot";
import type { EncodedError } from "./outcome-page.ts";
import { USAGE_COUNTS, type Usage } from "./usage.ts";

const price = v.pipe(v.number(), v.finite(), v.minValue(0));

/** A job's budget, and the prices for computing its spending. */
export const Budget = v.strictObject({
  /** US dollars, more than 0. */
  usd: v.pipe(v.number(), v.finite(), v.minValue(Number.MIN_VALUE)),
  /** Nano-dollars per unit of each count of usage, in the order of `USAGE_COUNTS`. */
  prices: v.pipe(v.array(price), v.maxLength(20)),
});
export type Budget = v.InferOutput<typeof Budget>;

/** Nano-dollars per dollar. Spending is stored in whole nano-dollars, because sums of integers are exact. */
export const NANOS = 1e9;

/** The price of usage in nano-dollars, not rounded. */
export function nanoDollars(used: Readonly<Usage>, { prices }: Pick<Budget, "prices">): number {
  return USAGE_COUNTS.reduce((sum, name, at) => sum + used[name] * (prices[at] ?? 0), 0);
}

/** Whether spending has reached the budget. */
export function isOverBudget(spentNanos: number, { usd }: Pick<Budget, "usd">): boolean {
  return spentNanos >= usd * NANOS;
}

/** The error of tasks that were not started because their job's spending had reached its budget. */
export function budgetError(spentNanos: number, { usd }: Pick<Budget, "usd">): EncodedError {
  const spent = spentNanos / NANOS;
  return {
    code: "BudgetExceeded",
    ename: "BudgetExceeded",
    evalue: `the task was not started, because its job has spent $${dollars(spent)} of budgetUsd $${dollars(usd)}: resubmit it with a larger budget`,
    spent,
    budget: usd,
  };
}

/** Formats an amount with three significant digits and no exponent, such as `0.0103`. */
function dollars(usd: number): string {
  const digits = Math.min(20, Math.max(2, 2 - Math.floor(Math.log10(Math.max(usd, 1e-18)))));
  return usd.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1");
}
