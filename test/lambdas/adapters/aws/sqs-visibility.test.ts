import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { createChangeVisibility } from '../../../../lambdas/adapters/aws/sqs-visibility.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => sqs.reset());
afterAll(() => sqs.restore());

const changeVisibility = createChangeVisibility(new SQSClient({}), 'https://queue.example/inbound.fifo');

it('all messages of a group become visible at the same time', async () => {
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});

  await changeVisibility(['handle-a', 'handle-b'], 7);

  expect(sqs.commandCalls(ChangeMessageVisibilityBatchCommand).map(({ args }) => args[0].input)).toEqual([
    {
      QueueUrl: 'https://queue.example/inbound.fifo',
      Entries: [
        { Id: '0', ReceiptHandle: 'handle-a', VisibilityTimeout: 7 },
        { Id: '1', ReceiptHandle: 'handle-b', VisibilityTimeout: 7 },
      ],
    },
  ]);
});

it.each([
  ['with a code', 'ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid'],
  ['without a code', undefined, 'unknown'],
])('a message whose wait could not be set is reported (%s)', async (_name, Code, code) => {
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({
    Successful: [],
    Failed: [{ Id: '1', SenderFault: true, Code }],
  });

  await expect(changeVisibility(['handle-a', 'handle-b'], 7)).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `queue kept the visibility of 1 of 2 messages: ${code}`,
    details: { code },
  });
});

it('a call that fails as a whole names the error of AWS', async () => {
  sqs
    .on(ChangeMessageVisibilityBatchCommand)
    .rejects(Object.assign(new Error('no'), { name: 'TimeoutError' }));

  await expect(changeVisibility(['handle-a'], 7)).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: 'queue visibility failed: TimeoutError',
  });
});
