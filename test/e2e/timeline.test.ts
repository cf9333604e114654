import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runProgram } from "../../client/commands/run-program.ts";
import { InvalidFlag, UnknownTask } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import type { TimelineData } from "../../client/timeline/timeline-data.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster();
const folder = mkdtempSync(join(tmpdir(), "timeline-"));

/** The data in a page. */
function dataIn(file: string): TimelineData {
  const [, text = "{}"] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(file, "utf8")) ?? [];
  return JSON.parse(text);
}

/** Per run: its name, its attempt and how it ended. */
function runsOf({ columns, names, statuses }: TimelineData): string[] {
  const { name, attempt, status } = columns;
  return name.map((at, run) => `${names[at]} ${attempt[run]} ${statuses[status[run] ?? 0]}`).sort();
}

describe("timelines", () => {
  test("a timeline shows retries, failures, dependants and aborted tasks of several jobs", async () => {
    const view = cluster.client.loadBalancedView();
    const fails = view.withFlags({ retries: 1, label: "</script><b>" }).apply(() => {
      throw new RangeError("</script><i>");
    });
    const parent = view.map(
      function square(x: number) {
        return x * x;
      },
      [1, 2],
    );
    const child = view.withFlags({ after: parent }).apply(function follow() {
      return "done";
    });
    const gate = new Gate();
    const held = view.apply(opened, gate.path);
    const waits = view.withFlags({ after: held }).apply(function aborted() {});
    await waits.abort();
    gate.open();
    await cluster.client.wait();
    expect(await fails.successful()).toBe(false);
    const all = [fails, parent, child, held, waits];
    const pages = ["html", "svg", "json"].map((format) => join(folder, `run.${format}`));
    const [bars] = await Promise.all(pages.map((page) => cluster.client.timeline(all, page)));
    const [html = "", svg = "", json = ""] = pages;
    expect(runsOf(dataIn(html))).toEqual([
      "</script><b> 1 error",
      "</script><b> 2 error",
      "aborted 1 aborted",
      "follow 1 ok",
      "opened 1 ok",
      "square 1 ok",
      "square 1 ok",
    ]);
    expect(bars).toEqual(await cluster.client.timeline(all));
    expect(bars).toHaveLength(6);
    const { traceEvents } = JSON.parse(readFileSync(json, "utf8"));
    const count = (ph: string) => traceEvents.filter((event: { ph: string }) => event.ph === ph).length;
    expect([count("X"), count("i"), count("s"), count("f")]).toEqual([6, 1, 1, 1]);
    const picture = readFileSync(svg, "utf8");
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(picture + readFileSync(html, "utf8")).not.toMatch(/<[bi]>/);
  });

  test("a result writes its own timeline, and another process writes it by id", async () => {
    const result = cluster.client.loadBalancedView().map(
      function cube(x: number) {
        return x ** 3;
      },
      [1, 2, 3],
    );
    await result;
    const own = join(folder, "own.html");
    expect(await result.timeline(own)).toEqual(await result.timeline());
    copyFileSync(cluster.cloud.urlFile, join(folder, "default.json"));
    vi.stubEnv("FANTAIL_HOME", folder);
    const printed: string[] = [];
    const streams = { stdout: { write: (text: string) => printed.push(text) }, stderr: { write: () => 0 } };
    const byId = join(folder, "by-id.html");
    expect(await runProgram(["timeline", result.jobId, "-o", byId], streams).finally(vi.unstubAllEnvs)).toBe(0);
    expect(printed.join("")).toBe(`wrote 3 runs to ${byId}\n`);
    expect(dataIn(byId)).toEqual(dataIn(own));
    expect(runsOf(dataIn(own))).toEqual(["cube 1 ok", "cube 1 ok", "cube 1 ok"]);
  });

  test("a file that cannot be written is refused before anything is read", async () => {
    const before = readdirSync(folder);
    const unknown = "01HF7YAT0076YKJTZWW4MDMGDX";
    for (const name of ["run.txt", join(folder, "absent", "run.html")])
      await expect(cluster.client.timeline(unknown, name)).rejects.toThrow(InvalidFlag);
    await expect(cluster.client.timeline(unknown, join(folder, "unknown.html"))).rejects.toThrow(UnknownTask);
    expect(readdirSync(folder)).toEqual(before);
  });

  test("a task that has not finished is counted, and a task cannot write a timeline", async () => {
    const gate = new Gate();
    const view = cluster.client.loadBalancedView();
    const held = view.apply(opened, gate.path);
    const file = join(folder, "pending.html");
    expect(await held.timeline(file)).toEqual([]);
    expect(dataIn(file)).toMatchObject({ pending: 1, rows: [] });
    gate.open();
    await held;
    const inside = view.apply(async () => {
      const child = task().view.apply(() => 1);
      await child;
      return [(await child.timeline()).length, await child.timeline("/tmp/run.html").catch((error) => error.message)];
    });
    expect(await inside).toEqual([1, expect.stringContaining("a task cannot write a timeline")]);
  });
});
