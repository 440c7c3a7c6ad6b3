import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { queueUrl } from '../../../local/aws/provision.ts';
import { startTestAws, type TestAws, waitFor } from './aws-harness.ts';

let aws: TestAws;
let sqs: SQSClient;
let lastQueue = 0;

beforeAll(async () => {
  aws = await startTestAws();
  sqs = new SQSClient({ ...aws.asFunction('worker'), maxAttempts: 1 });
});

afterAll(async () => {
  sqs.destroy();
  await aws.stop();
});

async function aQueue(attributes: Record<string, string> = {}, kind = '.fifo'): Promise<string> {
  lastQueue += 1;
  const name = `queue-${lastQueue}${kind}`;
  const fifo: Record<string, string> = kind ? { FifoQueue: 'true' } : {};
  const queue = { name, attributes: { ...fifo, ...attributes } };
  await aws.ask('provision', { tables: [], queues: [queue], buckets: [], secrets: [] });
  return queueUrl({ url: aws.url, accountId: '000000000000' }, name);
}

async function send(url: string, group: string, ...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    const fifo = { MessageGroupId: group, MessageDeduplicationId: `${group}-${MessageBody}` };
    await sqs.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody, ...(url.endsWith('.fifo') && fifo) }),
    );
  }
}

async function receive(
  url: string,
  options: { wait?: number; visibility?: number } = {},
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: options.wait ?? 0,
    VisibilityTimeout: options.visibility,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return (await sqs.send(command)).Messages ?? [];
}

const bodiesOf = (messages: Message[]) => messages.map(({ Body }) => Body);
const countsOf = (messages: Message[]) =>
  messages.map(({ Attributes }) => Attributes?.ApproximateReceiveCount);
const FIVE = ['m0', 'm1', 'm2', 'm3', 'm4'];

test('receives five messages of one group in one call, and again in order after they expire', async () => {
  const url = await aQueue({ VisibilityTimeout: '1' });
  await send(url, 'g', ...FIVE);

  const first = await receive(url);
  const between = await receive(url);
  const second = await receive(url, { wait: 5 });

  expect(bodiesOf(first)).toEqual(FIVE);
  expect(between).toEqual([]);
  expect(bodiesOf(second)).toEqual(FIVE);
  expect(countsOf(second)).toEqual(['2', '2', '2', '2', '2']);
});

test('keeps the order of a group when visibility is given back in any order, before a later message', async () => {
  const url = await aQueue();
  await send(url, 'g', 'm0', 'm1', 'm2');
  const received = await receive(url);
  await send(url, 'g', 'm3');

  const Entries = [2, 0, 1].map((index) => ({
    Id: String(index),
    ReceiptHandle: received[index]?.ReceiptHandle,
    VisibilityTimeout: 0,
  }));
  await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));

  expect(bodiesOf(await receive(url))).toEqual(['m0', 'm1', 'm2', 'm3']);
});

test('keeps a group locked until the last of its messages in flight is back', async () => {
  const url = await aQueue();
  await send(url, 'g', 'm0', 'm1');
  const [head, follower] = await receive(url);
  const giveBack = (id: string, message?: Message) =>
    sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: url,
        Entries: [{ Id: id, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }],
      }),
    );

  await giveBack('head', head);
  const whileLocked = await receive(url);
  await giveBack('follower', follower);

  expect(whileLocked).toEqual([]);
  expect(bodiesOf(await receive(url))).toEqual(['m0', 'm1']);
});

test('extends visibility without giving the message back', async () => {
  const url = await aQueue({ VisibilityTimeout: '1' });
  await send(url, 'g', 'm0');
  const [message] = await receive(url);

  const Entries = [{ Id: 'a', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 60 }];
  await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));

  expect(await receive(url, { wait: 2 })).toEqual([]);
});

test('gives out the groups of a batch together and never a locked one', async () => {
  const url = await aQueue();
  await send(url, 'a', 'a0', 'a1');
  await receive(url);
  await send(url, 'a', 'a2');
  await send(url, 'b', 'b0', 'b1');
  await send(url, 'c', 'c0');

  expect(bodiesOf(await receive(url))).toEqual(['b0', 'b1', 'c0']);
});

test('gives out at most ten messages and goes on in order once they are deleted', async () => {
  const url = await aQueue();
  const bodies = Array.from({ length: 12 }, (_, index) => `m${index}`);
  await send(url, 'g', ...bodies);

  const first = await receive(url);
  for (const { ReceiptHandle } of first)
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));

  expect(bodiesOf(first)).toEqual(bodies.slice(0, 10));
  expect(bodiesOf(await receive(url))).toEqual(['m10', 'm11']);
});

