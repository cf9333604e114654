import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { TimelineRun } from "../../client/timeline/timeline-run.ts";
import { aRefusal, aRun } from "../timeline/a-timeline.ts";
import { chromiumMissing, useChromium } from "./chromium.ts";
import { delaysOf, recordDelays, UNRESPONSIVE_MS } from "./input-delays.ts";
import { colorAt, pixelsOf, TimelinePage, themeColor } from "./timeline-page.ts";

const missing = chromiumMissing("the timeline's page");

/** Three engines: a retry, a refusal, and a task that was aborted before it started. */
const RUNS = [
  aRun(0, 10, 200, { status: "error", received: 205, error: "RangeError: not a number" }),
  aRun(0, 240, 400, { attempt: 2, queued: 205, received: 401, engine: 1 }),
  aRun(1, 210, 390, { received: 395, name: "cube" }),
  aRun(2, 20, 180, { received: 190, engine: 1 }),
  aRefusal(3, 100, { engine: 2 }),
  aRun(4, 300, 300, { kind: "end", status: "aborted", engine: undefined, pool: undefined }),
];

const details = (page: Page) => page.locator("#details").textContent();

describe.skipIf(missing !== undefined)("the timeline's page", () => {
  const open = useChromium();

  test("requests nothing but itself, and reports no error", async () => {
    await using opened = await open();
    const { page, requests, errors } = opened;
    const { address } = await TimelinePage.of(RUNS);
    await page.goto(address, { waitUntil: "networkidle" });
    expect(requests).toEqual([address]);
    expect(errors).toEqual([]);
  });

  test("shows what the pointer points at, and hides it when the pointer leaves", async () => {
    await using opened = await open();
    const { page } = opened;
    const timeline = await TimelinePage.of(RUNS);
    await page.goto(timeline.address);
    const tip = page.locator("#tip");
    const failed = await timeline.place(page, 0, 100);
    await page.mouse.move(failed.x, failed.y);
    await expect.poll(() => tip.isVisible()).toBe(true);
    expect(await tip.textContent()).toBe("square\nfailed\nwaited 10 ms, ran 190 ms\nRangeError: not a number");
    await page.mouse.move(5, 5);
    await expect.poll(() => tip.isVisible()).toBe(false);
  });

  test("a click selects a run, and the details say how it went", async () => {
    await using opened = await open();
    const { page } = opened;
    const timeline = await TimelinePage.of(RUNS);
    await page.goto(timeline.address);
    const retried = await timeline.place(page, 1, 300);
    await page.mouse.click(retried.x, retried.y);
    await expect.poll(() => details(page)).toContain("succeeded, attempt 2");
    expect(await details(page)).toContain("waited35 ms");
  });

  test("keys alone reach every run, zoom, and select nothing again", async () => {
    await using opened = await open();
    const { page } = opened;
    const timeline = await TimelinePage.of(RUNS);
    await page.goto(timeline.address);
    const advice = await details(page);
    for (let at = 0; at < 6; at++) await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.id")).toBe("chart");
    await page.keyboard.press("ArrowRight");
    for (let at = 0; at < 5; at++) await page.keyboard.press("ArrowLeft");
    await expect.poll(() => details(page)).toContain("RangeError: not a number");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => details(page)).toContain("cube");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => details(page)).toMatch(/engine.*default 1/);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => details(page)).toContain("refused by the engine");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => details(page)).toContain("aborted");
    await page.keyboard.press("Escape");
    await expect.poll(() => details(page)).toBe(advice);
  });

  test("buttons, keys and the wheel zoom in and out", async () => {
    await using opened = await open();
    const { page } = opened;
    const timeline = await TimelinePage.of([aRun(0, 0, 100), aRun(1, 150, 160), aRun(2, 300, 400)]);
    await page.goto(timeline.address);
    const color = await themeColor(page, "c0");
    const drawn = () => pixelsOf(page, color);
    await expect.poll(drawn).toBeGreaterThan(0);
    const whole = await drawn();
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.getByRole("button", { name: "Zoom in" }).click();
    await expect.poll(drawn).not.toBe(whole);
    await page.getByRole("button", { name: "Show all" }).click();
    await expect.poll(drawn).toBe(whole);
    await page.locator("#chart").press("+");
    await expect.poll(drawn).not.toBe(whole);
    await page.keyboard.press("0");
    await expect.poll(drawn).toBe(whole);
    const middle = await timeline.place(page, 0, 155);
    await page.mouse.move(middle.x, middle.y);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -400);
    await page.keyboard.up("Control");
    await expect.poll(drawn).not.toBe(whole);
    await page.keyboard.press("-");
    await page.keyboard.press("-");
    await expect.poll(drawn).toBe(whole);
  });

  test("the button for failures goes round those that did not succeed", async () => {
    await using opened = await open();
    const { page } = opened;
    const timeline = await TimelinePage.of(RUNS);
    await page.goto(timeline.address);
    const next = page.getByRole("button", { name: "Next failure" });
    for (const expected of ["RangeError", "refused by the engine", "aborted", "RangeError"]) {
      await next.click();
      await expect.poll(() => details(page)).toContain(expected);
    }
  });

  test("follows the color scheme of the system, also when it changes", async () => {
    await using opened = await open({ colorScheme: "light" });
    const { page } = opened;
    const timeline = await TimelinePage.of(RUNS);
    await page.goto(timeline.address);
    const seen: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const expected = await themeColor(page, "page");
      seen.push(expected);
      await expect.poll(() => colorAt(page, 2, 2)).toBe(expected);
      const background = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      expect(background).toBe(
        `rgb(${[1, 3, 5].map((at) => Number.parseInt(expected.slice(at, at + 2), 16)).join(", ")})`,
      );
    }
    expect(new Set(seen).size).toBe(2);
  });

  test("a narrow page needs no scrolling to the side", async () => {
    await using opened = await open({ viewport: { width: 360, height: 640 } });
    const { page } = opened;
    const { address } = await TimelinePage.of(RUNS.map((run) => ({ ...run, name: "long ".repeat(40) })));
    await page.goto(address);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });

  test("labels, errors and pools that contain markup and scripts are shown as text", async () => {
    await using opened = await open();
    const { page, requests, errors } = opened;
    const hostile = `</script><script>document.title="taken"</script><img src="https://example.invalid/x" onerror="document.title='taken'">`;
    const timeline = await TimelinePage.of(
      RUNS.map((run) => ({ ...run, name: hostile, error: hostile, pool: run.pool && hostile })),
    );
    const { address } = timeline;
    await page.goto(address, { waitUntil: "networkidle" });
    await page.getByRole("button", { name: "Next failure" }).click();
    await expect.poll(() => details(page)).toContain(hostile);
    await page.locator("summary").last().click();
    expect(await page.locator("#table").textContent()).toContain(hostile);
    expect(await page.locator("#legend").textContent()).toContain(hostile);
    const { x, y } = await timeline.place(page, 0, 100);
    await page.mouse.move(x, y);
    await expect.poll(() => page.locator("#tip").textContent()).toContain(hostile);
    expect(await page.title()).toBe("fantail timeline");
    expect(await page.locator("img").count()).toBe(0);
    expect(requests).toEqual([address]);
    expect(errors).toEqual([]);
  });

  test("stays responsive with 10,000 runs on 64 engines", async () => {
    await using opened = await open({ viewport: { width: 1600, height: 1000 } });
    const { page } = opened;
    const { address, bytes } = await TimelinePage.of(manyRuns());
    await recordDelays(page);
    await page.goto(address);
    await page.locator("#chart").focus();
    for (let at = 0; at < 25; at++) {
      await page.mouse.move(200 + at * 50, 300 + at * 12);
      await page.keyboard.press(at % 5 === 4 ? "ArrowDown" : "ArrowRight");
    }
    await page.getByRole("button", { name: "Next failure" }).click();
    for (let at = 0; at < 15; at++) {
      await page.mouse.move(800, 500);
      await page.keyboard.down("Control");
      await page.mouse.wheel(0, at < 8 ? -100 : 100);
      await page.keyboard.up("Control");
      await page.mouse.wheel(0, 60);
      await page.mouse.click(300 + at * 60, 400);
      await page.keyboard.press("Shift+ArrowRight");
    }
    const { count, p95 } = await delaysOf(page);
    console.log(`10,000 runs: ${Math.round(p95)} ms p95 of ${count} inputs, ${Math.round(bytes / 1000)} KB`);
    expect(count).toBeGreaterThan(100);
    expect(p95).toBeLessThan(UNRESPONSIVE_MS);
    expect(bytes).toBeLessThan(1_000_000);
  });
});

/** Returns 10,000 runs on 64 engines; every 97th fails, and is run again. */
function manyRuns(): TimelineRun[] {
  return Array.from({ length: 10_000 }, (_, task) => {
    const start = Math.floor(task / 64) * 217.31 + (task % 64);
    const times = { engine: task % 64, received: start + 215.77 };
    const failed = task % 97 === 0 ? { status: "error" as const, error: `Error: ${task}` } : {};
    return aRun(task, start, start + 200 + (task % 13), { ...times, ...failed });
  });
}
