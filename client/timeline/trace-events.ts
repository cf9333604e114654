import { PHASES } from "./run-phases.ts";
import { type TaskCount, taskCounts } from "./task-counts.ts";
import type { TimelineData } from "./timeline-data.ts";

/** All events are of one process. Perfetto shows a track for each of its threads: one per lane of an engine. */
const PID = 1;
const MAX_COUNTS = 1000;

/** An event in Chrome's trace-event format. Times are microseconds. */
type TraceEvent = Record<string, unknown>;

/**
 * Writes a timeline in Chrome's trace-event format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: a
 * complete event per run and per phase of a run, an instant event per refusal and per end without a start, a flow from
 * each attempt to the next, and a counter of waiting and running tasks.
 */
export function traceEvents(data: TimelineData): string {
  const { columns, rows, from } = data;
  const thread = threads(data);
  const events = [
    named("process_name", 0, "fantail"),
    ...rows.flatMap(({ name, lanes }, row) =>
      Array.from({ length: lanes }, (_, lane) => [
        named("thread_name", thread(row, lane), lanes === 1 ? name : `${name} (${lane + 1})`),
        { ...named("thread_sort_index", thread(row, lane), ""), args: { sort_index: thread(row, lane) } },
      ]).flat(),
    ),
    ...columns.start.map((_, run) => runEvent(data, run, thread(columns.row[run] ?? 0, columns.lane[run] ?? 0))),
    ...phaseEvents(data, thread),
    ...retryFlows(data, thread),
    ...taskCounts(data, MAX_COUNTS).map(counter),
  ];
  const about = { application: "fantail", start: new Date(from).toISOString(), pending: data.pending };
  const lines = events.map((event) => JSON.stringify(event)).join(",\n");
  return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(about)},"traceEvents":[\n${lines}\n]}\n`;
}

/** Returns the thread of each lane: lanes are numbered through all rows, from 1. */
function threads({ rows }: TimelineData): (row: number, lane: number) => number {
  const first: number[] = [];
  let next = 1;
  for (const { lanes } of rows) {
    first.push(next);
    next += lanes;
  }
  return (row, lane) => (first[row] ?? 0) + lane;
}

function named(event: string, tid: number, name: string): TraceEvent {
  return { ph: "M", name: event, pid: PID, tid, args: { name } };
}

function runEvent(data: TimelineData, run: number, tid: number): TraceEvent {
  const { kind, job, task, attempt, status, name, error, queued, start, ran, reported } = data.columns;
  const at = start[run] ?? 0;
  const isRun = kind[run] === 0;
  const text = data.errors[error[run] ?? 0];
  const args = {
    task: `${data.jobs[job[run] ?? 0]}.${task[run]}`,
    ...(attempt[run] === 1 ? {} : { attempt: attempt[run] }),
    queuedMs: (at - (queued[run] ?? at)) / 100,
    ...(isRun ? { reportMs: (reported[run] ?? 0) / 100 } : {}),
    ...(text ? { error: text } : {}),
  };
  const about = { name: data.names[name[run] ?? 0], cat: data.statuses[status[run] ?? 0], pid: PID, tid, ts: at * 10 };
  return isRun ? { ph: "X", ...about, dur: (ran[run] ?? 0) * 10, args } : { ph: "i", s: "t", ...about, args };
}

/** Returns a complete event per phase. A phase lies before its run or within it. */
function phaseEvents({ columns, phases }: TimelineData, thread: (row: number, lane: number) => number): TraceEvent[] {
  return phases.run.map((run, at) => ({
    ...{ ph: "X", name: PHASES[phases.phase[at] ?? 0], cat: "phase", pid: PID },
    tid: thread(columns.row[run] ?? 0, columns.lane[run] ?? 0),
    ts: (phases.from[at] ?? 0) * 10,
    dur: (phases.lasted[at] ?? 0) * 10,
  }));
}

/** Arrows from each run of a task to its next one. */
function retryFlows(data: TimelineData, thread: (row: number, lane: number) => number): TraceEvent[] {
  const { kind, job, task, attempt, row, lane, start, ran } = data.columns;
  const runsOf = new Map<string, number[]>();
  for (const [run] of start.entries()) {
    if (kind[run] !== 0) continue;
    const id = `${job[run]}.${task[run]}`;
    runsOf.set(id, [...(runsOf.get(id) ?? []), run]);
  }
  const flows: TraceEvent[] = [];
  for (const runs of runsOf.values()) {
    runs.sort((a, b) => (attempt[a] ?? 0) - (attempt[b] ?? 0) || (start[a] ?? 0) - (start[b] ?? 0));
    for (const [place, next] of runs.entries()) {
      const before = runs[place - 1];
      if (before === undefined) continue;
      const about = { name: "retry", cat: "retry", id: flows.length / 2 + 1, pid: PID };
      const at = (run: number) => thread(row[run] ?? 0, lane[run] ?? 0);
      flows.push({ ph: "s", ...about, tid: at(before), ts: ((start[before] ?? 0) + (ran[before] ?? 0)) * 10 });
      flows.push({ ph: "f", bp: "e", ...about, tid: at(next), ts: (start[next] ?? 0) * 10 });
    }
  }
  return flows;
}

function counter({ at, waiting, running }: TaskCount): TraceEvent {
  return { ph: "C", name: "tasks", pid: PID, tid: 0, ts: at * 10, args: { waiting, running } };
}
