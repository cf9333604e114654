import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { LANE, newScene, xOf, yOf } from "../../client/timeline/page/scene.ts";
import { timelineData } from "../../client/timeline/timeline-data.ts";
import type { TimelineRun } from "../../client/timeline/timeline-run.ts";
import { writeTimeline } from "../../client/timeline/write-timeline.ts";

/** The page of some runs as a file, and where its chart shows what. */
export class TimelinePage {
  readonly #runs: readonly TimelineRun[];
  readonly #path: string;

  private constructor(runs: readonly TimelineRun[], path: string) {
    this.#runs = runs;
    this.#path = path;
  }

  static async of(runs: readonly TimelineRun[]): Promise<TimelinePage> {
    const path = join(mkdtempSync(join(tmpdir(), "timeline-")), "run.html");
    await writeTimeline({ path, format: "html" }, { runs, pending: 0 });
    return new TimelinePage(runs, path);
  }

  get address(): string {
    return pathToFileURL(this.#path).href;
  }

  get bytes(): number {
    return statSync(this.#path).size;
  }

  /** Returns where the window shows a time of a lane, in milliseconds, while the whole timeline is visible. */
  async place(page: Page, lane: number, ms: number): Promise<{ x: number; y: number }> {
    const chart = await page.locator("#chart").boundingBox();
    if (!chart) throw new Error("the chart is not visible");
    const scene = newScene(timelineData({ runs: this.#runs, pending: 0 }));
    Object.assign(scene, { width: chart.width, height: chart.height, left: chart.width < 520 ? 84 : 120 });
    return { x: chart.x + xOf(scene, ms * 100), y: chart.y + yOf(scene, lane) + LANE / 2 };
  }
}

/** Returns the color of a pixel of the chart, as `#rrggbb`. */
export async function colorAt(page: Page, x: number, y: number): Promise<string> {
  return page.evaluate<string>(`(() => {
    const [r, g, b] = document.getElementById("chart").getContext("2d").getImageData(${x}, ${y}, 1, 1).data;
    return "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  })()`);
}

/** Counts the pixels of the chart that have a color. */
export async function pixelsOf(page: Page, color: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const { width, height } = document.getElementById("chart");
    const { data } = document.getElementById("chart").getContext("2d").getImageData(0, 0, width, height);
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt("${color}".slice(at, at + 2), 16));
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b) count++;
    return count;
  })()`);
}

/** Returns a color of the page's theme, as `#rrggbb`. */
export async function themeColor(page: Page, name: string): Promise<string> {
  return page.evaluate<string>(`getComputedStyle(document.documentElement).getPropertyValue("--${name}").trim()`);
}
