import { createHash } from 'node:crypto';
import { largestAttachmentBytes } from '../../../lambdas/core/convert/media-rules.ts';
import { BridgeError, type FailureKind } from '../../../lambdas/core/errors.ts';
import type { FoundMedia, MediaObject, MediaStore } from '../../../lambdas/core/media-ports.ts';
import type { MediaReference } from '../../../lambdas/core/model/agent-content.ts';
import { createMediaRelay, type MediaRequest } from '../../../lambdas/flows/relay-media.ts';
import { HandClock, RecordingTelemetry } from '../../fakes/outside-world.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const body = '\xff\xd8\xff picture';
const bytes = Buffer.from(body, 'latin1');
const sha256 = createHash('sha256').update(bytes).digest();
const failure = (kind: FailureKind, code: string) => new BridgeError(kind, 'no', { code });
const passing = failure('provider-unavailable', 'whatsapp-trouble');

type Scripted<T> = (T | Error)[];

function take<T>(script: Scripted<T>, otherwise: T): T {
  const next = script.shift() ?? otherwise;
  if (next instanceof Error) throw next;
  return next;
}

/** WhatsApp that has one picture, and a store that takes everything, unless something else is lined up. */
function aWorld() {
  const clock = new HandClock();
  const telemetry = new RecordingTelemetry();
  const lookUps: Scripted<FoundMedia> = [];
  const bodies: Scripted<Uint8Array> = [];
  const saves: Scripted<undefined> = [];
  const asked: string[] = [];
  const slept: number[] = [];
  const stored: { object: MediaObject; bytes: Buffer; announced: number | undefined }[] = [];
  const kept = new Map<string, { bytes: number }>();
  let opened = 0;
  let minted = 0;
  const store: MediaStore = {
    async save(object, content, seal) {
      asked.push('save');
      const parts: Uint8Array[] = [];
      for await (const chunk of content.chunks) parts.push(chunk);
      const received = Buffer.concat(parts);
      const digest = { bytes: received.length, sha256: createHash('sha256').update(received).digest('hex') };
      seal(digest);
      take(saves, undefined);
      stored.push({ object, bytes: received, announced: content.bytes });
      return digest;
    },
    find: async (key) => {
      asked.push('find');
      return kept.get(key);
    },
    mintUrl: async (key) => {
      minted += 1;
      return `https://store.example/${key}?${minted}`;
    },
  };
  const relay = createMediaRelay({
    tenant: 'acme',
    clock,
    sleeper: {
      sleep: async (delayMs) => {
        slept.push(delayMs);
        clock.at += delayMs;
      },
    },
    source: {
      lookUp: async (numberId, mediaId) => {
        asked.push(`look-up ${numberId} ${mediaId}`);
        return take(lookUps, { url: 'https://looked.up/' });
      },
      open: async (_numberId, url) => {
        asked.push(`open ${url}`);
        const content = take(bodies, bytes);
        opened += 1;
        const chunks = async function* () {
          yield content;
        };
        const close = () => {
          opened -= 1;
        };
        return { chunks: chunks(), bytes: content.length, close };
      },
    },
    store,
    links: { mint: async (numberId, key) => `https://bridge.example/media/${numberId}/${key}` },
    hash,
    telemetry,
  });
  const media: MediaReference = { id: '9001', kind: 'image', mime: 'image/jpeg' };
  const ask = (over: Partial<MediaReference> = {}, request: Partial<MediaRequest> = {}) =>
    relay.relay({
      numberId: '1',
      messageId: 'wamid.1',
      receivedAt: clock.now(),
      media: { ...media, ...over },
      deadlineAt: clock.now() + 45_000,
      ...request,
    });
  return {
    clock,
    telemetry,
    lookUps,
    bodies,
    saves,
    asked,
    slept,
    stored,
    kept,
    relay,
    ask,
    leftOpen: () => opened,
  };
}

const key = `media/acme/image/2026-11-20/${hash('wamid.1').slice(0, 32)}.jpg`;

