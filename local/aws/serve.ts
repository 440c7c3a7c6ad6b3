// The embedded AWS as a process of its own: prints its URL as one line of JSON, serves until its input ends.
// node local/aws/serve.ts [--port 0] [--region eu-west-1]

import { parseArgs } from 'node:util';
import { startLocalAws } from './local-aws.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, region: { type: 'string', default: 'eu-west-1' } },
});

const aws = await startLocalAws({
  port: Number(values.port),
  region: values.region,
  accountId: '000000000000',
  services: new Set(['dynamodb', 'sqs', 's3', 'secretsmanager', 'ssm']),
});
console.log(JSON.stringify({ url: aws.url }));
process.stdin.on('end', () => aws.close()).resume();
