import { createGenesysConversations } from '../../../../lambdas/adapters/genesys/genesys-conversations.ts';
import { createGenesysTokens } from '../../../../lambdas/adapters/genesys/genesys-token.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
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

function theConversations(api: Answer, secrets = async () => aNumberSecret()) {
  server.answer = (response, request) => (request.path === '/oauth/token' ? login : api)(response, request);
  return createGenesysConversations({
    hosts: { api: server.url, login: server.url },
    tokens: createGenesysTokens({ login: server.url, clock }),
    clock,
    secrets: { get: secrets },
    onRateNotice: (notice) => notices.push(notice),
  });
}

const asked = () => server.requests.filter(({ path }) => path !== '/oauth/token');
const disconnect = (conversations: ReturnType<typeof createGenesysConversations>) =>
  conversations.disconnect('1', 'conversation/1', clock.now() + 5000);

it('ends a conversation with one request, and tells the pace of its answer', async () => {
  expect(await disconnect(theConversations(answering(200, { id: 'conversation/1' })))).toEqual({
    done: true,
  });

  expect(asked()).toEqual([
    {
      method: 'PATCH',
      path: '/api/v2/conversations/messages/conversation%2F1',
      headers: expect.objectContaining({ authorization: 'Bearer token' }),
      body: '{"state":"disconnected"}',
    },
  ]);
  expect(notices).toHaveLength(1);
});

it.each([404, 410])('has nothing to end where Genesys answers %i', async (status) => {
  expect(await disconnect(theConversations(answering(status)))).toEqual({ done: true });
});

it.each([
  [400, 'provider-rejected'],
  [403, 'credential-rejected'],
  [429, 'throttled'],
  [500, 'delivery-unknown'],
])('answers what went wrong with %i: %s', async (status, kind) => {
  expect(await disconnect(theConversations(answering(status)))).toMatchObject({
    done: false,
    failure: { kind },
  });
  expect(asked()).toHaveLength(1);
});

it('answers that a broken connection leaves the outcome open', async () => {
  expect(await disconnect(theConversations(resetting))).toMatchObject({
    done: false,
    failure: { kind: 'delivery-unknown' },
  });
});

it('asks again with a fresh token when the token is refused', async () => {
  expect(await disconnect(theConversations(answeringInTurn(answering(401), answering(200))))).toEqual({
    done: true,
  });
  expect(asked()).toHaveLength(2);
});

it('answers that it could not sign in', async () => {
  const unreadable = () => Promise.reject(new BridgeError('secret-unavailable', 'no secret'));

  expect(await disconnect(theConversations(answering(200), unreadable))).toMatchObject({
    done: false,
    failure: { kind: 'secret-unavailable' },
  });
  expect(asked()).toEqual([]);
});
