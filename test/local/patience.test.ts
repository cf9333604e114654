import { describe, expect, test } from "vitest";
import { PATIENCE_MS, Patience } from "../../client/local/lambda/patience.ts";

describe("the patience of waiting invocations", () => {
  test("the patience of waiting invocations ends when no environment becomes free for long", () => {
    let now = 1000;
    const patience = new Patience(() => now);
    patience.restart();
    now += PATIENCE_MS - 1;
    expect(patience.isOver()).toBe(false);
    now += 1;
    expect(patience.isOver()).toBe(true);
  });

  test("the patience of waiting invocations lasts as long as environments keep becoming free", () => {
    let now = 1000;
    const patience = new Patience(() => now);
    for (let served = 0; served < 100; served++) {
      now += PATIENCE_MS / 2;
      patience.restart();
      expect(patience.isOver()).toBe(false);
    }
  });

  test("the patience of waiting invocations lasts several of the last invocations, if these take long", () => {
    let now = 1000;
    const patience = new Patience(() => now);
    for (let run = 0; run < 100; run++) patience.ran(400);
    patience.restart();
    now += 1500;
    expect(patience.isOver()).toBe(false);
    now += 100;
    expect(patience.isOver()).toBe(true);
  });

  test("the patience of waiting invocations is two seconds at most", () => {
    let now = 1000;
    const patience = new Patience(() => now);
    patience.ran(900_000);
    patience.restart();
    now += 1999;
    expect(patience.isOver()).toBe(false);
    now += 1;
    expect(patience.isOver()).toBe(true);
  });

  test("a single long invocation hardly extends the patience of waiting invocations", () => {
    let now = 1000;
    const patience = new Patience(() => now);
    for (let run = 0; run < 100; run++) patience.ran(10);
    patience.ran(600);
    patience.restart();
    now += PATIENCE_MS + 50;
    expect(patience.isOver()).toBe(true);
  });
});
