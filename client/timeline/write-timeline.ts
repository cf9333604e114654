import { writeFile } from "node:fs/promises";
import { type TimelineData, timelineData } from "./timeline-data.ts";
import type { TimelineFile, TimelineFormat } from "./timeline-format.ts";
import { timelineHtml } from "./timeline-html.ts";
import type { Timeline } from "./timeline-run.ts";
import { timelineSvg } from "./timeline-svg.ts";
import { traceEvents } from "./trace-events.ts";

const TEXT: Record<TimelineFormat, (data: TimelineData) => string> = {
  html: timelineHtml,
  svg: timelineSvg,
  json: traceEvents,
};

/** Writes a timeline to a file, replacing what the file contained. */
export async function writeTimeline({ path, format }: TimelineFile, timeline: Timeline): Promise<void> {
  await writeFile(path, TEXT[format](timelineData(timeline)));
}
