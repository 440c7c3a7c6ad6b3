import { createGenesysDesk } from '../../../../lambdas/adapters/genesys/genesys-desk.ts';
import { createGenesysTokens } from '../../../../lambdas/adapters/genesys/genesys-token.ts';
import { toGenesys, toGenesysResponse } from '../../../../lambdas/core/convert/genesys/to-genesys.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { RateNotice } from '../../../../lambdas/core/policy/token-bucket.ts';
import { aDeskMessage, aNumberSecret } from '../../../builders.ts';
import { HandClock } from '../../../fakes/outside-world.ts';
import type { Answer, LoopbackServer } from '../../../loopback-server.ts';
import { answering, answeringInTurn, resetting, startLoopbackServer } from '../../../loopback-server.ts';

let server: LoopbackServer;
let clock: HandClock;
beforeEach(async () => {
  clock = new HandClock();
  server = await startLoopbackServer();
});
afterEach(() => server.close());

const accepted = answering(200, { id: 'genesys-1', conversationId: 'conversation-1' });

/** token-1, token-2, … */
function answeringTokens(): Answer {
  let count = 0;
  return (response, request) => {
    count += 1;
    answering(200, { access_token: `token-${count}`, expires_in: 86_400 })(response, request);
  };
}

function aDesk(
  inbound: Answer,
  login: Answer = answeringTokens(),
  onRateNotice: (notice: RateNotice | undefined) => void = () => undefined,
) {
  server.answer = (response, request) =>
    (request.path === '/oauth/token' ? login : inbound)(response, request);
  return createGenesysDesk({
    hosts: { api: server.url, login: server.url },
    tokens: createGenesysTokens({ login: server.url, clock }),
    clock,
    numbers: new Map([['1', { integrationId: 'integration/1' }]]),
    secrets: {
      get: async () => aNumberSecret({ genesysClientId: 'client-1', genesysClientSecret: 's3cret' }),
    },
    onRateNotice,
  });
}

const posts = () => server.requests.filter(({ path }) => path !== '/oauth/token');
const logins = () => server.requests.length - posts().length;
const soon = () => clock.now() + 5000;

describe('a delivery', () => {
  it('is one POST to the inbound endpoint of the number’s integration', async () => {
    const message = aDeskMessage({ text: 'naïve 🎉 \ud800' });

    const answer = await aDesk(accepted).deliver('1', message, soon());

    expect(answer).toEqual({ delivered: true, genesysId: 'genesys-1', conversationId: 'conversation-1' });
    expect(posts()).toEqual([
      {
        method: 'POST',
        path: '/api/v2/conversations/messages/integration%2F1/inbound/open/message?prefetchConversationId=true',
        headers: expect.objectContaining({
          authorization: 'Bearer token-1',
          'content-type': 'application/json',
        }),
        body: JSON.stringify(toGenesys(message)),
      },
    ]);
  });

  it('uses one token for many messages', async () => {
    const desk = aDesk(accepted);

    await Promise.all([1, 2, 3].map(() => desk.deliver('1', aDeskMessage(), soon())));

    expect(logins()).toBe(1);
    expect(posts()).toHaveLength(3);
  });

  it.each([200, 201, 202, 299])('has arrived with status %i', async (status) => {
    expect(await aDesk(answering(status, { id: 'g' })).deliver('1', aDeskMessage(), soon())).toEqual({
      delivered: true,
      genesysId: 'g',
    });
  });

  it.each([
    ['no body', ''],
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no ids', '{}'],
    ['ids that are no texts', '{"id":7,"conversationId":null}'],
    ['empty ids', '{"id":"","conversationId":""}'],
  ])('has arrived with the 2xx even when the answer has %s', async (_name, body) => {
    expect(await aDesk(answering(202, body)).deliver('1', aDeskMessage(), soon())).toEqual({
      delivered: true,
    });
  });
});

describe('a delivery that fails', () => {
  it.each([
    [400, 'provider-rejected', 'none'],
    [429, 'throttled', 'none'],
    [500, 'delivery-unknown', 'unknown'],
    [302, 'integration-missing', 'none'],
  ])('with status %i is an answer: %s, effect %s, after one POST', async (status, kind, effect) => {
    const answer = await aDesk(answering(status)).deliver('1', aDeskMessage(), soon());

    expect(answer).toMatchObject({ delivered: false, failure: { kind }, effect });
    expect(posts()).toHaveLength(1);
  });

  it('by a reset is unknown and not repeated', async () => {
    expect(await aDesk(resetting).deliver('1', aDeskMessage(), soon())).toMatchObject({
      delivered: false,
      failure: { kind: 'delivery-unknown' },
      effect: 'unknown',
    });
    expect(posts()).toHaveLength(1);
  });

  it('by an answer that does not come before the deadline is unknown', async () => {
    const desk = aDesk(answeringInTurn(accepted, () => {}));
    await desk.deliver('1', aDeskMessage(), soon());

    expect(await desk.deliver('1', aDeskMessage(), clock.now() + 60)).toMatchObject({ effect: 'unknown' });
  });

  it('without time left sends nothing', async () => {
    const desk = aDesk(accepted);
    await desk.deliver('1', aDeskMessage(), soon());

    expect(await desk.deliver('1', aDeskMessage(), clock.now())).toMatchObject({
      failure: { kind: 'provider-unavailable' },
      effect: 'none',
    });
    expect(posts()).toHaveLength(1);
  });

  it('for a number without an integration sends nothing', async () => {
    expect(await aDesk(accepted).deliver('2', aDeskMessage(), soon())).toMatchObject({
      delivered: false,
      failure: { kind: 'integration-missing' },
      effect: 'none',
    });
    expect(server.requests).toEqual([]);
  });
});

