// Media that cannot be had, or is not what it says: the agent is told, the customer goes on, nobody waits.
import type { LoopbackServer } from '../loopback-server.ts';
import { answering, startLoopbackServer } from '../loopback-server.ts';
import { aMessage, aPhone, aWebhook, LocalRun } from './local-run.ts';
import { digest, sendMedia, someBytes, untilShown, upload } from './media-words.ts';

let run: LocalRun;
let forbidden: LoopbackServer;
beforeAll(async () => {
  [run, forbidden] = await Promise.all([LocalRun.start(), startLoopbackServer()]);
  forbidden.answer = answering(200, 'what nobody may read');
}, 60_000);
afterAll(() => Promise.all([run?.stop(), forbidden?.close()]));
beforeEach(async () => {
  await run.calm();
  await run.tell('DELETE', `${run.endpoints.meta}/_requests`);
});
jest.setTimeout(60_000);

const lookUp = { method: 'GET', path: '^/v24\\.0/\\d+$' };
const download = { method: 'GET', path: '/attachments/$' };
const jpeg = 'image/jpeg';
const html = '<!DOCTYPE html><html><script>alert(1)</script></html>';
const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}) => ({
  status,
  body,
  headers,
});
const graphError = (code: number, error_subcode?: number) => ({
  error: { message: '', code, error_subcode },
});
const typed = { 'content-type': jpeg };

interface Trouble {
  what: string;
  reason: string;
  faults?: unknown[];
  /** Replaces parts of the message's media. */
  media?: Record<string, unknown>;
  kind?: string;
}

/** Sends media in trouble and a text after it; answers what became of them. */
async function meet({ faults = [], media = {}, kind = 'image' }: Omit<Trouble, 'what' | 'reason'>) {
  const from = aPhone();
  const { id: mediaId, sha256 } = await upload(run, someBytes(jpeg, 20_000), jpeg);
  await run.tell('PUT', `${run.endpoints.meta}/_faults`, faults);
  const startedAt = Date.now();

  const id = await sendMedia(
    run,
    kind,
    { id: mediaId, mime_type: jpeg, sha256, caption: 'Look', ...media },
    from,
  );
  await run.send('and then', { from });

  const { text = '', attachment } = await untilShown(run, id);
  await run.untilDelivered(1, (shown) => shown === 'and then');
  const record = (await run.untilStatus(id, 'DELIVERED')) as unknown as Record<string, unknown>;
  return { text, attachment, record, durationMs: Date.now() - startedAt };
}

