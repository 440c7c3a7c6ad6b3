// What a worker cannot finish in all its receives: it is parked in its order with its reason, or ends visibly.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { StoredRecord } from './local-run.ts';
import { LocalRun, until } from './local-run.ts';
import { Writers } from './writers.ts';

let run: LocalRun;
let writers: Writers;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/dead-letters-tenant.json');
}, 90_000);
afterAll(() => run?.stop());
beforeEach(async () => {
  await run.calm();
  writers = new Writers(run);
});
jest.setTimeout(300_000);

const metric = async (name: string) => (await run.metrics())[name] ?? 0;

describe('a message that crashes its worker at every receive', () => {
  it('is parked in its order with all that is behind it, and delivered by redelivery', async () => {
    const [customer = ''] = writers.invite(1);
    const deadBefore = await metric('DeadLetters');
    // The worker hangs in its first call until it is ended, and nothing it asks for takes effect. Redelivery cannot do
    // anything either, so that the park can be looked at.
    const refusal = { service: 'dynamodb', action: { error: 'InternalServerError' } };
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [
      { ...refusal, function: 'dead-local-inbound-worker', delayMs: 10_000 },
      { ...refusal, function: 'dead-local-redelivery' },
    ]);

    const crashed = [...(await writers.write(customer, 2)), ...(await writers.write(customer, 1))];
    for (const id of crashed) {
      const record = await run.untilStatus(id, 'PARKED', 200_000);
      expect(record).toMatchObject({ reason: 'dead-letter', attempts: 1, ambiguous: 0 });
    }
    expect((await metric('DeadLetters')) - deadBefore).toBe(2);
    await run.tell('DELETE', `${run.endpoints.control}/_faults`);
    await writers.write(customer, 2);

    await writers.untilArrived([customer], 90_000);
    const fates = await writers.expectWhole([customer]);
    expect(fates.every(({ record }) => (record?.attempts ?? 0) >= 1)).toBe(true);
    await writers.untilAllRunsEnded();
  });
});

describe('a body in the queue that nobody can read', () => {
  it('ends FAILED with its bytes in the archive, and its customer goes on', async () => {
    const failedBefore = await metric('Messages.FAILED');
    const client = new SQSClient({
      endpoint: run.endpoints.aws,
      region: 'eu-west-1',
      useQueueUrlAsEndpoint: false,
      credentials: { accessKeyId: 'runner.test', secretAccessKey: 'dummy' },
    });
    const body = `{"v":1,"items":"nobody wrote this ${process.pid}"}`;
    await client.send(
      new SendMessageCommand({
        QueueUrl: `${run.endpoints.aws}/000000000000/dead-local-inbound.fifo`,
        MessageGroupId: 'somebody',
        MessageDeduplicationId: `unreadable-${process.pid}`,
        MessageBody: body,
      }),
    );
    client.destroy();
    const [customer = ''] = writers.invite(1);
    await writers.write(customer);

    await writers.untilArrived([customer], 20_000);
    await until(
      () => metric('Messages.FAILED'),
      (failed) => failed === failedBefore + 1,
      200_000,
    );
    const [object] = await run.get<{ key: string }[]>(`${run.endpoints.control}/_objects?prefix=unreadable/`);
    const [, id = ''] = /\/([0-9a-f]+)\.txt$/.exec(object?.key ?? '') ?? [];
    const records = await run.get<StoredRecord[]>(`${run.endpoints.control}/_ledger?id=${id}`);
    expect(records).toMatchObject([{ status: 'FAILED', reason: 'unreadable', rawKey: object?.key }]);
  });
});
