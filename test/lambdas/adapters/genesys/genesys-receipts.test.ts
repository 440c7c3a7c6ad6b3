import { createGenesysReceipts } from '../../../../lambdas/adapters/genesys/genesys-receipts.ts';
import { createGenesysTokens } from '../../../../lambdas/adapters/genesys/genesys-token.ts';
import { toGenesysReceipt } from '../../../../lambdas/core/convert/genesys/to-receipt.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { DeskReceipt } from '../../../../lambdas/core/outbound-ports.ts';
import type { RateNotice } from '../../../../lambdas/core/policy/token-bucket.ts';
import { aNumberSecret } from '../../../builders.ts';
import { HandClock } from '../../../fakes/outside-world.ts';
import type { Answer, LoopbackServer } from '../../../loopback-server.ts';
import { answering, answeringInTurn, resetting, startLoopbackServer } from '../../../loopback-server.ts';

let server: LoopbackServer;
beforeEach(async () => {
  server = await startLoopbackServer();
});
afterEach(() => server.close());

const clock = new HandClock();
const login = answering(200, { access_token: 'token', expires_in: 86_400 });
const notices: (RateNotice | undefined)[] = [];
const receipt: DeskReceipt = { genesysId: 'd7d58935', to: '4477', status: 'Delivered', at: 1 };

function tell(api: Answer, numberId = '1', secrets = async () => aNumberSecret()) {
  server.answer = (response, request) => (request.path === '/oauth/token' ? login : api)(response, request);
  const receipts = createGenesysReceipts({
    hosts: { api: server.url, login: server.url },
    tokens: createGenesysTokens({ login: server.url, clock }),
    clock,
    numbers: new Map([['1', { integrationId: 'integration/1' }]]),
    secrets: { get: secrets },
    onRateNotice: (notice) => notices.push(notice),
  });
  return receipts.tell(numberId, receipt, clock.now() + 5000);
}

const posts = () => server.requests.filter(({ path }) => path !== '/oauth/token');

it('is one POST to the receipts of the number’s integration, and follows the pace of its answer', async () => {
  expect(await tell(answering(202, { id: 'd7d58935' }))).toEqual({ delivered: true });

  expect(posts()).toEqual([
    {
      method: 'POST',
      path: '/api/v2/conversations/messages/integration%2F1/inbound/open/receipt',
      headers: expect.objectContaining({ authorization: 'Bearer token', 'content-type': 'application/json' }),
      body: JSON.stringify(toGenesysReceipt(receipt)),
    },
  ]);
  expect(notices).toHaveLength(1);
});

it.each([
  [400, 'provider-rejected', 'none'],
  [403, 'credential-rejected', 'none'],
  [429, 'throttled', 'none'],
  [500, 'delivery-unknown', 'unknown'],
  [503, 'delivery-unknown', 'unknown'],
])('answers what went wrong with %i: %s', async (status, kind, effect) => {
  expect(await tell(answering(status))).toMatchObject({ delivered: false, failure: { kind }, effect });
  expect(posts()).toHaveLength(1);
});

it.each([404, 410])('is never told again where Genesys does not know the message: %i', async (status) => {
  expect(await tell(answering(status, { code: 'not.found' }))).toMatchObject({
    delivered: false,
    failure: { kind: 'provider-rejected', next: 'fail-visibly', details: { status, code: 'not.found' } },
    effect: 'none',
  });
});

it('leaves the outcome of a broken connection open', async () => {
  expect(await tell(resetting)).toMatchObject({ delivered: false, effect: 'unknown' });
});

it('asks again with a fresh token when the token is refused', async () => {
  expect(await tell(answeringInTurn(answering(401), answering(200)))).toEqual({ delivered: true });
  expect(posts()).toHaveLength(2);
});

it('waits for a secret that cannot be read', async () => {
  const unreadable = async () => {
    throw new BridgeError('secret-unavailable', 'no secret');
  };

  expect(await tell(answering(200), '1', unreadable)).toMatchObject({
    delivered: false,
    failure: { kind: 'secret-unavailable' },
    effect: 'none',
  });
});

it('has nobody to tell for a number without an integration', async () => {
  expect(await tell(answering(200), '2')).toMatchObject({ failure: { kind: 'provider-rejected' } });
  expect(server.requests).toHaveLength(0);
});
