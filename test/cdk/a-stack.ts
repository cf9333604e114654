import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { FantailStack, type FantailStackProps } from "../../cdk/fantail-stack.ts";

/** A resource of a template, as CloudFormation reads it. */
export interface TemplateResource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: string;
}

type ClusterProps = FantailStackProps["fantail"];

/** Props of a cluster with two pools that differ in every setting. */
export const TWO_POOLS: Partial<ClusterProps> = {
  engines: [
    { name: "small", count: 4, memoryMb: 512, timeoutSeconds: 60, environment: { LEVEL: "3" }, burst: 2 },
    { name: "large", count: 2, memoryMb: 4096, architecture: "x86_64" },
  ],
  scheme: "twobin",
  hwm: 0,
};

/**
 * Creates a stack with these props, without bundling assets: only their hashes differ in the template.
 *
 * @param isValidated whether the CDK validates the template against CloudFormation's schema. The first time takes 5
 * seconds per process, so that only `options.test.ts` does it. Default: false
 */
export function aStack(props: Partial<ClusterProps> = {}, { isValidated = false } = {}): FantailStack {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: isValidated,
    context: { "aws:cdk:bundling-stacks": [], "@aws-cdk/core:validateAgainstDefaultRules": true },
  });
  return new FantailStack(app, "Fantail", { fantail: { engines: [{ name: "default", count: 4 }], ...props } });
}

/** A template, with accessors for resources and outputs. */
export interface StackTemplate {
  template: Template;
  resources: Record<string, TemplateResource>;
  outputs: Record<string, { Value: unknown }>;
  /** Properties of the resource with this logical id. */
  properties(id: string): Record<string, unknown>;
  /** Logical id of the resource that an output refers to. */
  outputId(output: string): string;
  /** Logical id of the only resource of a type for which `claim` returns true. */
  only(type: string, claim: (resource: TemplateResource, id: string) => boolean): string;
}

/** Reads the template of a stack. Throws if resources depend on each other in a circle. */
export function templateOf(stack: FantailStack): StackTemplate {
  const template = Template.fromStack(stack);
  const json: { Resources?: StackTemplate["resources"]; Outputs?: StackTemplate["outputs"] } = template.toJSON();
  const { Resources: all = {}, Outputs: outputs = {} } = json;
  return {
    template,
    resources: all,
    outputs,
    properties(id) {
      const found = all[id];
      if (!found) throw new Error(`no resource ${id}`);
      return found.Properties;
    },
    outputId(output) {
      const value = outputs[output]?.Value;
      if (typeof value !== "object" || value === null || !("Ref" in value))
        throw new Error(`${output} is no reference`);
      return String(value.Ref);
    },
    only(type, claim) {
      const [id, more] = Object.keys(all).filter((key) => all[key]?.Type === type && claim(all[key], key));
      if (!id || more) throw new Error(`${id ? "more than one" : "no"} ${type} like that`);
      return id;
    },
  };
}