describe('a token', () => {
  it('that is no longer known is replaced once, and the message tried once more', async () => {
    const desk = aDesk(answeringInTurn(answering(401), accepted));

    expect(await desk.deliver('1', aDeskMessage(), soon())).toMatchObject({ delivered: true });
    expect(posts().map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(posts()[1]?.body).toBe(posts()[0]?.body);
  });

  it('refused a second time ends the delivery without effect', async () => {
    expect(await aDesk(answering(401)).deliver('1', aDeskMessage(), soon())).toMatchObject({
      delivered: false,
      failure: { kind: 'credential-rejected', details: { status: 401 } },
      effect: 'none',
    });
    expect(posts()).toHaveLength(2);
    expect(logins()).toBe(2);
  });

  it('that may not deliver (403) is not replaced', async () => {
    expect(await aDesk(answering(403)).deliver('1', aDeskMessage(), soon())).toMatchObject({
      failure: { kind: 'credential-rejected' },
      effect: 'none',
    });
    expect(posts()).toHaveLength(1);
  });

  it.each([
    ['at first', answering(400), answering(200)],
    ['after a refusal', answeringInTurn(answeringTokens(), answering(400)), answering(401)],
  ])('that cannot be had %s leaves the message without effect', async (_name, login, inbound) => {
    expect(await aDesk(inbound, login).deliver('1', aDeskMessage(), soon())).toMatchObject({
      delivered: false,
      failure: { kind: 'credential-rejected', details: { status: 400 } },
      effect: 'none',
    });
  });
});

describe('the credentials', () => {
  const deskWith = (get: () => Promise<never>) =>
    createGenesysDesk({
      hosts: { api: server.url, login: server.url },
      tokens: createGenesysTokens({ login: server.url, clock }),
      clock,
      numbers: new Map([['1', { integrationId: 'integration-1' }]]),
      secrets: { get },
    });

  it('that cannot be read leave the message without effect', async () => {
    const failure = new BridgeError('secret-unavailable', 'no secret');

    expect(await deskWith(() => Promise.reject(failure)).deliver('1', aDeskMessage(), soon())).toEqual({
      delivered: false,
      failure,
      effect: 'none',
    });
  });

  it('that break in an unforeseen way are a bug and thrown on', async () => {
    const bug = new TypeError('a bug');

    await expect(deskWith(() => Promise.reject(bug)).deliver('1', aDeskMessage(), soon())).rejects.toBe(bug);
  });
});

describe('a tap on an option of the desk', () => {
  const tap = { originatingMessageId: 'genesys-0', type: 'Button', text: 'Yes', payload: 'yes' } as const;
  const message = aDeskMessage({ text: 'Yes', tap });
  const base = '/api/v2/conversations/messages/integration%2F1/inbound/open';
  const asResponse = {
    path: `${base}/structured/response`,
    body: JSON.stringify(toGenesysResponse(message, tap)),
  };
  const asText = {
    path: `${base}/message?prefetchConversationId=true`,
    body: JSON.stringify(toGenesys(message)),
  };

  it('is delivered as a structured response', async () => {
    const answer = await aDesk(answering(200, { id: 'genesys-1' })).deliver('1', message, soon());

    expect(answer).toEqual({ delivered: true, genesysId: 'genesys-1' });
    expect(posts()).toMatchObject([asResponse]);
  });

  it.each([400, 404, 410])('is delivered as text when Genesys answers %i to the response', async (status) => {
    const answer = await aDesk(answeringInTurn(answering(status, {}), accepted)).deliver(
      '1',
      message,
      soon(),
    );

    expect(answer).toMatchObject({ delivered: true, genesysId: 'genesys-1' });
    expect(posts()).toMatchObject([asResponse, asText]);
  });

  it.each([408, 429, 500, 503])(
    'is not sent again in another form when Genesys answers %i',
    async (status) => {
      const answer = await aDesk(answering(status, {})).deliver('1', message, soon());

      expect(answer.delivered).toBe(false);
      expect(posts()).toMatchObject([asResponse]);
    },
  );

  it('is sent again as a response with a new token', async () => {
    const answer = await aDesk(answeringInTurn(answering(401, {}), accepted)).deliver('1', message, soon());

    expect(answer.delivered).toBe(true);
    expect(posts()).toMatchObject([asResponse, asResponse]);
  });
});

describe('what Genesys says of its own count', () => {
  const headers = {
    'inin-ratelimit-allowed': '300',
    'inin-ratelimit-count': '17',
    'inin-ratelimit-reset': '42',
  };

  it.each([
    ['an accepted message', answering(200, {}, headers)],
    ['a refused one', answering(429, {}, headers)],
  ])('is passed on with %s', async (_name, inbound) => {
    const notices: (RateNotice | undefined)[] = [];

    await aDesk(inbound, answeringTokens(), (notice) => notices.push(notice)).deliver(
      '1',
      aDeskMessage(),
      soon(),
    );

    expect(notices).toEqual([{ allowedPerMinute: 300, used: 17, resetMs: 42_000 }]);
  });

  it('is passed on as unknown when it says nothing', async () => {
    const notices: (RateNotice | undefined)[] = [];

    await aDesk(accepted, answeringTokens(), (notice) => notices.push(notice)).deliver(
      '1',
      aDeskMessage(),
      soon(),
    );

    expect(notices).toEqual([undefined]);
  });
});
