import { DeleteMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { createDeleteRecords } from '../../../../lambdas/adapters/aws/sqs-deletion.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => sqs.reset());
afterAll(() => sqs.restore());

const deleteRecords = createDeleteRecords(new SQSClient({}), 'https://queue.example/inbound.fifo');

it('deletes messages in one call', async () => {
  sqs.on(DeleteMessageBatchCommand).resolves({});

  await deleteRecords(['handle-a', 'handle-b']);

  expect(sqs.commandCalls(DeleteMessageBatchCommand).map(({ args }) => args[0].input)).toEqual([
    {
      QueueUrl: 'https://queue.example/inbound.fifo',
      Entries: [
        { Id: '0', ReceiptHandle: 'handle-a' },
        { Id: '1', ReceiptHandle: 'handle-b' },
      ],
    },
  ]);
});

it.each([
  ['with a code', 'ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid'],
  ['without a code', undefined, 'unknown'],
])('a message that could not be deleted is reported (%s)', async (_name, Code, code) => {
  sqs
    .on(DeleteMessageBatchCommand)
    .resolves({ Successful: [], Failed: [{ Id: '1', SenderFault: true, Code }] });

  await expect(deleteRecords(['handle-a', 'handle-b'])).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `queue kept 1 of 2 messages: ${code}`,
    details: { code },
  });
});

it('a call that fails as a whole names the error of AWS', async () => {
  sqs.on(DeleteMessageBatchCommand).rejects(Object.assign(new Error('no'), { name: 'TimeoutError' }));

  await expect(deleteRecords(['handle-a'])).rejects.toMatchObject({
    message: 'queue delete failed: TimeoutError',
  });
});
