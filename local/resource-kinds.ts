// Which resource types the local run knows, and what Ref and Fn::GetAtt of them give.
// The types without local behaviour are a reviewed list: an unknown type stops the run instead of being passed over.
import type { AwsService } from './aws/local-aws.ts';

/** The account, region and endpoint the templates are read for. */
export interface World {
  awsUrl: string;
  region: string;
  accountId: string;
}

type Give = (name: string, world: World) => string;

export interface ResourceKind {
  /** Property that holds the physical name; without it the name is made from stack and logical id. */
  nameProperty?: string;
  /** Set where the runner creates or runs something, so that the name must be explicit. */
  active?: true;
  /** The service functions call when they use this resource. */
  service?: AwsService;
  ref: Give;
  attributes: Record<string, Give>;
}

const byName: Give = (name) => name;
const arn =
  (service: string, prefix = ''): Give =>
  (name, { region, accountId }) =>
    `arn:aws:${service}:${region}:${accountId}:${prefix}${name}`;
const bucketArn: Give = (name) => `arn:aws:s3:::${name}`;
const roleArn: Give = (name, { accountId }) => `arn:aws:iam::${accountId}:role/${name}`;
const queueUrl: Give = (name, { awsUrl, accountId }) => `${awsUrl}/${accountId}/${name}`;

const table: ResourceKind = {
  nameProperty: 'TableName',
  active: true,
  service: 'dynamodb',
  ref: byName,
  attributes: { Arn: arn('dynamodb', 'table/') },
};
const passive: ResourceKind = { ref: byName, attributes: {} };

/** By CloudFormation type. */
export const resourceKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    active: true,
    service: 'sqs',
    ref: queueUrl,
    attributes: { Arn: arn('sqs'), QueueName: byName, QueueUrl: queueUrl },
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    active: true,
    service: 's3',
    ref: byName,
    attributes: { Arn: bucketArn },
  },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    active: true,
    service: 'secretsmanager',
    ref: arn('secretsmanager', 'secret:'),
    attributes: { Id: arn('secretsmanager', 'secret:') },
  },
  'AWS::SSM::Parameter': {
    nameProperty: 'Name',
    active: true,
    service: 'ssm',
    ref: byName,
    attributes: { Type: () => 'String' },
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    active: true,
    ref: byName,
    attributes: { Arn: arn('lambda', 'function:') },
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    active: true,
    service: 'states',
    ref: arn('states', 'stateMachine:'),
    attributes: { Arn: arn('states', 'stateMachine:'), Name: byName },
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    active: true,
    ref: byName,
    attributes: { Arn: arn('events', 'rule/') },
  },
  'AWS::Lambda::LayerVersion': { ref: arn('lambda', 'layer:'), attributes: {} },
  'AWS::Lambda::EventSourceMapping': passive,
  'AWS::ApiGatewayV2::Api': {
    ref: byName,
    attributes: {
      ApiId: byName,
      ApiEndpoint: (name, { region }) => `https://${name}.execute-api.${region}.amazonaws.com`,
    },
  },
  'AWS::ApiGatewayV2::Integration': passive,
  'AWS::ApiGatewayV2::Route': passive,
  'AWS::ApiGatewayV2::Stage': passive,

  // Without local behaviour.
  'AWS::CDK::Metadata': passive,
  'AWS::CloudWatch::Alarm': {
    nameProperty: 'AlarmName',
    ref: byName,
    attributes: { Arn: arn('cloudwatch', 'alarm:') },
  },
  'AWS::CloudWatch::CompositeAlarm': {
    nameProperty: 'AlarmName',
    ref: byName,
    attributes: { Arn: arn('cloudwatch', 'alarm:') },
  },
  'AWS::CloudWatch::Dashboard': passive,
  'AWS::IAM::ManagedPolicy': passive,
  'AWS::IAM::Policy': passive,
  'AWS::IAM::Role': { nameProperty: 'RoleName', ref: byName, attributes: { Arn: roleArn } },
  'AWS::KMS::Alias': passive,
  'AWS::KMS::Key': { ref: byName, attributes: { Arn: arn('kms', 'key/') } },
  'AWS::Lambda::Permission': passive,
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    ref: byName,
    attributes: { Arn: arn('logs', 'log-group:') },
  },
  'AWS::Logs::MetricFilter': passive,
  'AWS::S3::BucketPolicy': passive,
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: arn('sns'),
    attributes: { TopicArn: arn('sns'), TopicName: byName },
  },
  'AWS::SNS::TopicPolicy': passive,
  'AWS::SQS::QueuePolicy': passive,
};

/** @throws Error when the type is not on the list. */
export function findKind(type: string, where: string): ResourceKind {
  const kind = Object.hasOwn(resourceKinds, type) ? resourceKinds[type] : undefined;
  if (!kind) throw new Error(`${where}: the local run does not know resource type ${type}`);
  return kind;
}
