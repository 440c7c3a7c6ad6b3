import { aPhone, LocalRun, until } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(60_000);

/** Writes the switches, and lets a new sandbox read them rather than waiting out the minute. */
async function switchTo(switches: unknown): Promise<void> {
  const response = await fetch(run.endpoints.aws, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.PutParameter',
      authorization:
        'AWS4-HMAC-SHA256 Credential=runner.test/20261120/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({
      Name: 'journeys-local-switches',
      Value: typeof switches === 'string' ? switches : JSON.stringify(switches),
      Overwrite: true,
    }),
  });
  expect(response.status).toBe(200);
  await run.tell('POST', `${run.endpoints.control}/_kill`, { function: 'journeys-local-inbound-worker' });
}

describe('a suspended number', () => {
  it('accepts and keeps what customers write, delivers nothing, and goes on without a deploy', async () => {
    const [number = ''] = run.endpoints.numbers;
    const from = aPhone();
    await switchTo({ numbers: { [number]: { suspended: true } } });

    const held = await run.send('held', { from });
    const record = await run.untilStatus(held, 'HELD');

    expect(record).toMatchObject({ reason: 'number-suspended', attention: 'HELD' });
    const raw = await run.get<unknown[]>(`${run.endpoints.control}/_objects?prefix=${record.rawKey}`);
    expect(raw).toHaveLength(1);
    expect(await run.delivered()).toEqual([]);
    await until(
      () => run.metrics(),
      (metrics) => (metrics['Messages.HELD'] ?? 0) > 0,
    );

    await switchTo({});
    await run.send('goes on', { from });
    expect(await run.untilDelivered(1)).toEqual(['goes on']);
  });

  it('is every number while the tenant is suspended; a scrambled switch changes nothing', async () => {
    await switchTo({ suspended: true });
    await run.untilStatus(await run.send('tenant suspended'), 'HELD');

    await switchTo('{"suspended": tru');
    await run.send('delivered all the same');

    expect(await run.untilDelivered(1)).toEqual(['delivered all the same']);
    await until(
      () => run.metrics(),
      (metrics) => (metrics.SwitchesUnreadable ?? 0) > 0,
    );
  });
});
