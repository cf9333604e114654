import { CfnOutput, Stack, Tags } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { CONNECTION_VARIABLE, type ToldConnection } from "../client/cluster/connection.ts";
import { bundleFunctions } from "../client/local/code/bundle-functions.ts";
import { toldOf } from "../client/local/stack/pool-facts.ts";
import { schemeName } from "../lambdas/protocol/cluster-settings.ts";
import { type OutputName, outputKey } from "../lambdas/protocol/stack-outputs.ts";
import { acknowledgeBlobPrefix } from "./acknowledged.ts";
import { blobBucket, clusterTable } from "./data-stores.ts";
import { keyOf, letLogsUse, useKey } from "./encryption.ts";
import { enginePool } from "./engine-pool.ts";
import { type FantailProps, parseFantailProps } from "./fantail-props.ts";
import { ClusterMonitoring } from "./monitoring.ts";
import { addBlobs, exchangeBlobs, invoke, keepTables, readTasks, switchRule } from "./permissions.ts";
import { schedulerDoors } from "./scheduler-doors.ts";
import { sweepRule, sweepRuleName } from "./sweep-rule.ts";

/**
 * How long an engine's start may wait for concurrency. The scheduler starts a session that has not begun after
 * seconds anew, so an event older than this is of no use; Lambda's default is six hours.
 */
const ENGINE_START_SECONDS = 300;

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
  /** Jobs, tasks and their outcomes. */
  readonly taskTable: Table;
  /** What the scheduler knows of its engines. */
  readonly engineTable: Table;
  /** Values too large for a row, by their hash. */
  readonly blobBucket: Bucket;
  /** What encrypts tables, blobs and logs, where it is a key of the user's. */
  readonly encryptionKey: IKey | undefined;
  /** What watches over it all; as many as were asked for. */
  readonly monitoring: ClusterMonitoring;
  readonly #tenant: string | undefined;
  readonly #connection: ToldConnection;

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
    const { scheduler, report } = schedulerDoors(this, {
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

    for (const door of [scheduler, report])
      door.allow(
        ...keepTables({ tasks: this.taskTable, engines: this.engineTable }),
        invoke([...this.engines]),
        ...useKey(key, "keep tables"),
      );
    for (const { engine } of pools) {
      engine.allow(invoke([this.report]), ...addBlobs(this.blobBucket), ...useKey(key, "blobs"));
      acknowledgeBlobPrefix(engine, this.blobBucket);
      engine.handleEvents({ maxAgeSeconds: ENGINE_START_SECONDS, onFailure: this.report });
    }
    // A sweep that failed or is late is done by the next one.
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
      pools: settings.engines.map(toldOf),
      scheme: schemeName(settings.scheme),
      hwm,
    };
    this.#output("SchedulerFunction", this.scheduler.functionName, "What clients call");
    this.#output("TaskTable", this.taskTable.tableName, "Where clients read outcomes");
    this.#output("EngineTable", this.engineTable.tableName, "What the scheduler knows of its engines");
    this.#output("BlobBucket", this.blobBucket.bucketName, "Values too large for a row, by their hash");
    this.#output("Scheme", schemeName(settings.scheme), "How tasks are placed on engines");
    this.#output("Hwm", String(hwm), "Tasks that an engine may have outstanding");
    this.#output("Pools", JSON.stringify(settings.engines.map(toldOf)), "The engine pools as they were deployed");
    for (const [name, value] of Object.entries(settings.tags)) Tags.of(this).add(name, value);
  }

  /**
   * Lets `grantee` be a client: call the scheduler, read outcomes, exchange blobs. To find the cluster
   * by its stack's name, it needs cloudformation:DescribeStacks besides.
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
   * Makes a Lambda function of yours a client: it may do what `grantClient` grants, and `Client.connect()` finds this cluster in its
   * environment. Of the 4 KB that Lambda allows for all variables, this takes about 600 bytes, and 100 for each pool more.
   */
  connectTo(fn: LambdaFunction): void {
    this.grantClient(fn);
    for (const scope of [fn, fn.role]) if (scope) acknowledgeBlobPrefix(scope, this.blobBucket);
    for (const [name, value] of Object.entries(this.clientEnvironment)) fn.addEnvironment(name, value);
  }

  /** Variables by which `Client.connect()` finds this cluster, for a client that is no Lambda function, as a container. It needs `grantClient` too. */
  get clientEnvironment(): Record<string, string> {
    return { [CONNECTION_VARIABLE]: Stack.of(this).toJsonString(this.#connection) };
  }

  /** Outputs are found by name, so they bear it whatever path the construct has. */
  #output(name: OutputName, value: string, description: string): void {
    new CfnOutput(this, name, { value, description }).overrideLogicalId(outputKey(name, this.#tenant));
  }
}