describe('media', () => {
  it('is looked up, stored under a name without anything personal, and addressed', async () => {
    const { ask, asked, stored, leftOpen, telemetry } = aWorld();

    const answer = await ask({ sha256: sha256.toString('base64') });

    const filename = `image-${hash('wamid.1').slice(0, 12)}.jpg`;
    expect(answer).toEqual({
      stored: {
        state: 'downloaded',
        key,
        mime: 'image/jpeg',
        filename,
        bytes: bytes.length,
        sha256: sha256.toString('hex'),
      },
      attachment: {
        id: hash('wamid.1').slice(0, 12),
        mediaType: 'Image',
        url: `https://store.example/${key}?1`,
        mime: 'image/jpeg',
        filename,
        sha256: sha256.toString('hex'),
      },
    });
    expect(asked).toEqual(['look-up 1 9001', 'open https://looked.up/', 'save']);
    expect(stored[0]).toMatchObject({
      object: { key, labels: { tenant: 'acme', kind: 'image', message: hash('wamid.1') } },
      bytes,
      announced: bytes.length,
    });
    expect(leftOpen()).toBe(0);
    expect(telemetry.events).toEqual([
      { name: 'media.stored', fields: { kind: 'image', bytes: bytes.length, verified: true, durationMs: 0 } },
    ]);
  });

  it('of a replay is taken from our own copy, which WhatsApp may not have any more', async () => {
    const { ask, asked, kept } = aWorld();
    kept.set(key, { bytes: 7 });
    const answer = await ask({ sha256: sha256.toString('base64') }, { again: true });
    expect(answer).toMatchObject({
      stored: { state: 'downloaded', key, bytes: 7, sha256: sha256.toString('hex') },
      attachment: { url: `https://store.example/${key}?1`, sha256: sha256.toString('hex') },
    });
    expect(asked).toEqual(['find']);
  });

  it('of a replay is fetched where we have no copy', async () => {
    const { ask, asked } = aWorld();
    const answer = await ask({}, { again: true });
    expect(answer.stored).toMatchObject({ state: 'downloaded', key });
    expect(asked).toEqual(['find', 'look-up 1 9001', 'open https://looked.up/', 'save']);
  });

  it('that is there is only addressed anew', async () => {
    const { ask, asked } = aWorld();
    const { stored, attachment } = await ask();
    asked.length = 0;

    const again = await ask({}, { stored });

    expect(asked).toEqual([]);
    expect(again.stored).toBe(stored);
    expect(again.attachment).toEqual({ ...attachment, url: `https://store.example/${key}?2` });
  });

  it('that could not be had is not asked for again', async () => {
    const { ask, asked } = aWorld();
    const stored = { state: 'failed', reason: 'media-expired' } as const;

    expect(await ask({}, { stored })).toEqual({ stored });
    expect(asked).toEqual([]);
  });

  it('without a hash, or with an odd one, is taken and that is said', async () => {
    const { ask, telemetry } = aWorld();

    expect((await ask({ sha256: 'odd' })).stored.state).toBe('downloaded');
    expect(telemetry.events[0]?.fields).toMatchObject({ verified: false });
  });

  it.each([
    ['25 MB are an attachment', largestAttachmentBytes, false],
    ['more is a link', largestAttachmentBytes + 1, true],
  ])('of %s', async (_name, size, isLink) => {
    const { ask } = aWorld();
    const stored = {
      state: 'downloaded',
      key: 'k',
      mime: 'application/pdf',
      bytes: size,
      sha256: 'ab',
      filename: 'a.pdf',
    } as const;

    const answer = await ask({}, { stored });

    expect(answer.tooLarge).toEqual(
      isLink ? { url: 'https://bridge.example/media/1/k', filename: 'a.pdf' } : undefined,
    );
    expect(answer.attachment === undefined).toBe(isLink);
  });

  it('is a link when that is asked for', async () => {
    const { stored, ...shown } = await aWorld().ask({}, { asLink: true });

    expect(stored.state).toBe('downloaded');
    expect(shown).toEqual({ link: `https://bridge.example/media/1/${key}` });
  });
});

describe('an address in the webhook', () => {
  const url = 'https://in.webhook/';

  it('saves the look-up', async () => {
    const { ask, asked } = aWorld();

    expect((await ask({ url })).stored.state).toBe('downloaded');
    expect(asked).toEqual([`open ${url}`, 'save']);
  });

  it.each([
    ['stale', failure('provider-unavailable', 'address-stale')],
    ['refused', failure('credential-rejected', 'token-refused')],
    ['not allowed', failure('provider-rejected', 'address-refused')],
  ])('that is %s leads to the look-up at once', async (_name, error) => {
    const { ask, asked, bodies, slept } = aWorld();
    bodies.push(error);

    expect((await ask({ url })).stored.state).toBe('downloaded');
    expect(asked).toEqual([`open ${url}`, 'look-up 1 9001', 'open https://looked.up/', 'save']);
    expect(slept).toEqual([]);
  });

  it('is not used once it may be stale', async () => {
    const { ask, asked, clock } = aWorld();

    await ask({ url }, { receivedAt: clock.now() - 4 * 60_000 });

    expect(asked[0]).toBe('look-up 1 9001');
  });
});

