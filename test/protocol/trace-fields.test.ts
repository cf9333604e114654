import * as v from "valibot";
import { expect, it } from "vitest";
import { TraceFields } from "../../lambdas/protocol/trace-fields.ts";

const Fields = v.object(TraceFields);
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

it("trace context in W3C's form is accepted, and so is none", () => {
  for (const fields of [{}, { traceparent: PARENT }, { traceparent: PARENT, tracestate: "mine=1,theirs=2" }])
    expect(v.parse(Fields, fields)).toEqual(fields);
});

it("other texts are refused, since the fields are stored with each job", () => {
  for (const traceparent of ["", PARENT.toUpperCase(), `${PARENT}-1`, PARENT.replace("00-", "01-")])
    expect(v.is(Fields, { traceparent })).toBe(false);
  expect(v.is(Fields, { traceparent: PARENT, tracestate: "a".repeat(513) })).toBe(false);
});
