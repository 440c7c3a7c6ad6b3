import { createMetaMessenger } from '../../../../lambdas/adapters/meta/meta-messenger.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { NumberSecret } from '../../../../lambdas/core/ports.ts';
import { aNumberSecret } from '../../../builders.ts';
import { HandClock } from '../../../fakes/outside-world.ts';
import {
  answering,
  answeringInTurn,
  type LoopbackServer,
  resetting,
  startLoopbackServer,
} from '../../../loopback-server.ts';

let server: LoopbackServer;
beforeEach(async () => {
  server = await startLoopbackServer();
});
afterEach(() => server.close());

const clock = new HandClock();
const soon = () => clock.now() + 3000;
const text = { type: 'text', text: { body: 'naïve 🎉' } };
const taken = answering(200, { messaging_product: 'whatsapp', messages: [{ id: 'wamid.1' }] });
const failing = (status: number, error: object = {}) =>
  answering(status, { error: { message: 'Call +44 7700 900001', fbtrace_id: 'Abc_1', ...error } });

/** Tokens are what the secret holds each time it is read anew. */
function aMessenger(tokens = ['token']) {
  let at = 0;
  return createMetaMessenger({
    clock,
    graphVersion: 'v25.0',
    localUrl: server.url,
    secrets: {
      get: async (): Promise<NumberSecret> => aNumberSecret({ metaAccessToken: tokens[at] ?? '' }),
      refreshIfStale: () => {
        const isNewer = at + 1 < tokens.length;
        if (isNewer) at += 1;
        return isNewer;
      },
    },
  });
}
const send = (tokens?: string[]) =>
  aMessenger(tokens).send('1', { phone: '447700900001' }, text, 'g1.0', soon());
const bearers = () => server.requests.map(({ headers }) => headers.authorization);

describe('a send', () => {
  it('is one POST with the number’s own token', async () => {
    server.answer = taken;

    expect(await send()).toEqual({ sent: true, wamid: 'wamid.1' });
    expect(server.requests.map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/v25.0/1/messages'],
    ]);
    expect(bearers()).toEqual(['Bearer token']);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '447700900001',
      ...text,
      biz_opaque_callback_data: 'g1.0',
    });
  });

  it('to a BSUID names it as recipient and never as a phone', async () => {
    server.answer = taken;
    await aMessenger().send('1', { userId: 'GB.1' }, text, 'g1.0', soon());

    const body = JSON.parse(server.requests[0]?.body ?? '');
    expect(body).toMatchObject({ recipient: 'GB.1' });
    expect(body).not.toHaveProperty('to');
  });

  it.each([
    ['permanent', 400, { code: 131026 }, 'provider-rejected', 'none'],
    ['outside the window', 400, { code: 131047 }, 'provider-rejected', 'none'],
    ['one customer’s pace', 400, { code: 131056 }, 'throttled', 'none'],
    ['the number’s pace', 400, { code: 130429 }, 'throttled', 'none'],
    ['the number’s pace, as a server error', 500, { code: 130429 }, 'throttled', 'none'],
    ['too many requests', 429, {}, 'throttled', 'none'],
    ['trouble that was said with a refusal', 400, { code: 131016 }, 'provider-unavailable', 'none'],
    ['rights', 403, { code: 10 }, 'credential-rejected', 'none'],
    ['a number that is not ours', 400, { code: 100, error_subcode: 33 }, 'integration-missing', 'none'],
    ['an unknown code', 400, { code: 999999 }, 'provider-rejected', 'none'],
    ['a server error', 500, { code: 131000 }, 'delivery-unknown', 'unknown'],
    ['a gateway', 502, {}, 'delivery-unknown', 'unknown'],
    ['a timeout of theirs', 408, {}, 'delivery-unknown', 'unknown'],
    ['a redirect', 302, {}, 'provider-unavailable', 'none'],
  ])(
    'refused with %s says what it means and whether it may have gone out',
    async (_name, status, error, kind, effect) => {
      server.answer = failing(status, error);

      const answer = await send();

      const { code } = error as { code?: number };
      expect(answer).toMatchObject({
        sent: false,
        effect,
        failure: {
          kind,
          details: {
            status,
            providerCorrelationId: 'Abc_1',
            ...(code === undefined ? {} : { code: String(code) }),
          },
        },
      });
      expect(JSON.stringify(answer)).not.toContain('7700');
      expect(server.requests).toHaveLength(1);
    },
  );

  it.each([
    ['a page', answering(500, '<html>')],
    ['null', answering(503, 'null')],
    ['an odd error', answering(500, { error: { code: '5', fbtrace_id: 'call me maybe' } })],
  ])('failed with %s may have gone out, and nothing odd gets into logs', async (_name, answer) => {
    server.answer = answer;

    expect(await send()).toEqual({
      sent: false,
      effect: 'unknown',
      failure: expect.objectContaining({ kind: 'delivery-unknown', details: { status: expect.any(Number) } }),
    });
  });

  it.each([
    ['nothing', {}],
    ['an empty list', { messages: [] }],
    ['an empty id', { messages: [{ id: '' }] }],
    ['no JSON', 'ok'],
    ['no object', '5'],
  ])('taken with %s for an id may have gone out', async (_name, body) => {
    server.answer = answering(200, body);

    expect(await send()).toMatchObject({
      sent: false,
      effect: 'unknown',
      failure: { kind: 'delivery-unknown' },
    });
  });

  it('that breaks off may have gone out; one that finds nobody surely has not', async () => {
    server.answer = resetting;
    expect(await send()).toMatchObject({ effect: 'unknown', failure: { kind: 'delivery-unknown' } });
    await server.close();
    expect(await send()).toMatchObject({ effect: 'none', failure: { kind: 'provider-unavailable' } });
    server = await startLoopbackServer();
  });

  it('without time left is not begun', async () => {
    const answer = await aMessenger().send('1', { phone: '44' }, text, 't', clock.now());

    expect(answer).toMatchObject({ sent: false, effect: 'none' });
    expect(server.requests).toEqual([]);
  });

  it('with a refused token is tried once more with a newer one', async () => {
    server.answer = answeringInTurn(failing(401, { code: 190 }), taken);

    expect(await send(['old', 'new'])).toEqual({ sent: true, wamid: 'wamid.1' });
    expect(bearers()).toEqual(['Bearer old', 'Bearer new']);
  });

  it('with a refused token and no newer one is not repeated', async () => {
    server.answer = failing(401, { code: 190 });

    expect(await send()).toMatchObject({ effect: 'none', failure: { kind: 'credential-rejected' } });
    expect(server.requests).toHaveLength(1);
  });

  it('without a token asks nobody', async () => {
    expect(await send([''])).toMatchObject({
      effect: 'none',
      failure: { kind: 'credential-rejected', details: { code: 'token-missing' } },
    });
    expect(server.requests).toEqual([]);
  });

  it('without a readable secret has surely not gone out; a bug is no failure of WhatsApp', async () => {
    const withSecret = (error: Error) =>
      createMetaMessenger({
        clock,
        graphVersion: 'v25.0',
        secrets: { get: () => Promise.reject(error), refreshIfStale: () => false },
      }).send('1', { phone: '44' }, text, 't', soon());
    const unreadable = new BridgeError('secret-unavailable', 'down');

    expect(await withSecret(unreadable)).toEqual({ sent: false, failure: unreadable, effect: 'none' });
    await expect(withSecret(new TypeError('bug'))).rejects.toThrow(TypeError);
  });
});