describe('media that cannot be had', () => {
  it.each<Trouble>([
    { what: 'no longer there', reason: 'media-missing', faults: [{ match: lookUp, action: answer(404) }] },
    {
      what: 'expired',
      reason: 'media-expired',
      faults: [{ match: lookUp, action: answer(400, graphError(100, 33)) }],
    },
    { what: 'unknown to Meta', reason: 'media-expired', media: { id: '99999999999999' } },
    {
      what: 'refused to the token (401)',
      reason: 'token-refused',
      faults: [{ match: lookUp, action: answer(401, graphError(190)) }],
    },
    {
      what: 'refused to the token (403)',
      reason: 'token-refused',
      faults: [{ match: lookUp, action: answer(403) }],
    },
    {
      what: 'refused at the download (403)',
      reason: 'token-refused',
      faults: [{ match: download, action: answer(403) }],
    },
    {
      what: 'behind addresses that are always stale',
      reason: 'address-stale',
      faults: [{ match: download, action: answer(404) }],
    },
    {
      what: 'behind an API that fails',
      reason: 'whatsapp-trouble',
      faults: [{ match: lookUp, action: answer(500) }],
    },
    { what: 'asked for too often', reason: 'throttled', faults: [{ match: lookUp, action: answer(429) }] },
    {
      what: 'behind an answer that makes no sense',
      reason: 'look-up-odd',
      faults: [{ match: lookUp, action: answer(200, '{"url":5}') }],
    },
    { what: 'cut off', reason: 'not-answered', faults: [{ match: download, action: 'reset' }] },
    {
      what: 'cut at 99 %',
      reason: 'cut-short',
      faults: [
        { match: download, action: answer(200, 'x'.repeat(990), { ...typed, 'content-length': '1000' }) },
      ],
    },
    { what: 'never answered', reason: 'timed-out', faults: [{ match: download, action: 'hang' }] },
    {
      what: 'longer than its Content-Length',
      reason: 'size-differs',
      faults: [
        { match: download, action: answer(200, 'x'.repeat(1000), { ...typed, 'content-length': '10' }) },
      ],
    },
    { what: 'empty', reason: 'empty', faults: [{ match: download, action: answer(200, '', typed) }] },
    {
      what: 'of another size than the look-up says',
      reason: 'size-differs',
      faults: [{ match: download, action: answer(200, 'x'.repeat(30_000), typed) }],
    },
    {
      what: 'said to be over 100 MB',
      reason: 'too-large',
      faults: [
        {
          match: lookUp,
          action: answer(200, { url: 'https://lookaside.fbsbx.com/x', file_size: '104857601' }),
        },
      ],
    },
    {
      what: 'over 100 MB by its Content-Length',
      reason: 'too-large',
      faults: [{ match: download, action: answer(200, 'x', { ...typed, 'content-length': '104857601' }) }],
    },
    {
      what: 'not what the hash of the webhook says',
      reason: 'hash-differs',
      media: { sha256: digest(Buffer.from('other'), 'base64') },
    },
    {
      what: 'HTML said to be an image',
      reason: 'wrong-type',
      faults: [{ match: download, action: answer(200, html, typed) }],
    },
    {
      what: 'SVG said to be an image',
      reason: 'wrong-type',
      faults: [{ match: download, action: answer(200, svg, typed) }],
    },
    { what: 'SVG and called so', reason: 'wrong-type', media: { mime_type: 'image/svg+xml' } },
    {
      what: 'an image said to be a video',
      reason: 'wrong-type',
      kind: 'video',
      media: { mime_type: 'video/mp4' },
    },
    ...[
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      'https://10.0.0.1/',
      'https://lookaside.fbsbx.com.evil.example/',
    ].map((location) => ({
      what: `behind a redirect to ${location}`,
      reason: 'address-refused',
      faults: [{ match: download, action: answer(302, '', { location }) }],
    })),
    {
      what: 'behind a look-up that leads to the metadata service',
      reason: 'address-refused',
      faults: [{ match: lookUp, action: answer(200, { url: 'http://169.254.169.254/latest' }) }],
    },
    {
      what: 'behind redirects without end',
      reason: 'redirected-too-often',
      faults: [{ match: download, action: answer(302, '', { location: '?' }) }],
    },
  ])('since it is $what, is announced by a placeholder', async ({ reason, ...trouble }) => {
    const { text, attachment, record, durationMs } = await meet(trouble);

    expect(text).toMatch(/^Look\n\[\w+ could not be fetched from WhatsApp\]$/);
    expect(attachment).toBeUndefined();
    expect(record).toMatchObject({ placeholder: true, media: { state: 'failed', reason } });
    expect(durationMs).toBeLessThan(10_000);
  });

  it('leaves nothing in the store', async () => {
    const before = await run.get<unknown[]>(`${run.endpoints.control}/_objects?prefix=media/`);

    await meet({ media: { sha256: digest(Buffer.from('other'), 'base64') } });
    await meet({ faults: [{ match: download, action: answer(200, html, typed) }] });

    expect(await run.get(`${run.endpoints.control}/_objects?prefix=media/`)).toEqual(before);
  });

  it('is not looked for on this machine', async () => {
    const location = `${forbidden.url}/secret`;

    for (const faults of [
      [{ match: download, action: answer(302, '', { location }) }],
      [{ match: lookUp, action: answer(200, { url: location }) }],
    ])
      await meet({ faults });
    await meet({ media: { url: location }, faults: [{ match: lookUp, action: answer(404) }] });

    expect(forbidden.requests).toEqual([]);
  });

  it('counts, and says why in the log', async () => {
    const before = (await run.metrics()).MediaFailures ?? 0;

    const { record } = await meet({ media: { id: '99999999999999' } });

    expect((await run.metrics()).MediaFailures).toBe(before + 1);
    const rows = await run.get<{ line: Record<string, unknown> }[]>(`${run.endpoints.control}/_logs?since=0`);
    expect(rows.map(({ line }) => line)).toContainEqual(
      expect.objectContaining({
        event: 'media.failed',
        reason: 'media-expired',
        correlationId: record.correlationId,
      }),
    );
  });
});

describe('media in passing trouble', () => {
  it.each([
    ['a stale address', { match: download, times: 1, action: answer(404) }],
    ['a failing API', { match: lookUp, times: 1, action: answer(503) }],
    ['a broken connection', { match: download, times: 1, action: 'reset' }],
  ])('arrives after %s', async (_name, fault) => {
    const { text, attachment, record } = await meet({ faults: [fault] });

    expect(text).toBe('Look');
    expect(attachment?.mediaType).toBe('Image');
    expect(record).toMatchObject({ placeholder: false, media: { state: 'downloaded' } });
  });

  it.each([
    ['error', { error: 'SlowDown' }],
    ['lost answer', 'applied-then-reset'],
  ])('of the store (%s) arrives all the same', async (_name, action) => {
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [
      { service: 's3', operation: 'PutObject', function: 'journeys-local-inbound-worker', times: 1, action },
    ]);

    expect((await meet({})).record).toMatchObject({ media: { state: 'downloaded' } });
  });
});

describe('while the media of one customer loads', () => {
  it('others are served, with what they write meanwhile, too', async () => {
    const [slow, quick] = [aPhone(), aPhone()];
    const { id } = await upload(run, someBytes(jpeg, 20_000), jpeg);
    await run.tell('PUT', `${run.endpoints.meta}/_faults`, [{ match: lookUp, times: 1, action: 'hang' }]);
    const image = aMessage(slow, '', { type: 'image', image: { id, mime_type: jpeg, caption: 'slow' } });

    // One webhook, so that both customers are worked on in one batch.
    await run.post(aWebhook(run.endpoints.phoneNumberId, [image, aMessage(quick, 'quick 1')]));
    await run.untilDelivered(1, (text) => text === 'quick 1');
    await run.post(aWebhook(run.endpoints.phoneNumberId, [aMessage(quick, 'quick 2')]));

    const texts = await run.untilDelivered(3);
    expect(texts.map((text) => text.split('\n')[0])).toEqual(['quick 1', 'quick 2', 'slow']);
    const deletions = (await run.calls('inbound-worker')).filter(
      ({ operation }) => operation === 'DeleteMessageBatch',
    );
    expect(deletions).not.toEqual([]);
  });
});
