import * as v from "valibot";
import { FunctionReference } from "./function-reference.ts";
import { isRecord } from "./record.ts";
import { type BodyCodec, expectWhole, isCount, parseBody } from "./row-body.ts";
import { type SpecPage, TaskArguments } from "./spec-page.ts";

/**
 * The codec of a spec page's body. Arguments were validated on submission. When a page is read, a schema would delay
 * leases of a thousand tasks, so arguments are checked by hand, and only as far as they are used.
 */
export const specPageRow: BodyCodec<SpecPage> = {
  encode: (page) => JSON.stringify(page),
  parse: (row) =>
    parseBody(row, (page) => {
      expectWhole(isSpecPage(page), "its functions or tasks are malformed");
      return page;
    }),
};

function isSpecPage(page: unknown): page is SpecPage {
  if (!isRecord(page)) return false;
  const { functions, tasks } = page;
  return v.is(v.array(FunctionReference), functions) && Array.isArray(tasks) && tasks.every(isSpec(functions.length));
}

function isSpec(functions: number): (spec: unknown) => boolean {
  return (spec) => {
    if (!Array.isArray(spec)) return false;
    const [fn, args]: unknown[] = spec;
    return isCount(fn) && fn < functions && (typeof args === "string" || v.is(TaskArguments, args));
  };
}
