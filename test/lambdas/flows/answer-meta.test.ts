import { BridgeError } from '../../../lambdas/core/errors.ts';
import { createMetaDoor } from '../../../lambdas/flows/answer-meta.ts';
import {
  CountingRandomness,
  HandClock,
  MemoryArchive,
  MemoryQueue,
  RecordingTelemetry,
} from '../../fakes/outside-world.ts';

function aDoor(over: { isVerifyToken?: (token: string) => Promise<boolean> } = {}) {
  const telemetry = new RecordingTelemetry();
  const queue = new MemoryQueue();
  const verified: (string | undefined)[] = [];
  const door = createMetaDoor({
    tenant: 'acme',
    clock: new HandClock(),
    randomness: new CountingRandomness(),
    verifier: {
      verify: async (_bytes, signature) => {
        verified.push(signature);
        return { webhookHash: 'hash' };
      },
      isVerifyToken: over.isVerifyToken ?? (async (token) => token === 'right'),
    },
    pseudonyms: { openGroupIds: async () => () => 'g', hash: (text) => text },
    archive: new MemoryArchive(),
    queue,
    receipts: new MemoryQueue(),
    telemetry,
  });
  const get = (query: Record<string, string | undefined>) =>
    door({ method: 'GET', bytes: new Uint8Array(), headers: {}, query, correlationId: 'c' });
  return { door, get, telemetry, verified };
}

const subscription = {
  'hub.mode': 'subscribe',
  'hub.verify_token': 'right',
  'hub.challenge': '<b>1158201444</b>',
};

describe('the Meta door', () => {
  it('answers the challenge as plain text that no browser takes for a page', async () => {
    expect(await aDoor().get(subscription)).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: '<b>1158201444</b>',
    });
  });

  it.each([
    ['a wrong token', { ...subscription, 'hub.verify_token': 'wrong' }],
    ['an empty token', { ...subscription, 'hub.verify_token': '' }],
    ['no token', { ...subscription, 'hub.verify_token': undefined }],
    ['another mode', { ...subscription, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { ...subscription, 'hub.challenge': undefined }],
    ['nothing', {}],
  ])('refuses %s with 403 and no body', async (_name, query) => {
    expect(await aDoor().get(query)).toEqual({ status: 403 });
  });

  it('asks Meta to come again while the token cannot be read', async () => {
    const unreadable = () => Promise.reject(new BridgeError('secret-unavailable', 'unreadable'));

    expect(await aDoor({ isVerifyToken: unreadable }).get(subscription)).toEqual({ status: 503 });
  });

  it('passes on what is not a failure it knows', async () => {
    const broken = () => Promise.reject(new TypeError('bug'));

    await expect(aDoor({ isVerifyToken: broken }).get(subscription)).rejects.toThrow('bug');
  });

  it('takes a POST as a webhook with the signature of its header', async () => {
    const { door, verified } = aDoor();
    const headers = { 'x-hub-signature-256': 'sha256=abc', 'content-type': 'application/json' };

    expect(
      await door({ method: 'POST', bytes: Buffer.from('{}'), headers, query: {}, correlationId: 'c' }),
    ).toEqual({ status: 200 });

    expect(verified).toEqual(['sha256=abc']);
  });
});
