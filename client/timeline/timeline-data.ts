import { type PhaseColumns, phasesOfRun } from "./run-phases.ts";
import { timelineRows } from "./timeline-layout.ts";
import type { Timeline, TimelineKind, TimelineRun } from "./timeline-run.ts";

/** The kinds of runs by their number in the data. */
const KINDS: readonly TimelineKind[] = ["run", "refusal", "end"];

/** Maximum length of one error message, and of all of them together, in characters. */
const ERROR_CHARS = 300;
const ALL_ERROR_CHARS = 400_000;

/**
 * A timeline as its page reads it. Runs are stored in columns of integers, with strings in tables of their own: about
 * 50 bytes a run. They are ordered by row, lane and start. Times are in hundredths of a millisecond.
 */
export interface TimelineData {
  /** Epoch milliseconds to which all times are relative: the first submission, or the first start if it is earlier. */
  from: number;
  /** Time of the last event. */
  span: number;
  pending: number;
  jobs: string[];
  /** Names of functions or labels, those with the most runs first. */
  names: string[];
  /** The statuses that occur; the first is `ok`. */
  statuses: string[];
  /** Error messages; the first is empty. */
  errors: string[];
  rows: { name: string; lanes: number }[];
  columns: TimelineColumns;
  phases: PhaseColumns;
}

/** One list per fact, with an element per run. `row`, `job`, `status`, `name`, `error` and `kind` are positions. */
export interface TimelineColumns {
  row: number[];
  lane: number[];
  kind: number[];
  job: number[];
  task: number[];
  attempt: number[];
  status: number[];
  name: number[];
  error: number[];
  /** When the task began to wait. */
  queued: number[];
  start: number[];
  /** How long it ran. */
  ran: number[];
  /** How long the outcome took from the end of the run until the scheduler wrote it. */
  reported: number[];
}

/** Converts a timeline to the data of its page. */
export function timelineData({ runs, pending }: Timeline): TimelineData {
  const from = runs.reduce((least, { queued, started }) => Math.min(least, queued, started), Number.POSITIVE_INFINITY);
  const begin = Number.isFinite(from) ? from : 0;
  const time = (epochMs: number) => Math.max(0, Math.round((epochMs - begin) * 100));
  const jobs = new Table();
  const names = new Table(namesByRuns(runs));
  const errors = new Table([""]);
  const statuses = new Table(["ok"]);
  const rows = timelineRows(runs);
  const columns = noRuns();
  const phases: PhaseColumns = { run: [], phase: [], from: [], lasted: [] };
  let span = 0;
  for (const [row, { runs: placed }] of rows.entries()) {
    /** When the last run of each lane ended. */
    const ends: number[] = [];
    for (const { run, lane } of placed) {
      const start = time(run.started);
      const ran = Math.max(0, time(run.completed) - start);
      const reported = Math.max(0, time(run.received) - start - ran);
      columns.row.push(row);
      columns.lane.push(lane);
      columns.kind.push(KINDS.indexOf(run.kind));
      columns.job.push(jobs.place(run.job));
      columns.task.push(run.task);
      columns.attempt.push(run.attempt);
      columns.status.push(statuses.place(run.status));
      columns.name.push(names.place(run.name));
      columns.error.push(errors.chars > ALL_ERROR_CHARS ? 0 : errors.place(shortened(run.error)));
      // An engine's clock may be behind the client's.
      const queued = Math.min(start, time(run.queued));
      // While a task waits for others, its engine prepares the next. Its phases must not overlap the previous run.
      for (const { phase, from: begun, lasted } of phasesOfRun(run, Math.max(queued, ends[lane] ?? 0), start, ran)) {
        phases.run.push(columns.start.length);
        phases.phase.push(phase);
        phases.from.push(begun);
        phases.lasted.push(lasted);
      }
      columns.queued.push(queued);
      columns.start.push(start);
      columns.ran.push(ran);
      columns.reported.push(reported);
      ends[lane] = start + ran;
      span = Math.max(span, start + ran + reported);
    }
  }
  const tables = { jobs: jobs.texts, names: names.texts, statuses: statuses.texts, errors: errors.texts };
  const placed = rows.map(({ name, lanes }) => ({ name, lanes }));
  return { from: begin, span, pending, ...tables, rows: placed, columns, phases };
}

function noRuns(): TimelineColumns {
  return {
    ...{ row: [], lane: [], kind: [], job: [], task: [], attempt: [], status: [], name: [], error: [] },
    ...{ queued: [], start: [], ran: [], reported: [] },
  };
}

function namesByRuns(runs: readonly TimelineRun[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

function shortened(error = ""): string {
  return error.length <= ERROR_CHARS ? error : `${error.slice(0, ERROR_CHARS - 1)}…`;
}

/** Different texts, and the position of each. */
class Table {
  readonly texts: string[];
  readonly #places: Map<string, number>;
  chars = 0;

  constructor(texts: string[] = []) {
    this.texts = texts;
    this.#places = new Map(texts.map((text, place) => [text, place]));
  }

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.chars += text.length;
    this.#places.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}
