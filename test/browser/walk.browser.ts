import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { dollars } from "../../client/cost/dollars.ts";
import { Gate } from "../e2e/gate.ts";
import { CommandCluster } from "../local/command-cluster.ts";
import { chromiumMissing, useChromium } from "./chromium.ts";

const missing = chromiumMissing("the newcomer's walk");

/** A folder for pictures of each step, wide and narrow, light and dark. Default: none are taken. */
const PICTURES = process.env.FANTAIL_SCREENSHOTS;

/** Takes pictures of a step, to be looked at. */
async function picture(page: Page, step: string): Promise<void> {
  if (!PICTURES) return;
  for (const width of [1400, 400])
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(PICTURES, `${step}-${width}-${colorScheme}.png`), fullPage: true });
    }
  await page.setViewportSize({ width: 1400, height: 900 });
}

/** The first line of this file that contains a text. */
function lineOf(text: string): number {
  const lines = readFileSync(new URL(import.meta.url), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

describe.skipIf(missing !== undefined)("the newcomer's walk", () => {
  const open = useChromium();
  const cluster = new CommandCluster();
  let walks = 0;

  test("a newcomer finds a failed task and its line, runs it again, sees it end, and what it cost", async () => {
    walks += 1;
    const label = `walk ${walks}`;
    const mended = new Gate();
    const result = cluster.client.loadBalancedView({ label, retries: 1 }).map(
      function inverse(x: number, file: string) {
        const { existsSync } = process.getBuiltinModule("node:fs");
        console.log("looking at", x);
        if (x === 0 && !existsSync(file)) throw new RangeError("zero has no inverse");
        return 1 / (x || 1);
      },
      [1, 2, 0, 4, 5],
      Array(5).fill(mended.path),
    );
    result.catch(() => {});
    await using dashboard = await cluster.client.dashboard();
    await using opened = await open({ viewport: { width: 1400, height: 900 } });
    const { page, requests, errors } = opened;
    const jobs = page.getByRole("grid", { name: "Jobs" });
    const facts = page.locator(".facts").first();

    await page.goto(dashboard.url);
    await jobs.getByRole("row", { name: new RegExp(`${label} .*failed`) }).waitFor();
    await picture(page, "1-overview");
    await jobs.getByRole("gridcell", { name: label, exact: true }).click();
    await page.getByRole("tab", { name: "Failures (1)" }).waitFor();
    const failure = page.getByRole("article", { name: "RangeError, 1 failed" });
    expect(await failure.textContent()).toContain("zero has no inverse");
    await expect.poll(() => failure.textContent()).toContain("Task 2 (0");
    const place = `walk.browser.ts:${lineOf("zero has no inverse")}:`;
    expect(await failure.getByLabel("Remote stack").textContent()).toContain(place);
    await picture(page, "2-failure");

    await failure.getByRole("link", { name: "2" }).click();
    const attempt = page.getByRole("article", { name: "Attempt 2" });
    await expect.poll(() => facts.textContent()).toContain("arguments0");
    expect(await attempt.getByLabel("stdout").textContent()).toBe("looking at 0\n");
    expect(await attempt.getByLabel("Error").textContent()).toContain(place);
    await picture(page, "3-task");
    await page.getByRole("link", { name: "Tasks of the job" }).click();
    await page.getByRole("grid", { name: "Tasks of the job" }).waitFor();
    await picture(page, "4-tasks");
    await page.getByRole("tab", { name: "Task stream" }).click();
    await page.getByRole("button", { name: "Next failure" }).click();
    const selected = page.getByLabel("Selected attempt");
    await expect.poll(() => selected.textContent()).toContain("RangeError: zero has no inverse");
    await picture(page, "5-stream");

    mended.open();
    await page.getByRole("button", { name: "Resubmit failed" }).click();
    await picture(page, "6-question");
    await page.getByRole("dialog").getByRole("button", { name: "Resubmit" }).click();
    await page.getByRole("link", { name: "Show it" }).click();
    await page.getByText("1 done of 1").waitFor();
    await expect.poll(() => facts.textContent()).toMatch(/cost\$0\.0\d*[1-9]/);
    await picture(page, "7-again");

    const again = page.url().replace(/^.*#\/job\/([0-9A-Z]+).*$/, "$1");
    const costs = await cluster.json<{ jobId: string; usd: number }[]>("cost");
    const cost = costs.find(({ jobId }) => jobId === again);
    expect(cost?.usd).toBeGreaterThan(0);
    await expect.poll(() => facts.textContent()).toContain(`cost$${dollars(cost?.usd ?? 0)}`);
    await page.getByRole("link", { name: "All jobs" }).click();
    const row = jobs.getByRole("row", { name: /done/ }).filter({ hasText: again.slice(-6) });
    await expect.poll(() => row.textContent()).toContain(`$${dollars(cost?.usd ?? 0)}`);
    await picture(page, "8-cost");

    expect(new Set(requests.map((url) => new URL(url).host)).size).toBe(1);
    expect([...requests, page.url()].filter((url) => url.includes("key="))).toEqual([]);
    expect(errors).toEqual([]);
  });
});
