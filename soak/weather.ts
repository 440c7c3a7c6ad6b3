// Trouble while people write: at Genesys, at WhatsApp, at AWS, and functions that die.
import { setTimeout as sleep } from 'node:timers/promises';
import { callJson, type LocalRun } from './local-run.ts';
import type { Random } from './random.ts';

const onMessages = { method: 'POST', path: '/inbound/open/message$' };
const onReceipts = { method: 'POST', path: '/inbound/open/receipt$' };
const onSends = { method: 'POST', path: '/messages$' };
const refusal = (status: number, code: string, headers = {}) => ({ status, headers, body: { status, code } });
const graphError = (status: number, code: number) => ({
  status,
  body: { error: { message: 'trouble', type: 'OAuthException', code } },
});

interface Trouble {
  name: string;
  /** How much more often than others. */
  weight: number;
  /** Begins it, and ends it unless it ends by itself. */
  strike(run: LocalRun, random: Random): Promise<unknown>;
}

const faultGenesys = (run: LocalRun, faults: object[]) => callJson('PUT', `${run.genesys}/_faults`, faults);
const faultMeta = (run: LocalRun, faults: object[]) => callJson('PUT', `${run.meta}/_faults`, faults);
const faultAws = (run: LocalRun, faults: object[]) => callJson('PUT', `${run.control}/_faults`, faults);

const atGenesys = (name: string, weight: number, action: unknown, match: object = onMessages): Trouble => ({
  name: `Genesys: ${name}`,
  weight,
  strike: (run, random) => faultGenesys(run, [{ match, times: random.between(1, 12), action }]),
});
const atMeta = (name: string, weight: number, action: unknown): Trouble => ({
  name: `WhatsApp: ${name}`,
  weight,
  strike: (run, random) => faultMeta(run, [{ match: onSends, times: random.between(1, 4), action }]),
});
const atAws = (name: string, weight: number, fault: object): Trouble => ({
  name: `AWS: ${name}`,
  weight,
  strike: (run, random) => faultAws(run, [{ ...fault, times: random.between(1, 12) }]),
});
const death = (thing: string, weight: number): Trouble => ({
  name: `${thing} dies`,
  weight,
  strike: (run) =>
    callJson('POST', `${run.control}/_kill`, { function: `${run.tenant}-${run.stage}-${thing}` }),
});

const troubles: readonly Trouble[] = [
  atGenesys('429', 3, refusal(429, 'too.many.requests', { 'retry-after': '1' })),
  atGenesys('500', 3, refusal(500, 'internal.server.error')),
  atGenesys('503', 2, refusal(503, 'service.unavailable')),
  atGenesys('connections reset', 2, 'reset'),
  atGenesys('answers lost', 3, 'applied-then-reset'),
  atGenesys('no answer', 1, 'hang'),
  atGenesys('receipts refused', 2, refusal(503, 'service.unavailable'), onReceipts),
  {
    name: 'Genesys: down for seconds',
    weight: 4,
    strike: async (run, random) => {
      await faultGenesys(run, [{ match: { path: '/api/' }, action: refusal(503, 'service.unavailable') }]);
      await sleep(random.between(3000, 14_000));
      return faultGenesys(run, []);
    },
  },
  atMeta('too many requests', 2, graphError(400, 130_429)),
  atMeta('pair rate', 1, graphError(400, 131_056)),
  atMeta('500', 2, graphError(500, 131_000)),
  atMeta('answers lost', 2, 'applied-then-reset'),
  atMeta('connections reset', 1, 'reset'),
  atAws('tables throttle', 3, {
    service: 'dynamodb',
    operation: 'UpdateItem',
    action: { error: 'ProvisionedThroughputExceededException' },
  }),
  atAws('tables fail', 2, { service: 'dynamodb', action: { error: 'InternalServerError' } }),
  atAws('answers of tables are lost', 3, { service: 'dynamodb', action: 'applied-then-reset' }),
  atAws('queues fail', 2, { service: 'sqs', action: { error: 'ServiceUnavailable' } }),
  {
    name: 'AWS: queues take nothing for seconds',
    weight: 2,
    strike: async (run, random) => {
      const sending = { service: 'sqs', operation: 'SendMessageBatch' };
      await faultAws(run, [{ ...sending, action: { error: 'ServiceUnavailable' } }]);
      await sleep(random.between(1000, 4000));
      return faultAws(run, []);
    },
  },
  atAws('answers of queues are lost', 2, { service: 'sqs', action: 'applied-then-reset' }),
  atAws('runs cannot be started', 1, { service: 'states', action: { error: 'ServiceUnavailable' } }),
  death('inbound-worker', 3),
  death('outbound-worker', 2),
  death('receipts-worker', 1),
  death('redelivery', 2),
  death('dead-letters', 1),
  death('meta-door', 1),
  death('genesys-door', 1),
];

const weights = troubles.reduce((sum, { weight }) => sum + weight, 0);

function pickTrouble(random: Random): Trouble | undefined {
  let left = random.between(1, weights);
  return troubles.find(({ weight }) => {
    left -= weight;
    return left <= 0;
  });
}

/** One trouble after another until `isOver`, with a rest while `isResting`; then everything works again. @returns how often each struck */
export async function makeWeather(
  run: LocalRun,
  random: Random,
  isOver: () => boolean,
  isResting: () => boolean,
): Promise<Map<string, number>> {
  const struck = new Map<string, number>();
  while (!isOver()) {
    await sleep(random.between(400, 2500));
    const trouble = pickTrouble(random);
    if (!trouble || isOver() || isResting()) continue;
    await trouble.strike(run, random);
    struck.set(trouble.name, (struck.get(trouble.name) ?? 0) + 1);
  }
  for (const base of [run.genesys, run.meta, run.control]) await callJson('DELETE', `${base}/_faults`);
  return struck;
}
