import type { IndexRange } from "../../protocol/index-ranges.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";

/** Whether tasks of these ranges fit one lease: the lease's page must lie within `LEASE_SPAN` of its first index. */
export function fitLease(ranges: Iterable<IndexRange>): boolean {
  let first = Number.POSITIVE_INFINITY;
  let past = 0;
  for (const [from, to] of ranges) {
    first = Math.min(first, from);
    past = Math.max(past, to);
  }
  return past - first <= LEASE_SPAN;
}
