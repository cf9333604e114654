/** What this cloud makes of a resource: it deploys it, or passes it over; any other type it refuses. */
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

/** Whatever there would be done for these, what the functions do is the same. */
const PASSED_OVER = [
  // No metadata is sent, logs are kept anyhow, and bucket policies insist on TLS, which loopback has not.
  "AWS::CDK::Metadata",
  "AWS::Logs::LogGroup",
  "AWS::S3::BucketPolicy",
  // Nothing is encrypted on this machine.
  "AWS::KMS::Alias",
  "AWS::KMS::Key",
  // Nobody watches.
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
  // The CDK's own, which tidy up what is passed over, or goes with the cloud.
  "Custom::LogRetention",
  "Custom::S3AutoDeleteObjects",
  "Custom::VpcRestrictDefaultSG",
  // There is one network, this machine's.
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

/** What becomes of resources of a type; undefined for one that would be missed. */
export function treatmentOf(type: string): Treatment | undefined {
  return TREATMENTS.get(type);
}
