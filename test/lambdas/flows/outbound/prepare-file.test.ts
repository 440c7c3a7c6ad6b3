import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { MediaObject } from '../../../../lambdas/core/media-ports.ts';
import type { OutboundAttachment } from '../../../../lambdas/core/model/customer-message.ts';
import { createOutboundFiles } from '../../../../lambdas/flows/outbound/prepare-file.ts';
import { HandClock, RecordingTelemetry } from '../../../fakes/outside-world.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010802000000', 'hex');
const page = Buffer.from('<!doctype html><title>Not found</title>');
const url = 'https://api-downloads.euw2.pure.cloud/api/v2/downloads/1';

/** A source that gives these bytes or failures in turn, the last one again and again. */
function aBench(...answers: (Uint8Array | Error)[]) {
  const clock = new HandClock();
  const telemetry = new RecordingTelemetry();
  const slept: number[] = [];
  const saved: MediaObject[] = [];
  const uploaded: { mime: string; filename: string; bytes: number }[] = [];
  let uploadFailure: BridgeError | undefined;
  let saveFailure: BridgeError | undefined;
  let opened = 0;
  let closed = 0;
  let announced: number | undefined;
  const files = createOutboundFiles({
    tenant: 'acme',
    clock,
    telemetry,
    sleeper: {
      sleep: async (ms) => {
        slept.push(ms);
        clock.at += ms;
      },
    },
    source: {
      async open() {
        opened += 1;
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error || answer === undefined) throw answer;
        return {
          chunks: (async function* () {
            yield answer.subarray(0, 10);
            yield answer.subarray(10);
          })(),
          close: () => {
            closed += 1;
          },
          ...(announced === undefined ? {} : { bytes: announced }),
        };
      },
    },
    messenger: {
      async upload(_numberId, { mime, filename, bytes }) {
        uploaded.push({ mime, filename, bytes: bytes.length });
        return uploadFailure ? { failure: uploadFailure } : { mediaId: '9001' };
      },
    },
    store: {
      async save(object, { chunks }) {
        if (saveFailure) throw saveFailure;
        for await (const _chunk of chunks);
        saved.push(object);
        return { bytes: 0, sha256: '' };
      },
    },
    links: { mint: async (_numberId, key) => `https://bridge.example/media/${key}` },
    hash: (text) => `hash-of-${text}`,
  });
  const prepare = (over: Partial<OutboundAttachment> = {}) =>
    files.prepare({
      numberId: '1',
      genesysId: 'g1',
      part: 0,
      receivedAt: Date.UTC(2026, 10, 20),
      attachment: { url, mime: 'image/png', filename: 'label.png', ...over },
      deadlineAt: clock.at + 10_000,
    });
  return {
    prepare,
    saved,
    uploaded,
    slept,
    telemetry,
    refuseUploads: (failure: BridgeError) => {
      uploadFailure = failure;
    },
    breakStore: (failure: BridgeError) => {
      saveFailure = failure;
    },
    announce: (bytes: number) => {
      announced = bytes;
    },
    counts: () => ({ opened, closed }),
  };
}

const failure = (kind: ConstructorParameters<typeof BridgeError>[0], code: string) =>
  new BridgeError(kind, code, { code });

it('is fetched, kept and uploaded, and goes as what its bytes are', async () => {
  const bench = aBench(png);

  expect(await bench.prepare({ caption: 'Look' })).toEqual({
    state: 'ready',
    send: { type: 'image', image: { id: '9001', caption: 'Look' } },
  });
  expect(bench.uploaded).toEqual([{ mime: 'image/png', filename: 'label.png', bytes: png.length }]);
  expect(bench.saved).toEqual([
    {
      key: 'media/acme/outbound/2026-11-20/hash-of-g1.0.png',
      mime: 'image/png',
      filename: 'label.png',
      labels: { tenant: 'acme', kind: 'outbound', message: 'hash-of-g1' },
    },
  ]);
  expect(bench.counts()).toEqual({ opened: 1, closed: 1 });
});

it('goes as a document when WhatsApp shows its type as nothing else', async () => {
  const bench = aBench(Buffer.from('%PDF-1.7 and more'));

  expect(await bench.prepare({ mime: 'application/pdf', filename: 'terms.pdf' })).toEqual({
    state: 'ready',
    send: { type: 'document', document: { id: '9001', filename: 'terms.pdf' } },
  });
});

