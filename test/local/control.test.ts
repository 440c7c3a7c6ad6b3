import { request as httpRequest } from 'node:http';
import { type ControlServer, startControl } from '../../local/control.ts';
import { LogStore } from '../../local/log-store.ts';
import { MetricStore } from '../../local/metric-store.ts';
import type { Plan } from '../../local/plan.ts';

const calls = [1, 2, 3].map((seq) => ({
  seq,
  at: 1,
  function: 'door',
  service: 'sqs',
  operation: 'SendMessageBatch',
  resource: 'in.fifo',
}));
const plan = {
  functions: [{ name: 'door', handler: 'index.handler', environment: { SECRET_NAME: 'secret value' } }],
  routes: [{ routeKey: 'POST /webhook/meta', functionName: 'door' }],
  sources: [{ queueName: 'in.fifo', functionName: 'worker' }],
  machines: [
    {
      name: 'redelivery',
      tasks: {
        Drain: { form: 'payload', functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:door' },
      },
    },
  ],
  rules: [
    { name: 'sweep', targets: [{ functionName: 'door' }] },
    { name: 'other', targets: [{ functionName: 'worker' }] },
  ],
} as unknown as Plan;

const logs = new LogStore();
const metrics = new MetricStore();
const events: unknown[] = [];
let faults: unknown[] | undefined;
let control: ControlServer;

beforeAll(async () => {
  logs.add('door', 'one');
  logs.add('door', 'two');
  control = await startControl({
    port: 0,
    plan,
    aws: {
      calls: (since) => calls.filter(({ seq }) => seq > since),
      putFaults: (rules) => {
        if (rules.some(({ service }) => !service)) throw new Error('fault 0 needs a service');
        faults = rules;
      },
      clearFaults: () => {
        faults = undefined;
      },
      executions: () => [
        {
          arn: 'arn:aws:states:eu-west-1:000000000000:execution:redelivery:a-1',
          name: 'a-1',
          machine: 'redelivery',
          machineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:redelivery',
          status: 'RUNNING',
          input: { run: 1 },
          startedAt: 1,
        },
      ],
    },
    host: {
      invoke: async (name, event) => {
        events.push([name, event]);
        return { ok: true, value: 'done' };
      },
      kill: () => 2,
    },
    logs,
    metrics,
    ledger: {
      byCustomer: async (customer) => [{ customer, kinds: new Set(['a']), bytes: new Uint8Array([1]) }],
      byMessage: async (id) => {
        if (id === 'broken') throw new Error('table gone');
        return [{ id }];
      },
      close: () => {},
    },
    objects: {
      list: async (prefix) => [
        { bucket: 'b', key: `${prefix}x`, size: 1, contentType: 't', lastModified: 'l' },
      ],
      close: () => {},
    },
    time: { fireSchedules: async () => ['sweep'], expire: async () => 3 },
  });
});
afterAll(() => control.close());

async function call(method: string, path: string, body?: unknown) {
  const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(control.url + path, { method, ...init });
  return { status: response.status, body: await response.json() };
}

/** With a Host or Origin of its own, which fetch does not send. */
function callAs(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve) => {
    httpRequest(`${control.url}/_metrics`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
}

describe('letting time pass', () => {
  it('does what is due by schedules and deletes what is past its time', async () => {
    expect(await call('POST', '/_due')).toEqual({ status: 200, body: { rules: ['sweep'], expired: 3 } });
  });
});

describe('looking', () => {
  it('gives calls and logs, from the start or since a number', async () => {
    expect((await call('GET', '/_calls')).body).toEqual(calls);
    expect((await call('GET', '/_calls?since=2')).body).toEqual(calls.slice(2));
    expect((await call('GET', '/_logs')).body).toHaveLength(2);
    expect((await call('GET', '/_logs?since=1')).body).toEqual([
      { seq: 2, at: expect.any(Number), function: 'door', line: 'two' },
    ]);
  });

  it('gives metrics and objects', async () => {
    expect((await call('GET', '/_metrics')).body).toEqual({});
    expect((await call('GET', '/_objects?prefix=raw/')).body).toEqual([
      { bucket: 'b', key: 'raw/x', size: 1, contentType: 't', lastModified: 'l' },
    ]);
    expect((await call('GET', '/_objects')).body).toEqual([expect.objectContaining({ key: 'x' })]);
  });

  it('describes the functions and what starts them, their variables by name only', async () => {
    const { body } = await call('GET', '/_functions');

    expect(body).toEqual([
      {
        name: 'door',
        handler: 'index.handler',
        routes: ['POST /webhook/meta'],
        sources: ['redelivery', 'sweep'],
        environment: ['SECRET_NAME'],
      },
    ]);
  });

  it('lists the executions of state machines', async () => {
    const { body } = await call('GET', '/_executions');

    expect(body).toMatchObject([
      { name: 'a-1', machine: 'redelivery', status: 'RUNNING', input: { run: 1 }, startedAt: 1 },
    ]);
  });

  it('finds ledger records by customer or by message', async () => {
    expect((await call('GET', '/_ledger?customer=15550100')).body).toEqual([
      { customer: '15550100', kinds: ['a'], bytes: { base64: 'AQ==' } },
    ]);
    expect((await call('GET', '/_ledger?id=wamid.1')).body).toEqual([{ id: 'wamid.1' }]);
  });
});

describe('making trouble', () => {
  it('puts and clears faults', async () => {
    const rules = [{ service: 'sqs', action: { error: 'InternalError' } }];

    expect(await call('PUT', '/_faults', rules)).toEqual({ status: 200, body: { faults: 1 } });
    expect(faults).toEqual(rules);

    expect((await call('DELETE', '/_faults')).status).toBe(200);
    expect(faults).toBeUndefined();
  });

  it('kills and invokes functions', async () => {
    expect(await call('POST', '/_kill', { function: 'door' })).toEqual({ status: 200, body: { killed: 2 } });
    expect((await call('POST', '/_invoke', { function: 'door', event: { a: 1 } })).body).toEqual({
      ok: true,
      value: 'done',
    });
    await call('POST', '/_invoke', { function: 'door' });

    expect(events).toEqual([
      ['door', { a: 1 }],
      ['door', {}],
    ]);
  });
});

describe('refusing', () => {
  it.each<[string, string, unknown, number, RegExp]>([
    ['GET', '/_ledger', undefined, 400, /either \?customer=/],
    ['GET', '/_ledger?customer=1&id=2', undefined, 400, /either \?customer=/],
    ['GET', '/_ledger?id=broken', undefined, 500, /table gone/],
    ['GET', '/_calls?since=x', undefined, 400, /needs a number/],
    ['PUT', '/_faults', '{', 400, /not JSON/],
    ['PUT', '/_faults', { service: 'sqs' }, 400, /list of faults/],
    ['PUT', '/_faults', [{}], 400, /fault 0 needs a service/],
    ['POST', '/_kill', undefined, 400, /JSON object/],
    ['POST', '/_kill', [], 400, /JSON object/],
    ['POST', '/_kill', {}, 400, /needs "function"/],
    ['POST', '/_kill', { function: 'gone' }, 404, /no function gone; there are: door/],
    ['POST', '/_invoke', { function: 'toString' }, 404, /no function toString/],
    ['POST', '/_invoke', 'a'.repeat(8 * 1024 * 1024 + 1), 413, /over/],
    ['GET', '/_nothing', undefined, 404, /GET \/_nothing is not known; known are: GET \/_calls/],
    ['POST', '/_calls', {}, 404, /POST \/_calls is not known/],
  ])('answers %s %s with a clear message', async (method, path, body, status, message) => {
    expect(await call(method, path, body)).toEqual({
      status,
      body: { error: expect.stringMatching(message) },
    });
  });

  it.each<Record<string, string>>([
    { host: 'bridge.example' },
    { host: 'bridge.example:80' },
    { host: '127.0.0.1.bridge.example' },
    { origin: 'http://127.0.0.1' },
    { origin: 'null' },
  ])('answers %j with 403', async (headers) => {
    expect(await callAs(headers)).toBe(403);
  });

  it.each([{ host: 'localhost:1' }, { host: '[::1]:1' }, { host: '127.0.0.1' }])(
    'answers %j',
    async (headers) => {
      expect(await callAs(headers)).toBe(200);
    },
  );

  it('says so when its port is taken', async () => {
    const port = Number(new URL(control.url).port);

    await expect(startControl({ port } as Parameters<typeof startControl>[0])).rejects.toThrow(/EADDRINUSE/);
  });
});