test('moves a message to the dead-letter queue when it is received once too often, and the next one follows', async () => {
  const deadUrl = await aQueue();
  const deadLetterTargetArn = `arn:aws:sqs:eu-west-1:000000000000:${deadUrl.split('/').at(-1)}`;
  const url = await aQueue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) });
  await send(url, 'g', 'poison');
  await receive(url, { visibility: 0 });
  await receive(url, { visibility: 0 });
  await send(url, 'g', 'healthy');

  const afterwards = await receive(url);

  expect(bodiesOf(afterwards)).toEqual(['healthy']);
  expect(bodiesOf(await receive(deadUrl))).toEqual(['poison']);
});

test('goes on giving out a message whose dead-letter queue does not exist', async () => {
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:none',
    maxReceiveCount: 1,
  });
  const url = await aQueue({ RedrivePolicy });
  await send(url, 'g', 'm0');
  await receive(url, { visibility: 0 });

  expect(bodiesOf(await receive(url))).toEqual(['m0']);
});

test('carries emoji and message attributes, and refuses characters that SQS refuses', async () => {
  const url = await aQueue();
  const attributes = { kind: { DataType: 'String', StringValue: 'text' } };
  const base = { QueueUrl: url, MessageGroupId: 'g' };

  await sqs.send(
    new SendMessageCommand({
      ...base,
      MessageBody: 'héllo 😀',
      MessageDeduplicationId: '1',
      MessageAttributes: attributes,
    }),
  );
  const refused = sqs.send(
    new SendMessageCommand({ ...base, MessageBody: 'bad \uffff', MessageDeduplicationId: '2' }),
  );

  await expect(refused).rejects.toThrow(/[Ii]nvalid/);
  const [message] = await receive(url);
  expect(message?.Body).toBe('héllo 😀');
  expect(message?.MessageAttributes?.kind?.StringValue).toBe('text');
});

test('wakes a long poll when a message arrives', async () => {
  const url = await aQueue();

  const poll = receive(url, { wait: 20 });
  await pollIsWaiting(url);
  await send(url, 'g', 'm0');

  expect(bodiesOf(await poll)).toEqual(['m0']);
});

test('does not wake a long poll for a message of a locked group, but when the group opens', async () => {
  const url = await aQueue();
  await send(url, 'g', 'm0');
  const [held] = await receive(url);

  const poll = receive(url, { wait: 20 });
  let isOver = false;
  void poll.then(() => {
    isOver = true;
  });
  await pollIsWaiting(url, 2);
  await send(url, 'g', 'm1');
  await pollIsWaiting(url, 2);
  const wasOverEarly = isOver;
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: held?.ReceiptHandle }));

  expect(wasOverEarly).toBe(false);
  expect(bodiesOf(await poll)).toEqual(['m1']);
});

test('answers a long poll empty when its time is over', async () => {
  const url = await aQueue();
  const startedAt = Date.now();

  expect(await receive(url, { wait: 1 })).toEqual([]);

  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(950);
});

test('lets an aborted long poll take no message', async () => {
  const url = await aQueue();
  const stop = new AbortController();
  const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
  const poll = sqs.send(command, { abortSignal: stop.signal });
  await pollIsWaiting(url);

  stop.abort();
  await expect(poll).rejects.toThrow('aborted');
  // One more round trip, after which the server has seen the connection close.
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  await send(url, 'g', 'm0');

  const messages = await receive(url);
  expect(bodiesOf(messages)).toEqual(['m0']);
  expect(countsOf(messages)).toEqual(['1']);
});

test('wakes the second of two waiting polls for the second group', async () => {
  const url = await aQueue();
  const polls = [receive(url, { wait: 20 }), receive(url, { wait: 20 })];
  await pollIsWaiting(url, 2);

  await send(url, 'a', 'a0');
  await send(url, 'b', 'b0');

  expect(new Set((await Promise.all(polls)).flatMap(bodiesOf))).toEqual(new Set(['a0', 'b0']));
});

test('serves a standard queue too', async () => {
  const url = await aQueue({}, '');
  const poll = receive(url, { wait: 20, visibility: 0 });
  await pollIsWaiting(url);

  await send(url, '', 'm0');

  expect(bodiesOf(await poll)).toEqual(['m0']);
  expect(bodiesOf(await receive(url))).toEqual(['m0']);
});

/** Resolves when the queue has been asked `count` times; every ask but the last has been answered. */
async function pollIsWaiting(url: string, count = 1): Promise<void> {
  const name = url.split('/').at(-1);
  await waitFor(async () => {
    const calls = await aws.ask('calls', 0);
    const polls = calls.filter((call) => call.operation === 'ReceiveMessage' && call.resource === name);
    return polls.length >= count || undefined;
  });
  // The call is recorded just before it is served: one more round trip and it waits.
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
}
