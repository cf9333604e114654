import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Dashboard } from "../../client/dashboard/dashboard.ts";
import { TestCluster } from "../e2e/a-cluster.ts";
import { chromiumMissing, useChromium } from "./chromium.ts";
import { delaysOf, recordDelays, UNRESPONSIVE_MS } from "./input-delays.ts";
import { LargeDashboard } from "./large-dashboard.ts";

const missing = chromiumMissing("the dashboard");
const HOSTILE = `</script><script>document.title="taken"</script><img src="https://example.invalid/x" onerror="document.title='taken'">`;

let dashboard: Dashboard;
let labels = 0;

/** Returns a unique label: a retry of the same test also gets another one. */
function newLabel(name: string): string {
  labels += 1;
  return `${name} ${labels}`;
}

/** The overview's cell with a job's label, among the jobs: engines also show the label of the job they run. */
function cellOf(page: Page, label: string): Locator {
  return page.getByRole("grid", { name: "Jobs" }).getByRole("gridcell", { name: label, exact: true });
}

/** Opens a job from the overview by its label. */
async function openJob(page: Page, label: string): Promise<void> {
  await cellOf(page, label).click();
  await page.getByRole("heading", { name: label, exact: true }).waitFor();
}

/** Waits until the page is no wider than its window. */
async function expectNoSidewaysScroll(page: Page, width: number): Promise<void> {
  await expect.poll(() => page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
}

describe.skipIf(missing !== undefined)("the dashboard", () => {
  const open = useChromium();
  const cluster = new TestCluster({});
  beforeAll(async () => {
    dashboard = await cluster.client.dashboard();
  });

  test("shows what tasks wrote as text, and asks before it aborts", async () => {
    const [hostile, blocked] = [newLabel(HOSTILE), newLabel("held")];
    const view = cluster.client.loadBalancedView({ label: hostile });
    const result = view.apply((text: string) => {
      console.log(text);
      throw Object.assign(new Error(text), { name: text });
    }, HOSTILE);
    await result.catch(() => {});
    const held = cluster.client.loadBalancedView({ label: blocked }).map(async () => {
      await new Promise(() => {});
    }, [1, 2, 3]);
    held.catch(() => {});
    await using opened = await open();
    const { page, requests, errors } = opened;
    await page.goto(dashboard.url);
    await openJob(page, hostile);
    await expect.poll(() => page.locator(".failures").textContent()).toContain(HOSTILE);
    await page.locator(".failures .links a").click();
    await expect.poll(() => page.getByLabel("stdout").textContent()).toContain(HOSTILE);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).not.toBe("taken");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await openJob(page, blocked);
    await page.getByRole("button", { name: "Abort" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.getByRole("button", { name: "Abort" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Abort" }).click();
    await expect.poll(() => page.getByText("3 failed of 3").isVisible()).toBe(true);
    await cluster.client.wait(held);
    expect(requests.filter((url) => !url.startsWith("http://127.0.0.1:"))).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("is usable by keyboard, in a narrow window and a dark one", async () => {
    const label = newLabel("keys");
    await cluster.client.loadBalancedView({ label }).map((x: number) => x, [1, 2, 3]);
    await using opened = await open({ viewport: { width: 400, height: 800 }, colorScheme: "dark" });
    const { page, errors } = opened;
    await page.goto(dashboard.url);
    await cellOf(page, label).waitFor();
    await expectNoSidewaysScroll(page, 400);
    await page.getByRole("grid", { name: "Jobs" }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: label, exact: true }).waitFor();
    await page.getByRole("tab", { name: "Failures" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tab", { name: "Tasks", selected: true }).waitFor();
    const tasks = page.getByRole("grid", { name: "Tasks of the job" });
    await expect.poll(() => tasks.getByRole("gridcell", { name: "ok", exact: true }).count()).toBe(3);
    await tasks.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Task 2" }).waitFor();
    await page.getByRole("article", { name: "Attempt 1" }).waitFor();
    await expectNoSidewaysScroll(page, 400);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: label, exact: true }).waitFor();
    expect(errors).toEqual([]);
  });

  test("keeps focus, the active row and the chosen tab while jobs arrive", async () => {
    const [first, later] = [newLabel("first"), newLabel("later")];
    await cluster.client.loadBalancedView({ label: first }).map((x: number) => x, [1]);
    await using opened = await open();
    const { page, errors } = opened;
    await page.goto(dashboard.url);
    await cellOf(page, first).waitFor();
    const jobs = page.getByRole("grid", { name: "Jobs" });
    await jobs.focus();
    await page.keyboard.press("Home");
    const row = await cellOf(page, first).elementHandle();
    const view = cluster.client.loadBalancedView({ label: later });
    await view.map((x: number) => x, [1]);
    await cellOf(page, later).waitFor();
    expect(await row?.textContent()).toBe(first);
    const active = await jobs.getAttribute("aria-activedescendant");
    expect(await page.locator(`[id="${active}"]`).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: first, exact: true }).waitFor();
    await page.getByRole("tab", { name: "Failures" }).focus();
    // Both keys arrive before the address has changed.
    await page.evaluate(`for (let at = 0; at < 2; at++)
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }))`);
    await page.getByRole("tab", { name: "Task stream", selected: true }).waitFor();
    expect(await page.evaluate<string>("document.activeElement.textContent")).toBe("Task stream");
    expect(errors).toEqual([]);
  });

  test("shows the graph of tasks that wait for others", async () => {
    const label = newLabel("last");
    const first = cluster.client.loadBalancedView({}).apply(() => 1);
    const view = cluster.client.loadBalancedView({ after: first });
    const middle = view.map((x: number) => x, [1, 2, 3]);
    const last = cluster.client.loadBalancedView({ label, after: middle }).apply(() => 2);
    await last;
    await using opened = await open();
    const { page, errors } = opened;
    await page.goto(dashboard.url);
    await openJob(page, label);
    await page.getByRole("tab", { name: "Graph" }).click();
    await page.getByText("5 tasks, 6 waits, 3 levels").waitFor();
    await page.getByRole("application", { name: "Graph of tasks" }).focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByText(/^task .* of another job: ok$/).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.getByText("task 0: ok").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Task 0" }).waitFor();
    expect(errors).toEqual([]);
  });

  test("without its key, says how to get the page", async () => {
    await using opened = await open();
    const { page, requests } = opened;
    await page.goto(dashboard.url.replace(/#.*/, ""));
    expect(await page.locator("main").textContent()).toContain("lacks its key");
    expect(requests).toHaveLength(1);
  });
});

describe.skipIf(missing !== undefined)("the dashboard of a large cluster", () => {
  const open = useChromium();

  test("stays responsive with 10,000 tasks and 1,000 engines", async () => {
    await using large = await LargeDashboard.open();
    await using opened = await open({ viewport: { width: 1400, height: 900 } });
    const { page, errors } = opened;
    await recordDelays(page);
    const response = await page.goto(large.url);
    const bytes = (await response?.body())?.length ?? 0;
    await page.getByText("1,000 of 1,000").waitFor();
    await page.getByRole("grid", { name: "Engines" }).focus();
    for (const key of ["ArrowDown", "PageDown", "End", "Home", "ArrowDown", "ArrowUp"])
      for (let at = 0; at < 5; at++) await page.keyboard.press(key);
    await page.getByRole("grid", { name: "Engines" }).hover();
    for (let at = 0; at < 20; at++) await page.mouse.wheel(0, at < 10 ? 400 : -400);
    await openJob(page, "large");
    await page.getByRole("article").first().waitFor();
    await page.getByRole("tab", { name: "Tasks" }).click();
    await page.getByText("10,000 shown").waitFor();
    await page.getByRole("grid", { name: "Tasks of the job" }).focus();
    for (const key of ["ArrowDown", "PageDown", "End", "Home", "ArrowDown", "ArrowUp"])
      for (let at = 0; at < 5; at++) await page.keyboard.press(key);
    await page.getByRole("grid", { name: "Tasks of the job" }).hover();
    for (let at = 0; at < 20; at++) await page.mouse.wheel(0, at < 10 ? 2000 : -2000);
    for (const filter of ["failed", "running", "queued", "ok", "all"])
      await page.getByLabel("Show tasks").selectOption(filter);
    await page.getByRole("tab", { name: "Task stream" }).click();
    await page.getByRole("button", { name: "Next failure" }).waitFor();
    for (let at = 0; at < 10; at++) await page.getByRole("button", { name: "Next failure" }).click();
    const { count, p95 } = await delaysOf(page);
    console.log(`10,000 tasks, 1,000 engines: ${Math.round(p95)} ms p95 of ${count} inputs, ${bytes} bytes`);
    expect(count).toBeGreaterThan(100);
    expect(p95).toBeLessThan(UNRESPONSIVE_MS);
    expect(bytes).toBeLessThan(200_000);
    expect(errors).toEqual([]);
  });
});
