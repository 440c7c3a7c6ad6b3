import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InvokeResult } from '../../local/invocation.ts';
import { type QueuePump, startQueuePump } from '../../local/queue-pump.ts';
import type { SqsRecord } from '../../local/sqs-event.ts';

/** Plays SQS: hands out batches that were put in, keeps the poll open otherwise, notes what is deleted. */
class PlayedQueue {
  readonly batches: string[][] = [];
  readonly received: Record<string, unknown>[] = [];
  readonly deleted: string[] = [];
  failReceives = 0;
  failDeletes = 0;
  polls: ServerResponse[] = [];
  aborted = 0;
  readonly server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const input = JSON.parse(Buffer.concat(chunks).toString());
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage') return this.receive(input, response);
    if (this.failDeletes-- > 0) return refuse(response);
    this.deleted.push(...input.Entries.map((entry: { ReceiptHandle: string }) => entry.ReceiptHandle));
    answer(response, { Successful: input.Entries.map(({ Id }: { Id: string }) => ({ Id })), Failed: [] });
  });

  receive(input: Record<string, unknown>, response: ServerResponse): void {
    this.received.push(input);
    if (this.failReceives-- > 0) {
      refuse(response);
      return;
    }
    this.polls.push(response);
    response.on('close', () => {
      if (!response.writableEnded) this.aborted++;
    });
    this.handOut();
  }

  put(...batch: string[]): void {
    this.batches.push(batch);
    this.handOut();
  }

  handOut(): void {
    const response = this.batches.length > 0 ? this.polls.shift() : undefined;
    if (!response) return;
    const Messages = this.batches.shift()?.map((id) => ({
      MessageId: id,
      ReceiptHandle: `handle-${id}`,
      Body: `body-${id}`,
      MD5OfBody: createHash('md5').update(`body-${id}`).digest('hex'),
      Attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'g' },
    }));
    answer(response, { Messages });
  }
}

function answer(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ __type: 'QueueDoesNotExist', message: 'no such queue' }));
}

let queue: PlayedQueue;
let pump: QueuePump | undefined;
const trouble: string[] = [];

beforeEach(async () => {
  queue = new PlayedQueue();
  trouble.length = 0;
  await new Promise<void>((resolve) => queue.server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await pump?.stop();
  queue.server.closeAllConnections();
  await new Promise((resolve) => queue.server.close(resolve));
});

type Invoke = (records: SqsRecord[]) => Promise<InvokeResult>;

function startPump(invoke: Invoke, change: { maxConcurrency?: number; reportsItemFailures?: boolean } = {}) {
  const endpoint = `http://127.0.0.1:${(queue.server.address() as AddressInfo).port}`;
  pump = startQueuePump({
    source: {
      queueName: 'in.fifo',
      queueArn: 'arn:aws:sqs:eu-west-1:000000000000:in.fifo',
      functionName: 'worker',
      enabled: true,
      batchSize: 7,
      reportsItemFailures: true,
      maxConcurrency: 5,
      ...change,
    },
    queueUrl: `${endpoint}/000000000000/in.fifo`,
    client: { endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } },
    invoke: (_name, event) => invoke((event as { Records: SqsRecord[] }).Records),
    onTrouble: (line) => trouble.push(line),
  });
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const succeed: Invoke = async () => ({ ok: true, value: { batchItemFailures: [] } });

describe('startQueuePump', () => {
  it('polls long, with the batch size of the mapping and all attributes', async () => {
    startPump(succeed);
    await until(() => queue.received.length > 0);

    expect(queue.received[0]).toMatchObject({
      MaxNumberOfMessages: 7,
      WaitTimeSeconds: 20,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
  });

  it('gives the batch to the function and deletes it when all is done', async () => {
    const batches: SqsRecord[][] = [];
    startPump(async (records) => {
      batches.push(records);
      return succeed(records);
    });

    queue.put('a', 'b');
    await until(() => queue.deleted.length > 0);

    expect(queue.deleted).toEqual(['handle-a', 'handle-b']);
    expect(batches[0]?.map(({ messageId, body }) => [messageId, body])).toEqual([
      ['a', 'body-a'],
      ['b', 'body-b'],
    ]);
  });

  it('leaves the failed messages of a batch to their visibility', async () => {
    startPump(async () => ({ ok: true, value: { batchItemFailures: [{ itemIdentifier: 'b' }] } }));

    queue.put('a', 'b', 'c');
    await until(() => queue.deleted.length > 0);

    expect(queue.deleted).toEqual(['handle-a', 'handle-c']);
  });

  it('deletes nothing after a function error', async () => {
    startPump(async ([first]) =>
      first?.messageId === 'a'
        ? { ok: false, error: { errorType: 'E', errorMessage: '', trace: [] } }
        : { ok: true, value: null },
    );

    queue.put('a');
    queue.put('b');
    await until(() => queue.deleted.length > 0);

    expect(queue.deleted).toEqual(['handle-b']);
  });

  it('has no more batches in flight than the mapping allows', async () => {
    const running: ((result: InvokeResult) => void)[] = [];
    startPump(() => new Promise((resolve) => running.push(resolve)), { maxConcurrency: 2 });

    queue.put('a');
    queue.put('b');
    queue.put('c');
    await until(() => running.length === 2);
    expect(queue.received).toHaveLength(2);

    running[0]?.({ ok: true, value: null });
    await until(() => running.length === 3);
    expect(queue.deleted).toEqual(['handle-a']);
  });

  it('tells of trouble with the queue and polls again', async () => {
    queue.failReceives = 1;
    queue.failDeletes = 1;
    startPump(succeed);

    queue.put('a');
    queue.put('b');
    await until(() => queue.deleted.length > 0);

    expect(queue.deleted).toEqual(['handle-b']);
    expect(trouble).toEqual([
      expect.stringContaining('cannot receive from in.fifo'),
      expect.stringContaining('cannot delete from in.fifo'),
    ]);
  });

  it('ends its long poll when it is stopped, without a word', async () => {
    startPump(succeed);
    await until(() => queue.polls.length > 0);

    await pump?.stop();
    await until(() => queue.aborted === 1);

    expect(trouble).toEqual([]);
  });

  it('does not wait for a batch that hangs when it is stopped', async () => {
    let started = 0;
    startPump(() => new Promise(() => started++), { maxConcurrency: 1 });
    queue.put('a');
    await until(() => started === 1);

    await pump?.stop();

    expect(queue.deleted).toEqual([]);
  });
});
