import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { escaped, scriptJson } from "../../client/timeline/markup.ts";
import { runDetails } from "../../client/timeline/run-details.ts";
import { colorRules } from "../../client/timeline/timeline-colors.ts";
import { timelineData } from "../../client/timeline/timeline-data.ts";
import { timelineFile } from "../../client/timeline/timeline-format.ts";
import { timelineHtml } from "../../client/timeline/timeline-html.ts";
import { summaryOf } from "../../client/timeline/timeline-summary.ts";
import { timelineSvg } from "../../client/timeline/timeline-svg.ts";
import { traceEvents } from "../../client/timeline/trace-events.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { aRefusal, aRun } from "./a-timeline.ts";

const HOSTILE = `</script><script>alert(1)</script><!-- "&'\u202e\u0000\ud800`;

/** A task that failed and was retried, one that was refused, and one that was aborted in the queue. */
const runs = [
  aRun(0, 10, 20, { status: "error", received: 25, error: `RangeError: ${HOSTILE}` }),
  aRun(0, 40, 50, { attempt: 2, queued: 25, received: 51, engine: 1 }),
  aRefusal(1, 12, { name: HOSTILE, pool: HOSTILE }),
  aRun(2, 60, 60, { kind: "end", status: "aborted", engine: undefined, pool: undefined }),
];
const data = timelineData({ runs, pending: 3 });

describe("the data of a timeline", () => {
  it("times are relative to the first submission, in hundredths of a millisecond", () => {
    const { columns } = timelineData({ runs: [aRun(0, 1010.5, 1020, { queued: 1000, received: 1021 })], pending: 0 });
    expect([columns.queued, columns.start, columns.ran, columns.reported]).toEqual([[0], [1050], [950], [100]]);
  });

  it("an engine whose clock is behind gives no negative times", () => {
    const late = aRun(0, 90, 95, { queued: 100, received: 94 });
    const { from, columns } = timelineData({ runs: [late], pending: 0 });
    expect(from).toBe(90);
    expect([columns.queued, columns.start, columns.reported]).toEqual([[0], [0], [0]]);
  });

  it("a timeline without runs is a timeline too", () => {
    const none = timelineData({ runs: [], pending: 2 });
    expect(summaryOf(none).line).toBe("0 runs on 0 engines in 0 ms, 2 not finished");
    for (const write of [timelineHtml, timelineSvg, traceEvents]) expect(write(none)).not.toBe("");
  });

  it("the summary counts what went wrong", () => {
    expect(summaryOf(data).line).toBe(
      "2 runs on 3 engines in 60 ms, 1 retry, 1 failed, 1 aborted, 1 refusal, 3 not finished",
    );
    expect(summaryOf(data).names).toMatchObject([
      { name: "square", runs: 2, failed: 2 },
      { runs: 0, failed: 0 },
    ]);
  });

  it("long errors are shortened, and a great many of them are left out", () => {
    const many = Array.from({ length: 5000 }, (_, task) =>
      aRun(task, task, task + 1, { status: "error", error: `${task} ${"x".repeat(1000)}` }),
    );
    const { errors } = timelineData({ runs: many, pending: 0 });
    expect(errors[1]).toHaveLength(300);
    expect(errors.join("").length).toBeLessThan(401_000);
  });

  it("the details of a run say how it went", () => {
    const shown = new Map(runDetails(data, data.columns.attempt.indexOf(2)));
    expect([...shown.keys()]).toEqual([
      "name",
      "status",
      "engine",
      "waited",
      "started at",
      "ran",
      "reported in",
      "task",
    ]);
    expect(shown.get("status")).toBe("succeeded, attempt 2");
    expect(shown.get("waited")).toBe("15 ms");
  });
});

describe("the phases of a run", () => {
  const phases = { cold: 400, fetched: 20, parked: [[10, 30]] as [number, number][] };
  const slow = timelineData({ runs: [aRun(0, 300, 400, { queued: 100, phases }), aRun(1, 405, 410)], pending: 0 });

  it("are a cold start since the submission, the fetching of arguments, and waits within the run", () => {
    expect(slow.phases).toEqual({
      run: [0, 0, 0],
      phase: [0, 1, 2],
      from: [10_000, 28_000, 31_000],
      lasted: [18_000, 2000, 3000],
    });
    const shown = new Map(runDetails(slow, 0));
    expect([
      shown.get("cold start"),
      shown.get("fetching of arguments"),
      shown.get("waiting for its own tasks"),
    ]).toEqual(["180 ms", "20 ms", "30 ms"]);
  });

  it("do not begin before the run before them ended, or last longer than their run", () => {
    const late = { fetched: 100, parked: [[5, 500]] as [number, number][] };
    const { phases: found } = timelineData({ runs: [aRun(0, 0, 50), aRun(1, 60, 70, { phases: late })], pending: 0 });
    expect([found.from, found.lasted]).toEqual([
      [5000, 6500],
      [1000, 500],
    ]);
  });

  it("are drawn in the picture, and are events of their own in the trace", () => {
    expect(timelineSvg(slow)).toContain("<title>cold start 180 ms</title>");
    const { traceEvents: all } = JSON.parse(traceEvents(slow));
    const names = all.flatMap(({ cat, name }: { cat: string; name: string }) => (cat === "phase" ? [name] : []));
    expect(names).toEqual(["cold start", "fetching of arguments", "waiting for its own tasks"]);
  });
});

