import type { TimelineFile } from "./timeline-format.ts";
import type { Timeline } from "./timeline-run.ts";

/** Writes a timeline to a file. */
export type TimelineWriter = (file: TimelineFile, timeline: Timeline) => Promise<void>;

/** Writes a timeline. Loads the code for this on demand, because few programs need it. */
export const timelineWriter: TimelineWriter = async (file, timeline) => {
  const { writeTimeline } = await import("./write-timeline.ts");
  await writeTimeline(file, timeline);
};