it('that WhatsApp refuses goes as a link to our own copy, never to Genesys’', async () => {
  const bench = aBench(Buffer.from('PK\x03\x04 something'));
  bench.refuseUploads(new BridgeError('provider-rejected', 'no', { code: '131053' }));

  const prepared = await bench.prepare({
    mime: 'application/zip',
    filename: 'all.zip',
    caption: 'Everything',
  });

  expect(prepared).toEqual({
    state: 'ready',
    send: {
      type: 'text',
      text: {
        body: 'Everything\nall.zip\nhttps://bridge.example/media/media/acme/outbound/2026-11-20/hash-of-g1.0.zip',
      },
    },
  });
  expect(JSON.stringify(prepared)).not.toContain('pure.cloud');
});

it('that is an error page or empty is refused', async () => {
  expect(await aBench(page).prepare()).toMatchObject({ state: 'refused', reason: 'MediaTypeNotAllowed' });
  expect(await aBench(new Uint8Array()).prepare()).toMatchObject({
    state: 'refused',
    reason: 'InvalidMediaContentLength',
  });
});

it('larger than Genesys takes is refused, whether announced or not', async () => {
  const announcing = aBench(png);
  announcing.announce(26 * 1024 * 1024);
  const large = aBench(new Uint8Array(25 * 1024 * 1024 + 1));

  for (const bench of [announcing, large]) {
    expect(await bench.prepare()).toEqual({
      state: 'refused',
      reason: 'InvalidMediaContentLength',
      detail: 'too-large',
    });
    expect(bench.counts()).toEqual({ opened: 1, closed: 1 });
  }
});

it('at a dead address is asked for three times and then refused', async () => {
  const bench = aBench(failure('provider-rejected', 'address-dead'));

  expect(await bench.prepare()).toEqual({ state: 'refused', reason: 'GeneralError', detail: 'address-dead' });
  expect(bench.counts().opened).toBe(3);
  expect(bench.slept).toEqual([300, 600]);
});

it('at an address that is not allowed is refused at once', async () => {
  const bench = aBench(failure('provider-rejected', 'address-refused'));

  expect(await bench.prepare()).toMatchObject({ state: 'refused', detail: 'address-refused' });
  expect(bench.counts().opened).toBe(1);
});

it('whose host is in trouble is asked for again, and may be worth another visit', async () => {
  const trouble = failure('provider-unavailable', 'host-trouble');

  expect(await aBench(trouble, png).prepare()).toMatchObject({ state: 'ready' });
  expect(await aBench(trouble).prepare()).toEqual({ state: 'trouble', by: 'source', failure: trouble });
});

it('that is cut short is asked for again', async () => {
  const bench = aBench(png);
  bench.announce(png.length + 1);

  expect(await bench.prepare()).toMatchObject({
    state: 'trouble',
    failure: { details: { code: 'cut-short' } },
  });
  expect(bench.counts()).toEqual({ opened: 3, closed: 3 });
});

it('is WhatsApp’s trouble when the upload fails for a passing reason', async () => {
  const bench = aBench(png);
  const down = new BridgeError('delivery-unknown', 'down');
  bench.refuseUploads(down);

  expect(await bench.prepare()).toEqual({ state: 'trouble', by: 'whatsapp', failure: down });
});

it('goes out without a copy of ours, but not as a link without one', async () => {
  const broken = failure('store-unavailable', 'down');
  const bench = aBench(png);
  bench.breakStore(broken);

  expect(await bench.prepare()).toMatchObject({ state: 'ready' });
  expect(bench.telemetry.problems).toMatchObject([{ name: 'file.not-kept' }]);
  bench.refuseUploads(new BridgeError('provider-rejected', 'no'));
  await expect(bench.prepare()).rejects.toBe(broken);
});

it('waits for a secret that cannot be read, and lets a bug be a bug', async () => {
  const unreadable = failure('secret-unavailable', 'x');

  await expect(aBench(unreadable).prepare()).rejects.toBe(unreadable);
  await expect(aBench(new TypeError('bug')).prepare()).rejects.toThrow(TypeError);
});
