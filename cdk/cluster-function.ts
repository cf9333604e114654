import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Policy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Code } from "aws-cdk-lib/aws-lambda";
import {
  Architecture,
  CfnEventInvokeConfig,
  Function as LambdaFunction,
  LayerVersion,
  RecursiveLoop,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { reservedFor } from "../client/local/stack/pool-facts.ts";
import { invariant } from "../lambdas/protocol/invariant.ts";
import { acknowledgeAnyInterface } from "./acknowledged.ts";
import { keepInterfaces, leaveInterfaces, writeLog } from "./permissions.ts";
import type { PoolNetwork } from "./pool-network.ts";

export interface ClusterFunctionProps {
  /** Number of identical functions. Default 1. */
  copies?: number;
  description: string;
  code: Code;
  /** Name of the handler exported by the asset's index.mjs. */
  handler: string;
  memoryMb: number;
  timeoutSeconds: number;
  architecture: "arm64" | "x86_64";
  environment: Record<string, string>;
  logs: { retention: RetentionDays; encryptionKey?: IKey | undefined };
  /** Reserved concurrency of all copies together. */
  reservedConcurrency?: number | undefined;
  /** ARNs of layer versions. */
  layers?: readonly string[] | undefined;
  network?: PoolNetwork | undefined;
}

/** How Lambda treats events of an asynchronous invocation. */
export interface EventHandling {
  /** How long an event may wait for concurrency, in seconds, 60 to 21,600. Lambda's default is 6 hours. */
  maxAgeSeconds: number;
  /**
   * Function that Lambda calls for every event that failed or expired. It does so on behalf of the function that the
   * event was for, whose role must therefore have the permission.
   */
  onFailure?: LambdaFunction;
}

/**
 * A Lambda function of the cluster, or several identical ones, with a log group and a role that has only the
 * permissions granted with `allow`.
 */
export class ClusterFunction extends Construct {
  readonly functions: readonly LambdaFunction[];
  readonly #policy: Policy;

  /** The only function, or the first of several. */
  get function(): LambdaFunction {
    const [first] = this.functions;
    invariant(first, `${this.node.path} has no function`);
    return first;
  }

  constructor(scope: Construct, id: string, props: ClusterFunctionProps) {
    super(scope, id);
    const { copies = 1, layers = [], network = {}, reservedConcurrency } = props;
    const logGroup = new LogGroup(this, "Log", {
      retention: props.logs.retention,
      ...(props.logs.encryptionKey && { encryptionKey: props.logs.encryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    const inVpc = this.#inVpc(network);
    const versions = layers.map((arn, at) => LayerVersion.fromLayerVersionArn(this, `Layer-${at + 1}`, arn));
    this.functions = Array.from(
      { length: copies },
      (_, at) =>
        new LambdaFunction(this, idOfCopy("Function", at), {
          description: props.description,
          code: props.code,
          handler: props.handler,
          runtime: Runtime.NODEJS_24_X,
          architecture: props.architecture === "arm64" ? Architecture.ARM_64 : Architecture.X86_64,
          memorySize: props.memoryMb,
          timeout: Duration.seconds(props.timeoutSeconds),
          environment: props.environment,
          role,
          logGroup,
          // Scheduler and engines call each other in a chain, which Lambda would otherwise stop after about 16 calls.
          recursiveLoop: RecursiveLoop.ALLOW,
          ...(versions.length > 0 && { layers: versions }),
          ...(reservedConcurrency !== undefined && {
            reservedConcurrentExecutions: reservedFor(at, { burst: copies }, reservedConcurrency),
          }),
          ...inVpc,
        }),
    );
    // The role's default policy cannot hold these statements. CloudFormation creates it before the function, which
    // would make a circular dependency: engine → its policy → report → engine.
    this.#policy = new Policy(this, "Policy", { roles: [role], statements: [writeLog(logGroup)] });
    if (network.vpc) {
      const interfaces = new Policy(this, "Network", { roles: [role], statements: [keepInterfaces()] });
      acknowledgeAnyInterface(interfaces);
      // Lambda checks that the role has these permissions before it creates the function.
      for (const one of this.functions) one.node.addDependency(interfaces);
      this.allow(leaveInterfaces(this.functions));
    }
  }

  allow(...statements: PolicyStatement[]): void {
    this.#policy.addStatements(...statements);
  }

  /** Configures asynchronous events. Lambda never retries a failed event: every retry is the scheduler's decision. */
  handleEvents({ maxAgeSeconds, onFailure }: EventHandling): void {
    for (const [at, { functionName }] of this.functions.entries()) {
      const config = new CfnEventInvokeConfig(this, idOfCopy("Events", at), {
        functionName,
        qualifier: "$LATEST",
        maximumRetryAttempts: 0,
        maximumEventAgeInSeconds: maxAgeSeconds,
        ...(onFailure && { destinationConfig: { onFailure: { destination: onFailure.functionArn } } }),
      });
      // Lambda checks that the role may call the destination, so the policy must exist first.
      config.node.addDependency(this.#policy);
    }
  }

  /** Returns the network settings of the functions. All copies share the security group. */
  #inVpc({ vpc, vpcSubnets, securityGroups }: PoolNetwork) {
    if (!vpc) return {};
    const description = `Engines: ${this.node.id}`;
    return {
      vpc,
      ...(vpcSubnets && { vpcSubnets }),
      securityGroups: securityGroups ?? [new SecurityGroup(this, "SecurityGroup", { vpc, description })],
    };
  }
}

/**
 * Returns the id of a copy. The first has no number, so that adding or removing copies does not replace it.
 */
function idOfCopy(id: string, at: number): string {
  return at === 0 ? id : `${id}-${at + 1}`;
}
