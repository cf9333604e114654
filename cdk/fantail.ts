import { CfnOutput, Stack, Tags } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { CONNECTION_VARIABLE, type ReportedConnection } from "../client/connection/connection.ts";
import { bundleFunctions, type FunctionsBundle } from "../client/local/code/bundle-functions.ts";
import { sharedVariables, statedIn } from "../client/local/stack/pool-facts.ts";
import { schemeName } from "../lambdas/protocol/cluster-settings.ts";
import { type OutputName, outputKey } from "../lambdas/protocol/stack-outputs.ts";
import { acknowledgeBlobPrefix } from "./acknowledged.ts";
import { allowCalls } from "./allow-calls.ts";
import { blobBucket, clusterTable } from "./data-stores.ts";
import { keyOf, letLogsUse, useKey } from "./encryption.ts";
import { enginePool } from "./engine-pool.ts";
import { type FantailProps, parseFantailProps, type StackSettings } from "./fantail-props.ts";
import { ClusterMonitoring } from "./monitoring.ts";
import { exchangeBlobs, invoke, readTasks, switchRule } from "./permissions.ts";
import { schedulerEndpoints } from "./scheduler-endpoints.ts";
import { sweepRule, sweepRuleName } from "./sweep-rule.ts";

/**
 * A cluster: scheduler, engines, tables and blobs. A stack contains one cluster, or one per `tenant`; clients find it
 * by the stack's outputs.
 *
 * @throws InvalidFlag that names the invalid prop
 */
export class Fantail extends Construct {
  /** The function that clients call: submits and aborts tasks, reports status. */
  readonly scheduler: LambdaFunction;
  /** The function that engines call, and the only one that they may call. */
  readonly report: LambdaFunction;
  /** The engine functions of all pools, `burst` per pool, in the order of the props. */
  readonly engines: readonly LambdaFunction[];
  /** Table of jobs, tasks and their outcomes. */
  readonly taskTable: Table;
  /** Table of engines: the scheduler's view of them. */
  readonly engineTable: Table;
  /** Bucket of values too large for a row. Each is named by its hash. */
  readonly blobBucket: Bucket;
  /** The key that encrypts tables, blobs and logs; undefined if the props give none. */
  readonly encryptionKey: IKey | undefined;
  /** The alarms and the dashboard that the props request. */
  readonly monitoring: ClusterMonitoring;
  readonly #tenant: string | undefined;
  readonly #connection: ReportedConnection;

  constructor(scope: Construct, id: string, props: FantailProps) {
    super(scope, id);
    const settings = parseFantailProps(props);
    this.#tenant = settings.tenant;
    const key = keyOf(this, settings.encryptionKey);
    if (key) letLogsUse(key, this);
    this.encryptionKey = key;
    this.taskTable = clusterTable(this, "Tasks", settings, { key, timeToLiveAttribute: "expires" });
    this.engineTable = clusterTable(this, "Engines", settings, { key });
    this.blobBucket = blobBucket(this, "Blobs", settings, key);

    const functions = deployedFunctions(settings);
    const { metricsNamespace } = settings;
    const environment = {
      ...sharedVariables(settings),
      ...(metricsNamespace !== undefined && { FANTAIL_METRICS: metricsNamespace }),
    };
    const logs = { retention: settings.logRetention, encryptionKey: key };
    const shared = { functions: functions?.text, environment, blobBucket: this.blobBucket, logs };
    const pools = settings.engines.map((pool) => ({ pool, engine: enginePool(this, pool, shared) }));
    this.engines = pools.flatMap(({ engine }) => engine.functions);

    const rule = sweepRuleName(this);
    const { scheduler, report } = schedulerEndpoints(this, {
      settings,
      pools,
      logs,
      environment,
      taskTable: this.taskTable,
      engineTable: this.engineTable,
      functionNames: functions?.names,
      sweepRule: rule,
    });
    this.report = report.function;
    this.scheduler = scheduler.function;

    const tables = { tasks: this.taskTable, engines: this.engineTable };
    allowCalls({ scheduler, report, pools, tables, blobBucket: this.blobBucket, key });
    const sweep = sweepRule(this, rule, this.scheduler);
    scheduler.allow(switchRule(sweep, "EnableRule", "DisableRule"));
    report.allow(switchRule(sweep, "EnableRule"));

    const watched = {
      scheduler: this.scheduler,
      report: this.report,
      engines: new Map(pools.map(({ pool, engine }) => [pool.name, engine.functions])),
      tables: new Map(Object.entries({ Tasks: tables.tasks, Engines: tables.engines })),
    };
    this.monitoring = new ClusterMonitoring(this, "Monitoring", watched, settings.monitoring);

    this.#connection = this.#connectionBy(settings);
    this.#addOutputs(settings);
    for (const [name, value] of Object.entries(settings.tags)) Tags.of(this).add(name, value);
  }

