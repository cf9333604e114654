/** The metrics of scheduler and report, by function. Each pass adds to them. */
export const PASS_METRICS = {
  JobsSubmitted: ["Count", "jobs stored"],
  TasksSubmitted: ["Count", "tasks of these jobs"],
  SessionsStarted: ["Count", "invocations of engines"],
  SessionsRevoked: ["Count", "engines given up"],
  Errors: ["Count", "log lines of level error"],
  PassDuration: ["Milliseconds", "how long the pass took"],
} as const;

/** The metrics of engines, by pool. Each invocation adds to them when it ends. */
export const ENGINE_METRICS = {
  Reports: ["Count", "reports on leases"],
  TasksSucceeded: ["Count", "attempts that returned"],
  TasksFailed: ["Count", "attempts that ended otherwise; those that an engine refused do not count"],
  ThreadsDied: ["Count", "threads of tasks that ended early"],
  TaskDuration: ["Milliseconds", "how long the invocation's tasks ran, in total"],
} as const;

/** Metrics by name, each with its unit and its meaning. */
export type MetricTable = Record<string, readonly [unit: "Count" | "Milliseconds", meaning: string]>;
