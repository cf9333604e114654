import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  type Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

/**
 * CloudWatch alarms and dashboard. They are billed even while idle, so nothing is created unless requested.
 *
 * @example
 * const monitoring: Monitoring = { dashboard: false, topic: "arn:aws:sns:eu-west-1:111122223333:alarms" };
 */
export interface Monitoring {
  /**
   * Whether to make alarms for each way in which the cluster itself can fail: errors and throttling of scheduler and
   * report, engines that crash, crash notices that were not delivered, and throttling of the tables. Ten alarms with
   * one pool, about $1 a month; two more for each further engine function. Default true.
   */
  alarms?: boolean | undefined;
  /** Whether to make a dashboard, which costs $3 a month after an account's first three. Default true. */
  dashboard?: boolean | undefined;
  /**
   * An SNS topic, or its ARN, to notify when an alarm starts and ends. If the topic is encrypted, its key must let
   * CloudWatch use it. Default: no notifications.
   */
  topic?: ITopic | string | undefined;
}

/** The resources to monitor. */
export interface Watched {
  scheduler: LambdaFunction;
  report: LambdaFunction;
  /** Engine functions by the name of their pool. */
  engines: ReadonlyMap<string, readonly LambdaFunction[]>;
  tables: ReadonlyMap<string, Table>;
}

const PERIOD = Duration.minutes(5);

/** The alarms and the dashboard of a cluster. */
export class ClusterMonitoring extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, watched: Watched, { alarms, dashboard, topic }: Monitoring) {
    super(scope, id);
    this.alarms = alarms ? this.#alarms(watched) : [];
    if (topic !== undefined) {
      const action = new SnsAction(typeof topic === "string" ? Topic.fromTopicArn(this, "Topic", topic) : topic);
      for (const alarm of this.alarms) {
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
    }
    if (dashboard) this.#dashboard(watched);
  }

  #alarms({ scheduler, report, engines, tables }: Watched): Alarm[] {
    const functionAlarms = Object.entries({ Scheduler: scheduler, Report: report }).flatMap(([name, fn]) => [
      this.#alarm(`${name}Errors`, fn.metricErrors({ period: PERIOD }), `${name} failed, or took too long`),
      this.#alarm(`${name}Throttles`, fn.metricThrottles({ period: PERIOD }), `Lambda throttled ${name}`),
    ]);
    const crashes = [...engines].flatMap(([pool, functions]) =>
      functions.flatMap((engine, at) => {
        const name = `Engine-${pool}${at === 0 ? "" : `-${at + 1}`}`;
        const lost = engine.metric("DestinationDeliveryFailures", { period: PERIOD, statistic: "Sum" });
        return [
          this.#alarm(`${name}-Errors`, engine.metricErrors({ period: PERIOD }), `Engines of pool ${pool} crashed`),
          this.#alarm(`${name}-Lost`, lost, `Report was not notified that an engine of pool ${pool} crashed`),
        ];
      }),
    );
    // Make one alarm per metric: alarms are billed per metric anyway, and not every AWS emulator can add metrics up.
    const throttles = [...tables].flatMap(([name, table]) =>
      ["Read", "Write"].map((kind) =>
        this.#alarm(
          `${name}${kind}Throttles`,
          table.metric(`${kind}ThrottleEvents`, { period: PERIOD, statistic: "Sum" }),
          `DynamoDB throttled ${kind.toLowerCase()}s of the table of ${name.toLowerCase()}`,
        ),
      ),
    );
    return [...functionAlarms, ...crashes, ...throttles];
  }

  #alarm(id: string, metric: IMetric, alarmDescription: string): Alarm {
    return new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      // An idle cluster produces no data, which must not raise an alarm.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #dashboard({ scheduler, report, engines, tables }: Watched): void {
    const functions = { scheduler, report };
    const pools = [...engines].flatMap(([pool, functions]) =>
      functions.map((engine, at) => [at === 0 ? pool : `${pool} ${at + 1}`, engine] as const),
    );
    const ofFunctions = (of: (fn: LambdaFunction, label: string) => IMetric[]) =>
      Object.entries(functions).flatMap(([name, fn]) => of(fn, name));
    const ofEngines = (of: (engine: LambdaFunction, label: string) => IMetric) =>
      pools.map(([name, engine]) => of(engine, name));
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12, height: 6 });
    new Dashboard(this, "Dashboard", {
      widgets: [
        [
          graph(
            "Busy engines",
            ofEngines((engine, label) => concurrency(engine, label)),
          ),
          graph(
            "Crashed engines",
            ofEngines((engine, label) => engine.metricErrors({ label })),
          ),
        ],
        [
          graph(
            "Calls of scheduler and report",
            ofFunctions((fn, label) => [fn.metricInvocations({ label })]),
          ),
          graph(
            "Duration of scheduler and report, p50 and p99",
            ofFunctions((fn, label) =>
              ["p50", "p99"].map((statistic) => fn.metricDuration({ statistic, label: `${label} ${statistic}` })),
            ),
          ),
        ],
        [
          graph(
            "Errors and throttles of scheduler and report",
            ofFunctions((fn, label) => [
              fn.metricErrors({ label: `${label} errors` }),
              fn.metricThrottles({ label: `${label} throttles` }),
            ]),
          ),
          graph(
            "Consumed capacity of the tables",
            [...tables].flatMap(([name, table]) => [
              table.metricConsumedReadCapacityUnits({ label: `${name} read` }),
              table.metricConsumedWriteCapacityUnits({ label: `${name} written` }),
            ]),
          ),
        ],
      ],
    });
  }
}

function concurrency(engine: LambdaFunction, label: string): Metric {
  return engine.metric("ConcurrentExecutions", { statistic: "Maximum", label });
}