describe('an upload', () => {
  const file = { mime: 'image/png', filename: 'label.png', bytes: new Uint8Array([137, 80, 78, 71]) };

  it('is one form with the file and its type', async () => {
    server.answer = answering(200, { id: '9001' });

    expect(await aMessenger().upload('1', file, soon())).toEqual({ mediaId: '9001' });
    const [request] = server.requests;
    expect([request?.method, request?.path]).toEqual(['POST', '/v25.0/1/media']);
    expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    for (const part of [
      'name="messaging_product"',
      'whatsapp',
      'name="type"',
      'image/png',
      'filename="label.png"',
    ])
      expect(request?.body).toContain(part);
  });

  it('is sent whole again with a newer token', async () => {
    server.answer = answeringInTurn(failing(401, { code: 190 }), answering(200, { id: '9001' }));

    expect(await aMessenger(['old', 'new']).upload('1', file, soon())).toEqual({ mediaId: '9001' });
    expect(server.requests[1]?.body).toContain('filename="label.png"');
  });

  it('that is refused or answered oddly says so', async () => {
    server.answer = answeringInTurn(failing(400, { code: 131053 }), answering(200, {}));

    expect(await aMessenger().upload('1', file, soon())).toMatchObject({
      failure: { kind: 'provider-rejected' },
    });
    expect(await aMessenger().upload('1', file, soon())).toMatchObject({
      failure: { kind: 'provider-unavailable' },
    });
  });
});

describe('a read mark', () => {
  it('names the message, and typing when asked to', async () => {
    server.answer = answering(200, { success: true });

    expect(await aMessenger().markRead('1', 'wamid.5', { typing: true }, soon())).toEqual({ done: true });
    await aMessenger().markRead('1', 'wamid.5', { typing: false }, soon());

    const mark = { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.5' };
    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { ...mark, typing_indicator: { type: 'text' } },
      mark,
    ]);
  });

  it('that fails is an answer', async () => {
    server.answer = failing(400, { code: 131009 });

    expect(await aMessenger().markRead('1', 'wamid.5', { typing: false }, soon())).toMatchObject({
      failure: { kind: 'provider-rejected' },
    });
  });
});
