// Through the server, by the SDK client; the endpoint given from outside is never asked for Step Functions.
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type LocalAws, startLocalAws } from '../../../local/aws/local-aws.ts';
import { readDefinition } from '../../../local/aws/machine-definition.ts';

const stateMachineArn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:redelivery';
const definition = JSON.stringify({
  StartAt: 'Wait',
  States: {
    Wait: { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Drain' },
    Drain: { Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:000000000000:function:drain', End: true },
  },
});

let aws: LocalAws;
let sfn: SFNClient;
const refused = new URL('http://127.0.0.1:9');

beforeAll(async () => {
  aws = await startLocalAws({
    port: 0,
    region: 'eu-west-1',
    accountId: '000000000000',
    services: new Set(['states']),
    externalEndpoint: refused,
  });
  const machine = {
    name: 'redelivery',
    arn: stateMachineArn,
    ...readDefinition(definition, 'bridge/Redelivery'),
  };
  await aws.hostMachines([machine], async (_name, event) =>
    Object(event).fail
      ? { ok: false, error: { errorType: 'BridgeError', errorMessage: 'no', trace: [] } }
      : { ok: true, value: { state: 'open' } },
  );
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = aws.functionEnv('inbound-worker');
  sfn = new SFNClient({
    endpoint: aws.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'inbound-worker', secretAccessKey },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  sfn.destroy();
  await aws.close();
});

const start = (name: string, input: object = { waitSeconds: 3600 }) =>
  sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));

async function untilClosed(executionArn: string | undefined) {
  for (;;) {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== 'RUNNING') return found;
  }
}

test('an execution is started once however often it is asked for, and listed', async () => {
  const first = await start('once-1');
  const again = await start('once-1');

  expect(first.executionArn).toBe('arn:aws:states:eu-west-1:000000000000:execution:redelivery:once-1');
  expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
  const listed = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
  expect(listed.executions).toMatchObject([{ name: 'once-1', status: 'RUNNING', stateMachineArn }]);
});

test('a name used for another input, or after its end, is refused by name', async () => {
  const { executionArn } = await start('used-1');
  await expect(start('used-1', { waitSeconds: 1 })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });

  const { stopDate } = await sfn.send(
    new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'why' }),
  );

  expect(stopDate).toBeInstanceOf(Date);
  await expect(start('used-1')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'ABORTED',
    error: 'Operator',
    cause: 'why',
  });
});

test('an execution is described with its input, and its output or its error', async () => {
  const good = await start('good-1', { waitSeconds: 0 });
  const bad = await start('bad-1', { waitSeconds: 0, fail: true });

  expect(await untilClosed(good.executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    input: '{"waitSeconds":0}',
    output: '{"state":"open"}',
  });
  const failed = await untilClosed(bad.executionArn);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'BridgeError' });
  expect(failed.output).toBeUndefined();
});

test('calls are recorded under the function that made them', async () => {
  await start('recorded-1');

  expect(aws.calls(0)).toContainEqual(
    expect.objectContaining({ function: 'inbound-worker', service: 'states', operation: 'StartExecution' }),
  );
  expect(aws.executions().map(({ name }) => name)).toContain('recorded-1');
});

test('a machine is described by its definition', async () => {
  const found = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));

  expect(found).toMatchObject({ name: 'redelivery', status: 'ACTIVE', type: 'STANDARD' });
  expect(JSON.parse(found.definition ?? '')).toMatchObject({ StartAt: 'Wait' });
});

test.each([
  ['a machine there is none of', { stateMachineArn: `${stateMachineArn}x` }, 'StateMachineDoesNotExist'],
  ['a name with a blank', { stateMachineArn, name: 'a b' }, 'InvalidName'],
  ['a name that is too long', { stateMachineArn, name: 'a'.repeat(81) }, 'InvalidName'],
  ['an input that is not JSON', { stateMachineArn, input: '{' }, 'InvalidExecutionInput'],
])('a start is refused for %s', async (_what, input, name) => {
  await expect(sfn.send(new StartExecutionCommand(input))).rejects.toMatchObject({ name });
});

test('no other operations are known', async () => {
  await expect(sfn.send(new ListStateMachinesCommand({}))).rejects.toThrow(
    'no local states ListStateMachines',
  );
});
