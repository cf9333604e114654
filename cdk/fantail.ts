import { CfnOutput, Stack, Tags } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { CONNECTION_VARIABLE, type ReportedConnection } from "../client/cluster/connection.ts";
import { bundleFunctions } from "../client/local/code/bundle-functions.ts";
import { statedIn } from "../client/local/stack/pool-facts.ts";
import { schemeName } from "../lambdas/protocol/cluster-settings.ts";
import { type OutputName, outputKey } from "../lambdas/protocol/stack-outputs.ts";
import { acknowledgeBlobPrefix } from "./acknowledged.ts";
import { blobBucket, clusterTable } from "./data-stores.ts";
import { keyOf, letLogsUse, useKey } from "./encryption.ts";
import { enginePool } from "./engine-pool.ts";
import { type FantailProps, parseFantailProps } from "./fantail-props.ts";
import { ClusterMonitoring } from "./monitoring.ts";
import { addBlobs, exchangeBlobs, invoke, keepTables, readTasks, switchRule } from "./permissions.ts";
import { schedulerEndpoints } from "./scheduler-endpoints.ts";
import { sweepRule, sweepRuleName } from "./sweep-rule.ts";

/**
 * How long an engine's start may wait for concurrency, in seconds. The scheduler starts a session again that has not
 * begun within seconds, so an older event is useless; Lambda's default is 6 hours.
 */
const ENGINE_START_SECONDS = 300;

/**
 * A cluster: scheduler, engines, tables and blobs. One per stack, or one per `tenant`; clients find it by the stack's
 * outputs.
 *
 * @throws InvalidFlag that names the invalid prop
 */
export class Fantail extends Construct {
  /** The function that clients call: submits and aborts tasks, reports status. */
  readonly scheduler: LambdaFunction;
  /** The function that engines call, and the only one they may. */
  readonly report: LambdaFunction;
  /** The functions of all pools, `burst` per pool, in the order of the props. */
  readonly engines: readonly LambdaFunction[];
  /** Table of jobs, tasks and their outcomes. */
  readonly taskTable: Table;
  /** Table of engines: the scheduler's view of them. */
  readonly engineTable: Table;
  /** Bucket of values too large for a row, by their hash. */
  readonly blobBucket: Bucket;
  /** The key that encrypts tables, blobs and logs, if the props give one. */
  readonly encryptionKey: IKey | undefined;
  /** The alarms and the dashboard, as far as requested. */
  readonly monitoring: ClusterMonitoring;
  readonly #tenant: string | undefined;
  readonly #connection: ReportedConnection;

  constructor(scope: Construct, id: string, props: FantailProps) {
    super(scope, id);
    const settings = parseFantailProps(props);
    const { hwm } = settings;
    this.#tenant = settings.tenant;
    const key = keyOf(this, settings.encryptionKey);
    if (key) letLogsUse(key, this);
    this.encryptionKey = key;
    this.taskTable = clusterTable(this, "Tasks", settings, { key, timeToLiveAttribute: "expires" });
    this.engineTable = clusterTable(this, "Engines", settings, { key });
    this.blobBucket = blobBucket(this, "Blobs", settings, key);

    const functions =
      settings.functions === undefined
        ? undefined
        : bundleFunctions(
            settings.functions,
            settings.engines.flatMap(({ modules = [] }) => modules),
          );
    const codeShipping = { FANTAIL_CODE_SHIPPING: settings.codeShipping ? "on" : "off" };
    const logs = { retention: settings.logRetention, encryptionKey: key };
    const shared = { functions: functions?.text, environment: codeShipping, blobBucket: this.blobBucket, logs };
    const pools = settings.engines.map((pool) => ({ pool, engine: enginePool(this, pool, shared) }));
    this.engines = pools.flatMap(({ engine }) => engine.functions);

    const rule = sweepRuleName(this);
    const { scheduler, report } = schedulerEndpoints(this, {
      settings,
      pools,
      logs,
      environment: codeShipping,
      taskTable: this.taskTable,
      engineTable: this.engineTable,
      functionNames: functions?.names,
      sweepRule: rule,
    });
    this.report = report.function;
    this.scheduler = scheduler.function;

    for (const fn of [scheduler, report])
      fn.allow(
        ...keepTables({ tasks: this.taskTable, engines: this.engineTable }),
        invoke([...this.engines]),
        ...useKey(key, "keep tables"),
      );
    for (const { engine } of pools) {
      engine.allow(invoke([this.report]), ...addBlobs(this.blobBucket), ...useKey(key, "blobs"));
      acknowledgeBlobPrefix(engine, this.blobBucket);
      engine.handleEvents({ maxAgeSeconds: ENGINE_START_SECONDS, onFailure: this.report });
    }
    // If a sweep fails or is late, the next one does its work.
    scheduler.handleEvents({ maxAgeSeconds: 60 });
    const sweep = sweepRule(this, rule, this.scheduler);
    scheduler.allow(switchRule(sweep, "EnableRule", "DisableRule"));
    report.allow(switchRule(sweep, "EnableRule"));

    const watched = {
      scheduler: this.scheduler,
      report: this.report,
      engines: new Map(pools.map(({ pool, engine }) => [pool.name, engine.functions])),
      tables: new Map(Object.entries({ Tasks: this.taskTable, Engines: this.engineTable })),
    };
    this.monitoring = new ClusterMonitoring(this, "Monitoring", watched, settings.monitoring);

    const { region, stackName: stack } = Stack.of(this);
    this.#connection = {
      stack,
      ...(settings.tenant !== undefined && { tenant: settings.tenant }),
      region,
      scheduler: this.scheduler.functionName,
      taskTable: this.taskTable.tableName,
      engineTable: this.engineTable.tableName,
      blobBucket: this.blobBucket.bucketName,
      pools: settings.engines.map(statedIn),
      scheme: schemeName(settings.scheme),
      hwm,
    };
    this.#output("SchedulerFunction", this.scheduler.functionName, "What clients call");
    this.#output("TaskTable", this.taskTable.tableName, "Where clients read outcomes");
    this.#output("EngineTable", this.engineTable.tableName, "What the scheduler knows of its engines");
    this.#output("BlobBucket", this.blobBucket.bucketName, "Values too large for a row, by their hash");
    this.#output("Scheme", schemeName(settings.scheme), "How tasks are placed on engines");
    this.#output("Hwm", String(hwm), "Tasks that an engine may have outstanding");
    this.#output("Pools", JSON.stringify(settings.engines.map(statedIn)), "The engine pools as they were deployed");
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
   * Makes a Lambda function of yours a client: grants what `grantClient` grants, and sets the variables by which
   * `Client.connect()` finds this cluster. They take about 600 bytes, plus 100 for each pool after the first, of the 4
   * KB that Lambda allows for all variables.
   */
  connectTo(fn: LambdaFunction): void {
    this.grantClient(fn);
    for (const scope of [fn, fn.role]) if (scope) acknowledgeBlobPrefix(scope, this.blobBucket);
    for (const [name, value] of Object.entries(this.clientEnvironment)) fn.addEnvironment(name, value);
  }

  /**
   * Environment variables by which `Client.connect()` finds this cluster, for a client other than a Lambda function,
   * such as a container. Use `grantClient` too.
   */
  get clientEnvironment(): Record<string, string> {
    return { [CONNECTION_VARIABLE]: Stack.of(this).toJsonString(this.#connection) };
  }

  /** Clients find outputs by name, so the name must not depend on the construct's path. */
  #output(name: OutputName, value: string, description: string): void {
    new CfnOutput(this, name, { value, description }).overrideLogicalId(outputKey(name, this.#tenant));
  }
}