  /**
   * Grants `grantee` what a client needs: to call the scheduler, read outcomes, and read and write blobs. To find the
   * cluster by its stack's name, it also needs cloudformation:DescribeStacks.
   */
  grantClient(grantee: IGrantable): void {
    const key = this.encryptionKey;
    for (const { actions, resources, conditions } of [
      invoke([this.scheduler]),
      readTasks(this.taskTable),
      exchangeBlobs(this.blobBucket),
      ...useKey(key, "read tables"),
      ...useKey(key, "blobs"),
    ])
      Grant.addToPrincipal({ grantee, actions, resourceArns: resources, conditions }).assertSuccess();
  }

  /**
   * Makes a Lambda function of yours a client: grants what `grantClient` grants, and sets the variables that
   * `Client.connect()` needs to find this cluster.
   *
   * The variables take about 600 bytes, plus 100 for each pool after the first, of the 4 KB that Lambda allows for all
   * variables.
   */
  connectTo(fn: LambdaFunction): void {
    this.grantClient(fn);
    for (const scope of [fn, fn.role]) if (scope) acknowledgeBlobPrefix(scope, this.blobBucket);
    for (const [name, value] of Object.entries(this.clientEnvironment)) fn.addEnvironment(name, value);
  }

  /**
   * The environment variables that `Client.connect()` needs to find this cluster, for a client that is not a Lambda
   * function, such as a container. Grant it access with `grantClient`.
   */
  get clientEnvironment(): Record<string, string> {
    return { [CONNECTION_VARIABLE]: Stack.of(this).toJsonString(this.#connection) };
  }

  #connectionBy({ tenant, engines, scheme, hwm }: StackSettings): ReportedConnection {
    const { region, stackName: stack } = Stack.of(this);
    return {
      stack,
      ...(tenant !== undefined && { tenant }),
      region,
      scheduler: this.scheduler.functionName,
      taskTable: this.taskTable.tableName,
      engineTable: this.engineTable.tableName,
      blobBucket: this.blobBucket.bucketName,
      pools: engines.map(statedIn),
      scheme: schemeName(scheme),
      hwm,
    };
  }

  #addOutputs({ engines, scheme, hwm }: StackSettings): void {
    this.#output("SchedulerFunction", this.scheduler.functionName, "The function that clients call");
    this.#output("TaskTable", this.taskTable.tableName, "The table from which clients read outcomes");
    this.#output("EngineTable", this.engineTable.tableName, "The scheduler's table of engines");
    this.#output("BlobBucket", this.blobBucket.bucketName, "The bucket of values too large for a row");
    this.#output("Scheme", schemeName(scheme), "How tasks are placed on engines");
    this.#output("Hwm", String(hwm), "Maximum number of outstanding tasks per engine");
    this.#output("Pools", JSON.stringify(engines.map(statedIn)), "The engine pools as deployed");
  }

  /** Adds an output to the stack. Clients find outputs by name, so the name must not depend on the construct's path. */
  #output(name: OutputName, value: string, description: string): void {
    new CfnOutput(this, name, { value, description }).overrideLogicalId(outputKey(name, this.#tenant));
  }
}

/**
 * Bundles the deployed functions, without the modules installed beside engines. Returns undefined if there are no
 * deployed functions.
 */
function deployedFunctions({ functions, engines }: StackSettings): FunctionsBundle | undefined {
  if (functions === undefined) return undefined;
  return bundleFunctions(
    functions,
    engines.flatMap(({ modules = [] }) => modules),
  );
}
