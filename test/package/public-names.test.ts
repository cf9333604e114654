import { describe, expect, it } from "vitest";
import { modulesBelow } from "../architecture/module-imports.ts";
import { commentOf, type Exported, exportsOf, hangingOn, methodsOf } from "./entry-exports.ts";

/** What users may import from each entry point. Every addition or removal must be made here too. */
const ENTRIES: Record<string, Exported> = {
  "client/index.ts": {
    values: [
      ...["AsyncResult", "BudgetExceeded", "CaptureError", "Client", "ClusterError", "CodeShippingOff", "CodecError"],
      ...["CompositeError", "Dependency", "DirectView", "EngineError", "FantailError", "ImpossibleDependency"],
      ...[
        "InvalidDependency",
        "InvalidFlag",
        "InvalidId",
        "InvalidQuery",
        "LoadBalancedView",
        "NameError",
        "NoCluster",
      ],
      ...["NoEnginesRegistered", "NotFinished", "NotReady", "PayloadTooLarge", "Reference", "Refused", "RemoteError"],
      ...["ResultTimeout", "RunTimeout", "TaskAborted", "TaskTimeout", "UnknownFunction", "UnknownTask"],
      ...[
        "UnmetDependency",
        "UnreadableRow",
        "ValueLost",
        "depend",
        "dependent",
        "deployed",
        "explain",
        "registerClass",
        "requires",
      ],
    ],
    types: [
      ...["AbortReport", "AttemptMetadata", "Backoff", "ClientEvents", "ClusterAddress", "ConnectOptions", "Dep"],
      ...["DirectFlags", "EnginePool", "Flags", "FunctionsOf", "LocalOptions", "OwnScheme", "ResubmitFlags"],
      ...["ReturnWhen", "SchemeName", "TaskMetadata", "TaskQuery", "Tasks", "WaitOptions"],
    ],
  },
  "client/task.ts": { values: ["task"], types: ["TaskContext"] },
  "cdk/index.ts": {
    values: ["Fantail", "FantailStack", "InvalidFlag"],
    types: [
      ...["ClusterMonitoring", "EnginePool", "FantailProps", "FantailStackProps", "Monitoring", "OwnScheme"],
      ...["PoolNetwork", "SchemeName"],
    ],
  },
  "client/local/index.ts": {
    values: ["startCloud"],
    types: [
      ...["AskedAccess", "Cloud", "CloudAccess", "CloudFaults", "CloudOptions", "CloudTuning", "Condition"],
      ...["Connection", "EnginePool", "EnvironmentInfo", "FunctionLabel", "Grantee", "Invocations", "Meter"],
      ...["OwnScheme", "Service", "Statement", "Traffic"],
    ],
  },
};

/** Types in the namespace of what they belong to, such as `Client.QueryOptions`. */
const HANGING: [name: string, path: string, types: string[]][] = [
  [
    "AsyncResult",
    "client/results/async-result.ts",
    [
      ...[
        "ByEngine",
        "Info",
        "ItemOf",
        "OutputTargets",
        "PerItem",
        "Progress",
        "ProgressOutput",
        "TaskSets",
        "TaskTime",
      ],
      ...["TextOutput", "TimePick", "TimeSpan", "TimelineBar"],
    ],
  ],
  [
    "Client",
    "client/client.ts",
    [
      "Dashboard",
      "Estimate",
      "EstimateOptions",
      "FieldQuery",
      "HistoryRange",
      "Operand",
      "QueryOptions",
      "QueueOptions",
      "QueueStatus",
      "ResultStatus",
    ],
  ],
  ["Dependency", "client/flags/dependency.ts", ["Options", "Parent"]],
  ["DirectView", "client/views/direct-view.ts", ["Each", "Targets"]],
  ["LoadBalancedView", "client/views/view.ts", ["Executor", "Input", "Joined", "ParallelFunction"]],
  ["registerClass", "lambdas/authoring/register-class.ts", ["Options"]],
  ["requires", "client/views/requires.ts", ["Decorator", "Requirement"]],
];

/** Modules of the classes whose methods users call. */
const CALLED = [
  ...["client/client.ts", "client/client-tasks.ts", "client/client-engines.ts"],
  ...[
    "client/results/async-result.ts",
    "client/results/result-facts.ts",
    "client/results/printed-result.ts",
    "client/results/timed-result.ts",
  ],
  ...[
    "client/views/view.ts",
    "client/views/direct-view.ts",
    "client/views/engine-values.ts",
    "client/views/executor.ts",
  ],
];

/** Errors need no example: users catch them, and do not call them. */
const isError = (name: string) => /Error$|Dependency$|^(?:Invalid|No|Not|Unknown|Unreadable|Task|Run)[A-Z]/.test(name);
const NOT_CALLED = new Set([
  "BudgetExceeded",
  "CodeShippingOff",
  "PayloadTooLarge",
  "Refused",
  "ResultTimeout",
  "ValueLost",
]);

describe("public names", () => {
  it.each(Object.entries(ENTRIES))("the public names of %s are exactly these", async (path, expected) => {
    expect(exportsOf(path)).toEqual(expected);
    const loaded = Object.keys(await import(new URL(`../../${path}`, import.meta.url).href));
    expect(loaded.sort()).toEqual(expected.values);
  });

  it.each(HANGING)("the namespace of %s has exactly these types", (name, path, types) => {
    expect(hangingOn(name, path)).toEqual(types);
  });

  it("the main entry exports at most twenty types", () => {
    expect(ENTRIES["client/index.ts"]?.types.length).toBeLessThanOrEqual(20);
  });
});

describe("documentation", () => {
  it("each export has a comment, and each one that can be called has an example", () => {
    const texts = ["client", "cdk", "lambdas"].flatMap(modulesBelow).map(({ text }) => text);
    for (const [entry, { values, types }] of Object.entries(ENTRIES))
      for (const name of [...values, ...types]) {
        const comments = texts.map((text) => commentOf(name, text)).filter((comment) => comment !== "");
        expect(comments, `${name} of ${entry}`).not.toEqual([]);
        const isCalled =
          values.includes(name) && entry.startsWith("client/") && !isError(name) && !NOT_CALLED.has(name);
        if (isCalled) expect(comments.join(), `${name} of ${entry}`).toContain("@example");
      }
  });

  it.each(CALLED)("each method of %s has a comment, with an example unless it is read only", (path) => {
    const methods = methodsOf(path);
    expect(methods.length).toBeGreaterThan(2);
    for (const { name, isAccessor, comment } of methods) {
      if (name === "begin") continue;
      expect(comment, name).not.toBe("");
      if (!isAccessor) expect(comment, name).toContain("@example");
    }
  });
});