describe('a failure', () => {
  it('that may pass is tried three times, later and later', async () => {
    const { ask, lookUps, slept, asked, telemetry } = aWorld();
    lookUps.push(passing, passing, passing);

    expect(await ask()).toEqual({ stored: { state: 'failed', reason: 'whatsapp-trouble' } });
    expect(asked).toHaveLength(3);
    expect(slept).toEqual([300, 600]);
    expect(telemetry.problems).toEqual([{ name: 'media.not-fetched', error: passing }]);
  });

  it.each([
    ['of the look-up', 'lookUps'],
    ['of the download', 'bodies'],
    ['of the store', 'saves'],
  ] as const)('%s that passes does no harm', async (_name, where) => {
    const world = aWorld();
    world[where].push(where === 'saves' ? failure('store-unavailable', 'SlowDown') : passing);

    expect((await world.ask()).stored.state).toBe('downloaded');
    expect(world.leftOpen()).toBe(0);
  });

  it('of the store that lasts has its own reason', async () => {
    const { ask, saves } = aWorld();
    saves.push(...Array.from({ length: 3 }, () => failure('store-unavailable', 'SlowDown')));

    expect((await ask()).stored).toEqual({ state: 'failed', reason: 'store-unavailable' });
  });

  it('is not waited for beyond the deadline', async () => {
    const { ask, lookUps, asked, clock } = aWorld();
    lookUps.push(passing);

    expect((await ask({}, { deadlineAt: clock.now() + 300 })).stored.state).toBe('failed');
    expect(asked).toHaveLength(1);
  });

  it.each([
    failure('provider-rejected', 'media-expired'),
    failure('credential-rejected', 'token-refused'),
    failure('throttled', 'asked-too-often'),
    new BridgeError('provider-rejected', 'without a code'),
  ])('that lasts ends at once: %s', async (error) => {
    const { ask, lookUps, asked } = aWorld();
    lookUps.push(error);

    expect((await ask()).stored).toEqual({ state: 'failed', reason: error.details.code ?? error.kind });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [
      'look-up has another hash',
      { sha256: sha256.toString('base64') },
      { sha256: 'ab'.repeat(32) },
      'hash-differs',
    ],
    [
      'webhook has another hash',
      { sha256: `${'A'.repeat(43)}=` },
      { sha256: sha256.toString('hex') },
      'hash-differs',
    ],
    ['look-up says another size', {}, { bytes: 5 }, 'size-differs'],
    ['look-up says over 100 MB', {}, { bytes: 100 * 1024 * 1024 + 1 }, 'too-large'],
  ])('is what is not as announced: the %s', async (_name, media, found, reason) => {
    const { ask, lookUps, stored, leftOpen } = aWorld();
    lookUps.push({ url: 'https://looked.up/', ...found });

    expect(await ask(media)).toEqual({ stored: { state: 'failed', reason } });
    expect([stored, leftOpen()]).toEqual([[], 0]);
  });

  it.each([
    ['secrets that cannot be read', new BridgeError('secret-unavailable', 'no')],
    ['a bug', new TypeError('bug')],
  ])('is not what comes of %s', async (_name, error) => {
    const { ask, lookUps } = aWorld();
    lookUps.push(error);

    await expect(ask()).rejects.toBe(error);
  });
});

describe('a file of our own', () => {
  it('is stored and addressed', async () => {
    const { relay, stored, clock } = aWorld();
    const file = { filename: 'Zoë.vcf', mime: 'text/vcard', content: 'BEGIN:VCARD é' };

    const attachment = await relay.keep({ messageId: 'wamid.1', receivedAt: clock.now(), file });

    expect(attachment).toMatchObject({
      mediaType: 'File',
      mime: 'text/vcard',
      filename: 'Zoë.vcf',
      url: `https://store.example/media/acme/file/2026-11-20/${hash('wamid.1').slice(0, 32)}.vcf?1`,
      sha256: hash(file.content),
    });
    expect(stored[0]).toMatchObject({ bytes: Buffer.from(file.content), announced: 14 });
  });

  it('that cannot be stored is an error', async () => {
    const { relay, saves, clock } = aWorld();
    saves.push(failure('store-unavailable', 'SlowDown'));
    const file = { filename: 'a.vcf', mime: 'text/vcard', content: 'x' };

    await expect(relay.keep({ messageId: 'm', receivedAt: clock.now(), file })).rejects.toMatchObject({
      kind: 'store-unavailable',
    });
  });
});
