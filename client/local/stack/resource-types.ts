/**
 * What this cloud does with a resource: `deployed`, or ignored (`passed over`). Resources of any other type are
 * refused.
 */
export type Treatment = "deployed" | "passed over";

const DEPLOYED = [
  "AWS::DynamoDB::Table",
  "AWS::Events::Rule",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Function",
  "AWS::Lambda::Permission",
  "AWS::S3::Bucket",
];

/** Types of resources that do not affect what the functions do. */
const PASSED_OVER = [
  // Usage metadata is for AWS only; logs are kept without a log group; the bucket's policy only requires TLS.
  "AWS::CDK::Metadata",
  "AWS::Logs::LogGroup",
  "AWS::S3::BucketPolicy",
  // Keys: nothing is encrypted on this machine.
  "AWS::KMS::Alias",
  "AWS::KMS::Key",
  // Nothing is monitored.
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
  // Custom resources of the CDK. They clean up resources that are ignored here or removed with the cloud.
  "Custom::LogRetention",
  "Custom::S3AutoDeleteObjects",
  "Custom::VpcRestrictDefaultSG",
  // Networks: functions use this machine's network.
  "AWS::EC2::EIP",
  "AWS::EC2::FlowLog",
  "AWS::EC2::InternetGateway",
  "AWS::EC2::NatGateway",
  "AWS::EC2::Route",
  "AWS::EC2::RouteTable",
  "AWS::EC2::SecurityGroup",
  "AWS::EC2::SecurityGroupEgress",
  "AWS::EC2::SecurityGroupIngress",
  "AWS::EC2::Subnet",
  "AWS::EC2::SubnetRouteTableAssociation",
  "AWS::EC2::VPC",
  "AWS::EC2::VPCEndpoint",
  "AWS::EC2::VPCGatewayAttachment",
];

const TREATMENTS = new Map<string, Treatment>([
  ...DEPLOYED.map((type): [string, Treatment] => [type, "deployed"]),
  ...PASSED_OVER.map((type): [string, Treatment] => [type, "passed over"]),
]);

/** Returns what this cloud does with resources of a type; undefined if it does not support them. */
export function treatmentOf(type: string): Treatment | undefined {
  return TREATMENTS.get(type);
}
