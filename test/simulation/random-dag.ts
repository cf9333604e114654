import fc from "fast-check";
import type { DependencyAtRest, ParentRange, WaitGroup } from "../../lambdas/protocol/dependency.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import type { ModelDependency, ModelTask } from "../model/allowed-outcomes.ts";
import { aJob, type Behaviour, type Job, jobId } from "./a-job.ts";
import { type DrawnTaken, placeOf, taken, takenResult } from "./taken-results.ts";

/** Maximum number of tasks of a graph. */
const MAX_TASKS = 200;

/** A random dependency. Its tasks are earlier ones, by numbers modulo how many there are. */
interface DrawnDependency {
  parents: number[];
  /** Whether each parent stands for its whole job. */
  whole: boolean;
  all: boolean;
  on: "success" | "failure" | "both";
}

interface DrawnTask {
  ms: number;
  failures: number;
  refusedOn: number[];
  after: DrawnDependency[];
  follow: DrawnDependency | null;
  takes: DrawnTaken[];
}

interface DrawnJob {
  tasks: DrawnTask[];
  retries: number;
  pageTasks: number;
  /** Whether its tasks are chunks of a map. */
  chunked: boolean;
  /** Whether all of its tasks wait for what the first one waits for, as in a map. */
  alike: boolean;
  /** Pause before it is submitted; absent: it is in one message with the job before it. */
  gapMs: number | null;
  /** Fractions that delimit the aborted tasks, and when they are aborted. */
  abort: { from: number; to: number; afterMs: number } | null;
}

/** A random graph over several jobs. */
export interface DrawnDag {
  seed: number;
  engines: number;
  hwm: 0 | 1 | 3 | "adaptive";
  jobs: DrawnJob[];
}

const dependency: fc.Arbitrary<DrawnDependency> = fc.record({
  parents: fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 4 }),
  whole: fc.boolean(),
  all: fc.boolean(),
  on: fc.constantFrom<DrawnDependency["on"][]>("success", "success", "failure", "both", "both"),
});

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

export function drawnDag(): fc.Arbitrary<DrawnDag> {
  const task: fc.Arbitrary<DrawnTask> = fc.record({
    ms: fc.constantFrom(0, 1, 5, 40),
    failures: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 1000),
    refusedOn: fc.oneof({ weight: 8, arbitrary: fc.constant<number[]>([]) }, fc.subarray([0, 1, 2, 3])),
    after: fc.oneof(
      { weight: 3, arbitrary: fc.constant<DrawnDependency[]>([]) },
      { weight: 4, arbitrary: fc.array(dependency, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(dependency, { minLength: 2, maxLength: 3 }) },
    ),
    follow: rarely(dependency),
    takes: fc.oneof(
      { weight: 3, arbitrary: fc.constant<DrawnTaken[]>([]) },
      { weight: 1, arbitrary: fc.array(taken, { minLength: 1, maxLength: 3 }) },
    ),
  });
  const job: fc.Arbitrary<DrawnJob> = fc.record({
    tasks: fc.oneof(
      fc.array(task, { minLength: 1, maxLength: 3 }),
      fc.array(task, { minLength: 1, maxLength: 40, size: "max" }),
    ),
    retries: fc.constantFrom(0, 0, 1, 2),
    pageTasks: fc.constantFrom(3, 20, 100),
    chunked: fc.boolean(),
    alike: fc.boolean(),
    gapMs: fc.option(fc.constantFrom(0, 5, 50, 2000)),
    abort: rarely(fc.record({ from: fc.nat(999), to: fc.nat(999), afterMs: fc.constantFrom(0, 3, 20, 100, 3000) })),
  });
  return fc.record({
    seed: fc.nat(2 ** 31),
    engines: fc.integer({ min: 1, max: 4 }),
    hwm: fc.constantFrom<DrawnDag["hwm"][]>(0, 1, 3, "adaptive"),
    jobs: fc.array(job, { minLength: 1, maxLength: 10, size: "max" }),
  });
}

/** A graph in two forms: jobs to submit, and tasks of the model by number. */
export interface BuiltDag {
  jobs: { job: Job; gapMs: number | null; abort: { ranges: [number, number][]; afterMs: number } | null }[];
  model: ModelTask[];
  /** The number of each job's first task. */
  firstOf: Map<string, number>;
}