describe("what a task wrote", () => {
  it("is escaped in markup and in scripts", () => {
    expect(escaped(HOSTILE)).not.toMatch(/[<>"'\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(scriptJson(HOSTILE)).not.toMatch(/[<>&]/);
    expect(JSON.parse(scriptJson(HOSTILE))).toBe(HOSTILE);
  });

  it("adds no element to a page or a picture", () => {
    const harmless = timelineData({
      runs: runs.map((run) => ({ ...run, name: "a", pool: "b", error: "c" })),
      pending: 3,
    });
    const elements = (text: string) => text.match(/<[a-z!/][\w-]*/gi)?.length;
    expect(elements(timelineHtml(data))).toBe(elements(timelineHtml(harmless)));
    expect(elements(timelineSvg(data))?.valueOf()).toBeGreaterThan(10);
    expect(timelineSvg(data)).not.toContain("<script");
  });

  it("cannot run in the page, whose policy names its only script", () => {
    expect(timelineHtml(data)).toMatch(/default-src &#39;none&#39;.* script-src &#39;sha256-[\w+/]{43}=&#39;/);
  });
});

describe("the trace events", () => {
  const { traceEvents: events, otherData } = JSON.parse(traceEvents(data));
  const of = (ph: string) => events.filter((event: { ph: string }) => event.ph === ph);

  it("there is a complete event per run, an instant per mark, and a name per lane", () => {
    expect([of("X").length, of("i").length, of("M").length]).toEqual([2, 2, 1 + 2 * data.rows.length]);
    expect(of("X")[0]).toMatchObject({ name: "square", cat: "error", pid: 1, ts: 10_000, dur: 10_000 });
    expect(otherData).toMatchObject({ pending: 3 });
  });

  it("a flow leads from an attempt to the next one, from inside the first to the start of the second", () => {
    const [[from], [to]] = [of("s"), of("f")];
    expect(from).toMatchObject({ id: to.id, ts: 20_000 });
    expect(to).toMatchObject({ ts: 40_000, bp: "e" });
    expect(from.tid).not.toBe(to.tid);
  });

  it("the complete events of a track do not overlap, which Perfetto requires", () => {
    const parked = timelineData({ runs: [aRun(0, 0, 10), aRun(1, 2, 4), aRun(2, 5, 20)], pending: 0 });
    const { traceEvents: all } = JSON.parse(traceEvents(parked));
    const ends = new Map<number, number>();
    for (const { ph, tid, ts, dur } of all) {
      if (ph !== "X") continue;
      expect(ts).toBeGreaterThanOrEqual(ends.get(tid) ?? 0);
      ends.set(tid, ts + dur);
    }
    expect(ends.size).toBe(2);
  });
});

describe("the file", () => {
  it.each([
    ["run.txt", /must end in \.html, \.svg or \.json .*, not "run\.txt"/],
    ["run", /must end in/],
    [`${tmpdir()}/absent/run.html`, /create the folder .*absent first/],
    [7, /must be the path of a file, not a value of type number/],
  ])("%s is refused with what to do", (name, message) => {
    expect(() => timelineFile(name)).toThrow(InvalidFlag);
    expect(() => timelineFile(name)).toThrow(message);
  });

  it("the extension gives the format, in capitals too", () => {
    const folder = mkdtempSync(join(tmpdir(), "timeline-"));
    expect(timelineFile(join(folder, "run.SVG"))).toEqual({ path: join(folder, "run.SVG"), format: "svg" });
  });

  it("10,000 runs take less than 2 MB in every format", () => {
    const many = Array.from({ length: 10_000 }, (_, task) => {
      const start = Math.floor(task / 64) * 217.31 + (task % 64);
      return aRun(task, start, start + 200 + (task % 13), { engine: task % 64, received: start + 215.77 });
    });
    const all = timelineData({ runs: many, pending: 0 });
    for (const write of [timelineHtml, timelineSvg, traceEvents])
      expect(Buffer.byteLength(write(all))).toBeLessThan(2_000_000);
  });
});

it("text has a contrast of at least 4.5 to 1 on its background, light and dark", () => {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a = "", b = "") => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const schemes = colorRules(":root").split("@media");
  expect(schemes).toHaveLength(2);
  for (const scheme of schemes) {
    const colors = new Map([...scheme.matchAll(/--(\w+):(#\w{6})/g)].map(([, name, color]) => [name, color]));
    for (const name of ["text", "faint", "bad", ...Array.from({ length: 8 }, (_, at) => `c${at}`)]) {
      expect(contrast(colors.get(name), colors.get("page"))).toBeGreaterThanOrEqual(4.5);
      if (name.startsWith("c")) expect(contrast(colors.get("on"), colors.get(name))).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(colors.get("faint"), colors.get("panel"))).toBeGreaterThanOrEqual(4.5);
  }
});
