import { createHash } from "node:crypto";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { Code, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { type EnginePool, ONE_VCPU_MB } from "../lambdas/protocol/cluster-settings.ts";
import { type OutputName, outputKey } from "../lambdas/protocol/stack-outputs.ts";
import { bundleLambda } from "./bundle-lambda.ts";
import { ClusterFunction } from "./cluster-function.ts";
import { blobBucket, clusterTable } from "./data-stores.ts";
import { checkEnvironmentSize, LONGEST_NAME } from "./environment-size.ts";
import { type FantailProps, parseFantailProps } from "./fantail-props.ts";
import { machineOf } from "./install-modules.ts";
import { addBlobs, exchangeBlobs, invoke, keepTables, readTasks } from "./permissions.ts";

/** Longest pass of the scheduler. Passes take milliseconds; the rest is room for a sweep over many open jobs. */
const SCHEDULER_SECONDS = 60;
/**
 * How long an engine's start may wait for concurrency. The scheduler starts a session that has not begun after
 * seconds anew, so an event older than this is of no use; Lambda's default is six hours.
 */
const ENGINE_START_SECONDS = 300;

const ENGINE_FILES = {
  "index.mjs": "lambdas/engine/handler",
  "worker.mjs": "lambdas/engine/worker",
  "view.cjs": "client/nested-view",
};

/** The engine with packages beside it. In the function's own code, as a layer's would be found by `require` alone. */
function engineWith(modules: readonly string[], architecture: "arm64" | "x86_64"): Code {
  return bundleLambda({ files: ENGINE_FILES, modules: { names: modules, machine: machineOf(architecture) } });
}

/** Changes with what a pool's engines are made of, and with nothing else: what tasks may find there depends on it. */
function poolRevision(pool: EnginePool | undefined): string {
  const { count: _, burst: __, ...made } = pool ?? {};
  return createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 12);
}

/**
 * A cluster: scheduler, engines, tables and blobs. One to a stack, or one for each `tenant`; the stack's outputs tell clients where it is.
 *
 * @throws InvalidFlag that names the prop at fault
 */
export class Fantail extends Construct {
  /** What clients call: submits, aborts, asks for status. */
  readonly scheduler: LambdaFunction;
  /** What engines call, and all that they may. */
  readonly report: LambdaFunction;
  /** The functions of each pool, `burst` of them, in the order of the props. */
  readonly engines: readonly LambdaFunction[];
  readonly taskTable: Table;
  readonly engineTable: Table;
  readonly blobBucket: Bucket;
  readonly #tenant: string | undefined;

