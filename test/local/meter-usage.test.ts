import { expect, test } from "vitest";
import { meterUsage } from "../../client/local/meter-usage.ts";
import { noInvocations, TrafficMeter } from "../../client/local/requests/meter.ts";

test("the meter's counts become what AWS would bill: only what the client receives leaves AWS", () => {
  const dynamodb = new TrafficMeter();
  const s3 = new TrafficMeter();
  Object.assign(dynamodb.of("client"), { readUnits: 2, responseBytes: 500 });
  Object.assign(dynamodb.of("report"), { writeUnits: 3, responseBytes: 700 });
  Object.assign(s3.of("engine"), { operations: { PutObject: 4, GetObject: 5, HeadObject: 6 }, responseBytes: 900 });
  const meter = {
    traffic: { dynamodb: dynamodb.read(), s3: s3.read(), lambda: {}, events: {} },
    invocations: {
      scheduler: { ...noInvocations(), requestResponse: 7, gbSeconds: 0.25 },
      engine: { ...noInvocations(), event: 8, gbSeconds: 0.5 },
    },
  };
  const used = { invocations: 15, writeUnits: 3, readUnits: 2, puts: 4, gets: 5, bytesOut: 500 };
  expect(meterUsage(meter)).toEqual({ ...used, armGbMs: 750, x86GbMs: 0 });
  expect(meterUsage(meter, "x86_64")).toEqual({ ...used, armGbMs: 250, x86GbMs: 500 });
});
