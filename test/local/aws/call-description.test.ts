import type { IncomingMessage } from 'node:http';
import type { ArrivedRequest } from '../../../local/aws/arrived-request.ts';
import { describeCall } from '../../../local/aws/call-description.ts';

function aRequest(
  method: string,
  target: string,
  options: { headers?: Record<string, string>; body?: string } = {},
): ArrivedRequest {
  const [path = '', query = ''] = target.split('?');
  const wire = { headers: options.headers ?? {} } as IncomingMessage;
  return {
    wire,
    method,
    target,
    path,
    query: new URLSearchParams(query),
    body: Buffer.from(options.body ?? ''),
  };
}

const stateMachine = 'arn:aws:states:eu-west-1:000000000000:stateMachine:redelivery';
const secretArn = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:number-1-a1b2c3';

test.each([
  ['dynamodb', 'DynamoDB_20120810.PutItem', { TableName: 'ledger' }, 'ledger'],
  [
    'dynamodb',
    'DynamoDB_20120810.GetItem',
    { TableName: 'arn:aws:dynamodb:eu-west-1:0:table/ledger' },
    'ledger',
  ],
  ['dynamodb', 'DynamoDB_20120810.BatchGetItem', { RequestItems: { a: {}, b: {} } }, 'a,b'],
  [
    'dynamodb',
    'DynamoDB_20120810.TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 'a' } },
        { Update: { TableName: 'b' } },
        { Put: { TableName: 'a' } },
      ],
    },
    'a,b',
  ],
  ['dynamodb', 'DynamoDB_20120810.ListTables', {}, ''],
  ['sqs', 'AmazonSQS.SendMessage', { QueueUrl: 'http://127.0.0.1:1/000000000000/in.fifo' }, 'in.fifo'],
  ['sqs', 'AmazonSQS.CreateQueue', { QueueName: 'in.fifo' }, 'in.fifo'],
  ['secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: 'number-1' }, 'number-1'],
  ['secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: secretArn }, 'number-1'],
  ['secretsmanager', 'secretsmanager.CreateSecret', { Name: 'number-1' }, 'number-1'],
  ['ssm', 'AmazonSSM.GetParameter', { Name: '/switches' }, '/switches'],
  ['ssm', 'AmazonSSM.GetParameters', { Names: ['/a', '/b'] }, '/a,/b'],
  ['states', 'AWSStepFunctions.StartExecution', { stateMachineArn: stateMachine }, 'redelivery'],
  ['sns', 'Other.Publish', { TopicArn: 'x' }, ''],
])('%s %s', (service, target, body, resource) => {
  const request = aRequest('POST', '/', { headers: { 'x-amz-target': target }, body: JSON.stringify(body) });

  expect(describeCall(service, request)).toEqual({ operation: target.split('.')[1], resource });
});

test.each(['not json', '"text"', 'null', ''])('names no resource when the body is %p', (body) => {
  const request = aRequest('POST', '/', { headers: { 'x-amz-target': 'AmazonSQS.SendMessage' }, body });

  expect(describeCall('sqs', request)).toEqual({ operation: 'SendMessage', resource: '' });
});

test('says Unknown when a request names no operation', () => {
  expect(describeCall('sqs', aRequest('POST', '/'))).toEqual({ operation: 'Unknown', resource: '' });
});

test.each([
  ['GET', '/', 'ListBuckets', ''],
  ['PUT', '/archive', 'CreateBucket', 'archive'],
  ['PUT', '/archive/', 'CreateBucket', 'archive'],
  ['HEAD', '/archive', 'HeadBucket', 'archive'],
  ['DELETE', '/archive', 'DeleteBucket', 'archive'],
  ['GET', '/archive?list-type=2&prefix=raw%2F', 'ListObjectsV2', 'archive'],
  ['GET', '/archive?prefix=raw', 'ListObjects', 'archive'],
  ['GET', '/archive?location', 'GetBucketLocation', 'archive'],
  ['GET', '/archive?uploads', 'ListMultipartUploads', 'archive'],
  ['GET', '/archive?lifecycle', 'GetBucketLifecycleConfiguration', 'archive'],
  ['PUT', '/archive?lifecycle', 'PutBucketLifecycleConfiguration', 'archive'],
  ['POST', '/archive?delete', 'DeleteObjects', 'archive'],
  ['POST', '/archive', 'PostObject', 'archive'],
  ['PUT', '/archive/raw/a%20b.json?x-id=PutObject', 'PutObject', 'archive/raw/a b.json'],
  ['PUT', '/archive/raw/100%.json', 'PutObject', 'archive/raw/100%.json'],
  ['GET', '/archive/raw/a.json', 'GetObject', 'archive/raw/a.json'],
  ['HEAD', '/archive/raw/a.json', 'HeadObject', 'archive/raw/a.json'],
  ['DELETE', '/archive/raw/a.json', 'DeleteObject', 'archive/raw/a.json'],
  ['PUT', '/archive/k?partNumber=1&uploadId=u', 'UploadPart', 'archive/k'],
  ['POST', '/archive/k?uploads', 'CreateMultipartUpload', 'archive/k'],
  ['POST', '/archive/k?uploadId=u', 'CompleteMultipartUpload', 'archive/k'],
  ['DELETE', '/archive/k?uploadId=u', 'AbortMultipartUpload', 'archive/k'],
  ['GET', '/archive/k?uploadId=u', 'ListParts', 'archive/k'],
  ['GET', '/archive/k?attributes', 'GetObjectAttributes', 'archive/k'],
  ['PUT', '/archive/k?tagging', 'PutObjectTagging', 'archive/k'],
  ['GET', '/archive/k?tagging', 'GetObjectTagging', 'archive/k'],
  ['DELETE', '/archive/k?tagging', 'DeleteObjectTagging', 'archive/k'],
])('s3 %s %s is %s', (method, target, operation, resource) => {
  expect(describeCall('s3', aRequest(method, target))).toEqual({ operation, resource });
});

test('s3 copies are told by their source header', () => {
  const headers = { 'x-amz-copy-source': '/archive/k' };

  expect(describeCall('s3', aRequest('PUT', '/archive/l', { headers })).operation).toBe('CopyObject');
  const part = aRequest('PUT', '/archive/l?partNumber=1&uploadId=u', { headers });
  expect(describeCall('s3', part).operation).toBe('UploadPartCopy');
});

test.each([
  ['CUST/PROFILE', { Key: { pk: { S: 'CUST#1#447700900123' }, sk: { S: 'PROFILE' } } }],
  [
    'CUST/PARK',
    { Item: { pk: { S: 'CUST#1#447700900123' }, sk: { S: 'PARK#in#000#' }, body: { S: 'Hello' } } },
  ],
  ['IN', { Key: { pk: { S: 'IN#1#wamid.A' } } }],
  [undefined, { Key: { pk: { S: 'Ana Pires' } } }],
  [undefined, { Key: { pk: { N: '1' } } }],
  [undefined, { KeyConditionExpression: 'pk = :pk' }],
])('an item is told by its kind alone: %s', (item, body) => {
  const headers = { 'x-amz-target': 'DynamoDB_20120810.UpdateItem' };
  const request = aRequest('POST', '/', {
    headers,
    body: JSON.stringify({ TableName: 'customers', ...body }),
  });

  expect(describeCall('dynamodb', request).item).toBe(item);
});