  constructor(scope: Construct, id: string, props: FantailProps) {
    super(scope, id);
    const settings = parseFantailProps(props);
    const { scheme, hwm, logRetention } = settings;
    this.#tenant = settings.tenant;
    this.taskTable = clusterTable(this, "Tasks", settings, { timeToLiveAttribute: "expires" });
    this.engineTable = clusterTable(this, "Engines", settings);
    this.blobBucket = blobBucket(this, "Blobs", settings);

    const plainEngine = bundleLambda({ files: ENGINE_FILES });
    const pools = settings.engines.map((pool) => {
      const environment = {
        ...pool.environment,
        FANTAIL_BLOB_BUCKET: this.blobBucket.bucketName,
        FANTAIL_POOL: pool.name,
      };
      checkEnvironmentSize(environment, `engines ${pool.name}: environment`);
      const engine = new ClusterFunction(this, `Engine-${pool.name}`, {
        copies: pool.burst,
        description: `Runs the tasks of the ${pool.count} engines of pool ${pool.name}`,
        code: pool.modules?.length ? engineWith(pool.modules, pool.architecture) : plainEngine,
        handler: "index.engine",
        memoryMb: pool.memoryMb,
        timeoutSeconds: pool.timeoutSeconds,
        architecture: pool.architecture,
        environment,
        logRetention,
      });
      return { pool, engine };
    });
    this.engines = pools.flatMap(({ engine }) => engine.functions);

    const schemeName = typeof scheme === "string" ? scheme : "user";
    const poolOutput = settings.engines.map(({ name, count, memoryMb, timeoutSeconds }) => ({
      name,
      count,
      memoryMb,
      timeoutSeconds,
    }));
    const poolsInside = (nameOf: (engine: LambdaFunction) => string) =>
      poolOutput.map((pool, at) => ({
        ...pool,
        revision: poolRevision(settings.engines[at]),
        functions: pools[at]?.engine.functions.map(nameOf),
      }));
    const environment = {
      FANTAIL_TASK_TABLE: this.taskTable.tableName,
      FANTAIL_ENGINE_TABLE: this.engineTable.tableName,
      FANTAIL_SCHEME: schemeName,
      FANTAIL_HWM: String(hwm),
      FANTAIL_RETENTION_DAYS: String(settings.retentionDays),
      FANTAIL_POOLS: Stack.of(this).toJsonString(poolsInside(({ functionName }) => functionName)),
    };
    checkEnvironmentSize(
      { ...environment, FANTAIL_POOLS: JSON.stringify(poolsInside(() => LONGEST_NAME)) },
      "engines: the list of pools",
    );
    const code = bundleLambda({
      files: { "index.mjs": "lambdas/scheduler/handler" },
      ownScheme: typeof scheme === "string" ? undefined : scheme,
    });
    // A pass is mostly the SDK's work on calls, so a whole vCPU: less memory costs the same and answers later.
    const brain = {
      code,
      memoryMb: ONE_VCPU_MB,
      timeoutSeconds: SCHEDULER_SECONDS,
      architecture: "arm64" as const,
      logRetention,
    };
    const report = new ClusterFunction(this, "Report", {
      ...brain,
      description: "Takes what engines report and hands them their next tasks",
      handler: "index.report",
      environment,
    });
    const scheduler = new ClusterFunction(this, "Scheduler", {
      ...brain,
      description: "Takes tasks from clients and places them on engines",
      handler: "index.scheduler",
      environment: { ...environment, FANTAIL_REPORT_FUNCTION: report.function.functionName },
    });
    this.report = report.function;
    this.scheduler = scheduler.function;

    for (const door of [scheduler, report])
      door.allow(keepTables([this.taskTable, this.engineTable]), invoke([...this.engines]));
    for (const { engine } of pools) {
      engine.allow(invoke([this.report]), ...addBlobs(this.blobBucket));
      engine.handleEvents({ maxAgeSeconds: ENGINE_START_SECONDS, onFailure: this.report });
    }
    // A sweep that failed or is late is done by the next one.
    scheduler.handleEvents({ maxAgeSeconds: 60 });
    new Rule(this, "Sweep", {
      description: "Finds what was lost: leases past their end, work that nobody leased",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new FunctionTarget(this.scheduler, {
          event: RuleTargetInput.fromObject({ type: "sweep" }),
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });

    this.#output("SchedulerFunction", this.scheduler.functionName);
    this.#output("TaskTable", this.taskTable.tableName);
    this.#output("EngineTable", this.engineTable.tableName);
    this.#output("BlobBucket", this.blobBucket.bucketName);
    this.#output("Scheme", schemeName);
    this.#output("Hwm", String(hwm));
    this.#output("Pools", JSON.stringify(poolOutput));
  }

  /**
   * Lets `grantee` be a client: call the scheduler, read outcomes, exchange blobs. To find the cluster
   * by its stack's name, it needs cloudformation:DescribeStacks besides.
   */
  grantClient(grantee: IGrantable): void {
    for (const statement of [invoke([this.scheduler]), readTasks(this.taskTable), exchangeBlobs(this.blobBucket)])
      Grant.addToPrincipal({
        grantee,
        actions: statement.actions,
        resourceArns: statement.resources,
      }).assertSuccess();
  }

  /** Outputs are found by name, so they bear it whatever path the construct has. */
  #output(name: OutputName, value: string): void {
    new CfnOutput(this, name, { value }).overrideLogicalId(outputKey(name, this.#tenant));
  }
}
