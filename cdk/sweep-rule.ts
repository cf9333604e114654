import { Duration, Names } from "aws-cdk-lib";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/**
 * Returns the name of the sweep's rule. The name is chosen here because the rule refers to the scheduler, so the
 * scheduler cannot refer to the rule.
 */
export function sweepRuleName(cluster: Construct): string {
  return `${Names.uniqueResourceName(cluster, { maxLength: 58, separator: "-" })}-sweep`;
}

/** Makes the rule that starts a sweep of the scheduler every minute. The rule is off until the scheduler enables it. */
export function sweepRule(cluster: Construct, ruleName: string, scheduler: LambdaFunction): Rule {
  return new Rule(cluster, "Sweep", {
    ruleName,
    description: "Finds lost tasks and starts them again. Enabled only while a job is unfinished",
    enabled: false,
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [
      new FunctionTarget(scheduler, {
        event: RuleTargetInput.fromObject({ type: "sweep" }),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    ],
  });
}
