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

/** What CloudWatch watches of the cluster. It is billed while nothing runs, so none of it is there unless asked for. */
export interface Monitoring {
  /**
   * An alarm for each way in which the cluster itself may suffer: errors and throttles of scheduler and report, engines that crash
   * and whose crash could not be told, throttles of the tables. Ten with one pool, about $1 a month; two more for each function of
   * another. Default true.
   */
  alarms?: boolean | undefined;
  /** A dashboard, $3 a month after an account's first three. Default true. */
  dashboard?: boolean | undefined;
  /**
   * An SNS topic, or its ARN, that is told when an alarm goes off and when it is over. The key of an encrypted one must let CloudWatch use
   * it. Default: nobody is told.
   */
  topic?: ITopic | string | undefined;
}

/** What is watched. */
export interface Watched {
  scheduler: LambdaFunction;
  report: LambdaFunction;
  /** Pools by name. */
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
    const doors = Object.entries({ Scheduler: scheduler, Report: report }).flatMap(([name, door]) => [
      this.#alarm(`${name}Errors`, door.metricErrors({ period: PERIOD }), `${name} failed, or took too long`),
      this.#alarm(`${name}Throttles`, door.metricThrottles({ period: PERIOD }), `Lambda had no room for ${name}`),
    ]);
    const crashes = [...engines].flatMap(([pool, functions]) =>
      functions.flatMap((engine, at) => {
        const name = `Engine-${pool}${at === 0 ? "" : `-${at + 1}`}`;
        const lost = engine.metric("DestinationDeliveryFailures", { period: PERIOD, statistic: "Sum" });
        return [
          this.#alarm(`${name}-Errors`, engine.metricErrors({ period: PERIOD }), `Engines of pool ${pool} crashed`),
          this.#alarm(`${name}-Lost`, lost, `Report was not told that an engine of pool ${pool} crashed`),
        ];
      }),
    );
    // Each by itself: an alarm is billed by its metrics, and not every emulator of AWS can add them up.
    const throttles = [...tables].flatMap(([name, table]) =>
      ["Read", "Write"].map((kind) =>
        this.#alarm(
          `${name}${kind}Throttles`,
          table.metric(`${kind}ThrottleEvents`, { period: PERIOD, statistic: "Sum" }),
          `DynamoDB throttled ${kind.toLowerCase()}s of the table of ${name.toLowerCase()}`,
        ),
      ),
    );
    return [...doors, ...crashes, ...throttles];
  }

  #alarm(id: string, metric: IMetric, alarmDescription: string): Alarm {
    return new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      // Nothing runs while nothing is submitted, and then there are no figures.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #dashboard({ scheduler, report, engines, tables }: Watched): void {
    const doors = { scheduler, report };
    const pools = [...engines].flatMap(([pool, functions]) =>
      functions.map((engine, at) => [at === 0 ? pool : `${pool} ${at + 1}`, engine] as const),
    );
    const ofDoors = (of: (door: LambdaFunction, label: string) => IMetric[]) =>
      Object.entries(doors).flatMap(([name, door]) => of(door, name));
    const ofEngines = (of: (engine: LambdaFunction, label: string) => IMetric) =>
      pools.map(([name, engine]) => of(engine, name));
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12, height: 6 });
    new Dashboard(this, "Dashboard", {
      widgets: [
        [
          graph(
            "Engines at work",
            ofEngines((engine, label) => concurrency(engine, label)),
          ),
          graph(
            "Engines that crashed",
            ofEngines((engine, label) => engine.metricErrors({ label })),
          ),
        ],
        [
          graph(
            "Calls of scheduler and report",
            ofDoors((door, label) => [door.metricInvocations({ label })]),
          ),
          graph(
            "Their time, median and 99 of 100",
            ofDoors((door, label) =>
              ["p50", "p99"].map((statistic) => door.metricDuration({ statistic, label: `${label} ${statistic}` })),
            ),
          ),
        ],
        [
          graph(
            "Their errors and throttles",
            ofDoors((door, label) => [
              door.metricErrors({ label: `${label} errors` }),
              door.metricThrottles({ label: `${label} throttles` }),
            ]),
          ),
          graph(
            "Capacity of the tables",
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
