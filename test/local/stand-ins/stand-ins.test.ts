import { BoundedMap } from '../../../local/stand-ins/bounded-map.ts';
import { RequestLog } from '../../../local/stand-ins/request-log.ts';
import { startStandIns } from '../../../local/stand-ins/stand-ins.ts';
import { Timers } from '../../../local/stand-ins/timers.ts';
import { phoneNumberId, secretsOf, sendJson, startBench, waitUntil } from './stand-in-bench.ts';

const number = { phoneNumberId, integrationId: 'one' };
const bridgeUrl = () => 'http://127.0.0.1:1';

test('serves both providers on one loopback port', async () => {
  const bench = await startBench();

  expect(bench.metaUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/meta$/);
  expect(bench.genesysUrl).toBe(bench.metaUrl.replace(/meta$/, 'genesys'));
  const elsewhere = await fetch(bench.metaUrl.replace(/meta$/, 'twilio/_requests'));
  expect(elsewhere.status).toBe(404);
  expect(await elsewhere.json()).toEqual({ message: expect.stringContaining('/meta and /genesys') });
  await bench.close();
});

test('stops answering and retrying once closed', async () => {
  const bench = await startBench((delayMs) => (delayMs === 20_000 ? 2_000 : 60_000));
  bench.answers.push(500);
  await sendJson(`${bench.metaUrl}/_send`, 'POST', { message: { type: 'text', text: { body: 'Hi' } } });

  await bench.close();

  await expect(fetch(`${bench.metaUrl}/_requests`)).rejects.toThrow();
  expect(bench.webhooks).toHaveLength(1);
});

test('ends an attempt under way when closed', async () => {
  const bench = await startBench(() => 60_000);
  bench.answers.push('hang');
  const sent = sendJson(`${bench.metaUrl}/_send`, 'POST', {
    message: { type: 'text', text: { body: 'Hi' } },
  });
  sent.catch(() => {});
  await waitUntil(() => bench.webhooks.length === 1);

  await bench.close();

  await expect(sent).rejects.toThrow();
});

test('answers a send without status while the bridge is not there', async () => {
  const standIns = await startStandIns({
    port: 0,
    bridgeUrl,
    numbers: [number],
    secrets: { [phoneNumberId]: secretsOf('one') },
  });

  const response = await sendJson(`${standIns.metaUrl}/_send`, 'POST', { message: { type: 'text' } });

  expect(await response.json()).toMatchObject({ status: null });
  await standIns.close();
});

test('refuses to start without numbers or secrets, or on a port in use', async () => {
  await expect(startStandIns({ port: 0, bridgeUrl, numbers: [], secrets: {} })).rejects.toThrow(
    'at least one number',
  );
  await expect(startStandIns({ port: 0, bridgeUrl, numbers: [number], secrets: {} })).rejects.toThrow(
    `number ${phoneNumberId} has no secrets`,
  );
  const bench = await startBench();
  const options = { bridgeUrl, numbers: [number], secrets: { [phoneNumberId]: secretsOf('one') } };
  const port = Number(new URL(bench.metaUrl).port);
  await expect(startStandIns({ port, ...options })).rejects.toThrow('EADDRINUSE');
  await bench.close();
});

test('answers 500 with the reason when a webhook cannot be signed', async () => {
  const standIns = await startStandIns({
    port: 0,
    bridgeUrl,
    numbers: [number],
    secrets: { [phoneNumberId]: { ...secretsOf('one'), metaAppSecret: undefined as never } },
  });

  const response = await sendJson(`${standIns.metaUrl}/_send`, 'POST', { message: { type: 'text' } });

  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: expect.stringContaining('key') });
  await standIns.close();
});

test('refuses a body that no provider would take', async () => {
  const bench = await startBench();

  const response = await fetch(`${bench.metaUrl}/_media`, {
    method: 'POST',
    body: new Uint8Array(111 * 1024 * 1024),
  }).catch((error: unknown) => error);

  // The connection may be gone before the whole body is written.
  if (response instanceof Response) expect(response.status).toBe(413);
  else expect(response).toBeInstanceOf(Error);
  await bench.close();
});

test('the request log forgets the oldest rows beyond its limits', () => {
  const row = {
    at: 0,
    method: 'GET',
    path: '/',
    query: {},
    headers: {},
    body: null,
    status: 200,
    response: null,
  };
  const log = new RequestLog({ rows: 2, bytes: 10 });
  const listed = () => log.list(0).map(({ seq }) => seq);

  for (const size of [1, 1, 1]) log.add(row, size);
  expect(listed()).toEqual([2, 3]);
  log.add(row, 9);
  expect(listed()).toEqual([3, 4]);
  log.add(row, 50);
  expect(listed()).toEqual([5]);
});

test('a bounded map forgets its oldest entry', () => {
  const map = new BoundedMap<number>(2);

  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);

  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
});

test('timers run once, can be cancelled, and start nothing after closing', async () => {
  const timers = new Timers();
  const runs: string[] = [];

  timers.start(0, () => runs.push('cancelled'))();
  timers.start(0, () => runs.push('ran'));
  await timers.wait(1);
  timers.start(0, () => runs.push('closed'));
  timers.close();
  timers.start(0, () => runs.push('late'))();
  await new Promise((resolve) => setTimeout(resolve, 5));

  expect(runs).toEqual(['ran']);
});
