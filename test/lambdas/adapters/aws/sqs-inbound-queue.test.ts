import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { createSqsInboundQueue } from '../../../../lambdas/adapters/aws/sqs-inbound-queue.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => sqs.reset());
afterAll(() => sqs.restore());

const queue = createSqsInboundQueue(new SQSClient({}), 'https://queue.example/inbound.fifo');
const aMessage = (name: string) => ({
  groupId: `group-${name}`,
  deduplicationId: `dedup-${name}`,
  body: `{"${name}":1}`,
});

it('the inbound queue takes messages of several groups in one call', async () => {
  sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });

  await queue.send([aMessage('a'), aMessage('b')]);

  expect(sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input)).toEqual([
    {
      QueueUrl: 'https://queue.example/inbound.fifo',
      Entries: [
        { Id: '0', MessageBody: '{"a":1}', MessageGroupId: 'group-a', MessageDeduplicationId: 'dedup-a' },
        { Id: '1', MessageBody: '{"b":1}', MessageGroupId: 'group-b', MessageDeduplicationId: 'dedup-b' },
      ],
    },
  ]);
});

it('the inbound queue leaves room for the fields of a batch under the 1 MiB of SQS', () => {
  expect(queue.maxBodyBytes).toBeLessThan(1024 * 1024 - 10 * 500);
});

it.each([
  ['with a code', [{ Id: '1', SenderFault: false, Code: 'InternalError' }], 'InternalError'],
  ['without a code', [{ Id: '1', SenderFault: false, Code: undefined }], 'unknown'],
])('one message that SQS refuses %s fails the whole send', async (_name, Failed, code) => {
  sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });

  await expect(queue.send([aMessage('a'), aMessage('b')])).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `queue refused 1 of 2 messages: ${code}`,
    details: { code },
  });
});

it('a send that fails as a whole names the error of AWS', async () => {
  sqs.on(SendMessageBatchCommand).rejects(Object.assign(new Error('no'), { name: 'RequestThrottled' }));

  await expect(queue.send([aMessage('a')])).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: 'queue send failed: RequestThrottled',
    details: { code: 'RequestThrottled' },
  });
});