export function buildDag(drawn: DrawnDag, now: number): BuiltDag {
  const built: BuiltDag = { jobs: [], model: [], firstOf: new Map() };
  const sizes: number[] = [];
  for (const [at, { tasks, retries, pageTasks, chunked, alike, gapMs, abort }] of drawn.jobs.entries()) {
    const first = built.model.length;
    const kept = tasks.slice(0, MAX_TASKS - first);
    if (kept.length === 0) break;
    const range: [number, number] | null = abort
      ? [Math.floor((abort.from * kept.length) / 1000), Math.floor((abort.to * kept.length) / 1000) + 1]
      : null;
    const behaviours: Behaviour[] = [];
    const waits: WaitGroup[] = [];
    for (const [index, task] of kept.entries()) {
      const { after, follow, takes } = alike ? (kept[0] ?? task) : task;
      const earlier = alike ? first : first + index;
      const places = earlier === 0 ? [] : after.map((one) => parents(one, earlier, sizes, first));
      const results = earlier === 0 ? [] : takes.map((one) => takenResult(one, earlier, drawn.jobs, sizes, first));
      const waited = results.flatMap(({ on }) => on);
      if (waited.length > 0)
        places.push({ on: [...new Set(waited)].sort((a, b) => a - b), all: true, success: true, failure: false });
      const followed = follow && earlier > 0 ? parents(follow, earlier, sizes, first) : undefined;
      built.model.push({
        after: places,
        follow: followed,
        failures: task.refusedOn.length > 0 ? 0 : task.failures,
        retries,
        refusedOn: task.refusedOn,
        aborted: range !== null && index >= range[0] && index < range[1],
      });
      const given = results.length > 0 ? { takes: results.map(({ taken }) => taken) } : {};
      behaviours.push(
        task.refusedOn.length > 0
          ? { do: "unmet", ms: task.ms, refusedBy: task.refusedOn, ...given }
          : { do: task.failures > 0 ? "error" : "ok", ms: task.ms, times: task.failures, ...given },
      );
      if (places.length === 0 && !followed) continue;
      const group: WaitGroup = {
        from: index,
        to: index + 1,
        after: places.map((place) => atRest(place, sizes, first)),
        ...(followed ? { follow: atRest(followed, sizes, first) } : {}),
        ...(results.length > 0 ? { takes: true } : {}),
      };
      const last = waits.at(-1);
      if (alike && last) last.to = index + 1;
      else waits.push(group);
    }
    const flags: JobFlags = retries > 0 ? { retries } : {};
    const job = aJob(at + 1, now, { tasks: behaviours, flags, pageTasks, chunked, waits });
    built.firstOf.set(job.header.id, first);
    sizes.push(kept.length);
    built.jobs.push({
      job,
      gapMs: at === 0 ? 0 : gapMs,
      abort: abort && range && range[0] < range[1] ? { ranges: [range], afterMs: abort.afterMs } : null,
    });
  }
  return built;
}

/** Returns the tasks of a random dependency, among the first `earlier` tasks. */
function parents(drawn: DrawnDependency, earlier: number, sizes: readonly number[], first: number): ModelDependency {
  const numbers = new Set<number>();
  for (const draw of drawn.parents) {
    const number = draw % earlier;
    if (!drawn.whole || number >= first) numbers.add(number);
    else {
      const { at, from } = placeOf(number, sizes, first);
      for (let index = 0; index < (sizes[at] ?? 0); index++) numbers.add(from + index);
    }
  }
  return {
    on: [...numbers].sort((a, b) => a - b),
    all: drawn.all,
    success: drawn.on !== "failure",
    failure: drawn.on !== "success",
  };
}

function atRest({ on, ...rule }: ModelDependency, sizes: readonly number[], first: number): DependencyAtRest {
  const ranges: ParentRange[] = [];
  for (const number of on) {
    const { at, from } = placeOf(number, sizes, first);
    const job = at === sizes.length ? "" : jobId(at + 1);
    const last = ranges.at(-1);
    if (last && last[0] === job && last[2] === number - from) last[2]++;
    else ranges.push([job, number - from, number - from + 1]);
  }
  return { on: ranges, ...rule };
}
