import { describe, expect, it } from "vitest";
import { OutstandingWindow } from "../../client/views/outstanding-window.ts";

/** Takes items at a fixed pace for some time. Returns the window's sizes, one per change. */
function sizesAt(msPerItem: number, engines: number, items: number): number[] {
  let now = 0;
  const window = new OutstandingWindow(engines, () => now);
  const sizes = [window.size];
  for (let taken = 0; taken < items; taken++) {
    now += msPerItem;
    window.take();
    if (window.size !== sizes.at(-1)) sizes.push(window.size);
  }
  return sizes;
}

describe("the number of items that an imap keeps submitted", () => {
  it.each([
    ["doubles up to 1,000 for items that take no time", 0, 2, 10_000, [8, 16, 32, 64, 128, 256, 512, 1000]],
    ["settles at the items of two seconds", 5, 2, 3000, [8, 16, 32, 64, 128, 256, 400]],
    ["stays at four per engine for long items", 600, 2, 100, [8]],
    ["is at least one without engines", 1500, 0, 10, [1]],
  ])("the number of items that an imap keeps submitted %s", (_, msPerItem, engines, items, sizes) => {
    expect(sizesAt(msPerItem, engines, items)).toEqual(sizes);
  });

  it("the number of items that an imap keeps submitted falls when the consumer slows down", () => {
    let now = 0;
    const window = new OutstandingWindow(1, () => now);
    for (let taken = 0; taken < 1000; taken++) window.take();
    expect(window.size).toBeGreaterThan(100);
    for (let taken = 0; taken < 2000; taken++) {
      now += 400;
      window.take();
    }
    expect(window.size).toBe(5);
  });
});
