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
import { acknowledgeAnyInterface } from "./acknowledged.ts";
import { keepInterfaces, leaveInterfaces, writeLog } from "./permissions.ts";
import type { PoolNetwork } from "./pool-network.ts";

export interface ClusterFunctionProps {
  /** How many functions of this kind there are. Default 1. */
  copies?: number;
  description: string;
  code: Code;
  /** Export of the asset's index.mjs. */
  handler: string;
  memoryMb: number;
  timeoutSeconds: number;
  architecture: "arm64" | "x86_64";
  environment: Record<string, string>;
  logs: { retention: RetentionDays; encryptionKey?: IKey | undefined };
  /** Of all copies together. */
  reservedConcurrency?: number | undefined;
  /** ARNs. */
  layers?: readonly string[] | undefined;
  network?: PoolNetwork | undefined;
}

/** How Lambda treats events of an asynchronous invocation. */
export interface EventHandling {
  /** How long an event may wait for room, 60 to 21,600. Lambda's default is six hours. */
  maxAgeSeconds: number;
  /** Told of every event that failed or grew too old. Lambda calls it in this function's name, so its role must be allowed to. */
  onFailure?: LambdaFunction;
}

/** A Lambda function of the cluster, or several that are all the same, with a log, and a role that may do nothing but what `allow` grants. */
export class ClusterFunction extends Construct {
  readonly functions: readonly LambdaFunction[];
  readonly #policy: Policy;

  /** The only one, or the first. */
  get function(): LambdaFunction {
    const [first] = this.functions;
    if (!first) throw new Error(`${this.node.path} has no function`);
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
          // Scheduler and engines call each other in a chain; after about 16 hops Lambda would cut it.
          recursiveLoop: RecursiveLoop.ALLOW,
          ...(versions.length > 0 && { layers: versions }),
          ...(reservedConcurrency !== undefined && {
            reservedConcurrentExecutions: reservedFor(at, { burst: copies }, reservedConcurrency),
          }),
          ...inVpc,
        }),
    );
    // A policy of its own, beside the function: as the role's default policy it would have to be there before
    // the function, and engine → its policy → report → engine would be a circle.
    this.#policy = new Policy(this, "Policy", { roles: [role], statements: [writeLog(logGroup)] });
    if (network.vpc) {
      const interfaces = new Policy(this, "Network", { roles: [role], statements: [keepInterfaces()] });
      acknowledgeAnyInterface(interfaces);
      // Lambda checks the role for these before it makes the function.
      for (const one of this.functions) one.node.addDependency(interfaces);
      this.allow(leaveInterfaces(this.functions));
    }
  }

  allow(...statements: PolicyStatement[]): void {
    this.#policy.addStatements(...statements);
  }

  /** Sets what becomes of asynchronous events. They are never retried: every retry is the scheduler's own decision. */
  handleEvents({ maxAgeSeconds, onFailure }: EventHandling): void {
    for (const [at, { functionName }] of this.functions.entries()) {
      const config = new CfnEventInvokeConfig(this, idOfCopy("Events", at), {
        functionName,
        qualifier: "$LATEST",
        maximumRetryAttempts: 0,
        maximumEventAgeInSeconds: maxAgeSeconds,
        ...(onFailure && { destinationConfig: { onFailure: { destination: onFailure.functionArn } } }),
      });
      // Lambda checks that the role may call the destination, so the policy is there first.
      config.node.addDependency(this.#policy);
    }
  }

  /** Where the functions are; copies share what they have of their own there. */
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

/** The first is called what it would be without others, so that others can come and go without it. */
function idOfCopy(id: string, at: number): string {
  return at === 0 ? id : `${id}-${at + 1}`;
}
