import type { StackProps } from "aws-cdk-lib";
import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Fantail } from "./fantail.ts";
import type { FantailProps } from "./fantail-props.ts";

/** A stack that holds one cluster, to be deployed as it stands. */
export class FantailStack extends Stack {
  readonly fantail: Fantail;

  constructor(scope: Construct, id: string, { fantail, ...props }: StackProps & { fantail: FantailProps }) {
    super(scope, id, { description: "fantail: map and apply over engines", ...props });
    this.fantail = new Fantail(this, "Fantail", fantail);
  }
}
