// Media with real bytes on the local run: what the customer sends is what the address given to Genesys serves.
import type { ProviderRequest } from './local-run.ts';
import { aPhone, LocalRun } from './local-run.ts';
import { digest, sendMedia, someBytes, untilShown, upload } from './media-words.ts';

let run: LocalRun;
beforeAll(async () => {
  // Large files take their time on a busy machine.
  run = await LocalRun.start('test/journeys/media-tenant.json');
}, 60_000);
afterAll(() => run?.stop());
beforeEach(async () => {
  await run.calm();
  await run.tell('DELETE', `${run.endpoints.meta}/_requests`);
});
jest.setTimeout(60_000);

describe('media', () => {
  const mebibyte = 1024 * 1024;
  it.each([
    ['image', 'image/jpeg', 'Image', 1024],
    ['image', 'image/png', 'Image', 3 * mebibyte],
    ['sticker', 'image/webp', 'Image', 90 * 1024],
    ['audio', 'audio/ogg; codecs=opus', 'Audio', mebibyte],
    ['video', 'video/mp4', 'Video', 15 * mebibyte],
    ['document', 'application/pdf', 'File', 24 * mebibyte],
  ])('of kind %s (%s) arrives as %s with the same %i bytes', async (kind, mime, mediaType, size) => {
    const bytes = someBytes(mime, size);
    const { id: mediaId, sha256 } = await upload(run, bytes, mime);
    const since = Math.max(0, ...(await run.calls('inbound-worker')).map(({ seq }) => seq));

    const id = await sendMedia(run, kind, { id: mediaId, mime_type: mime, sha256 });

    const { text, attachment } = await untilShown(run, id);
    expect(text).toMatch(/^\[\w+\]$/);
    const bare = mime.split(';')[0] ?? '';
    expect(attachment).toMatchObject({ mediaType, mime: bare, sha256: digest(bytes, 'hex') });
    const record = (await run.untilStatus(id, 'DELIVERED')) as unknown as {
      media: unknown;
      placeholder: boolean;
    };
    expect(record.placeholder).toBe(false);
    expect(record.media).toMatchObject({ state: 'downloaded', bytes: size });
    const calls = (await run.calls('inbound-worker', since)).map(
      ({ service, operation }) => `${service}:${operation}`,
    );
    expect(calls.filter((call) => call.startsWith('s3:'))).toEqual(['s3:PutObject']);
    const download = await fetch(attachment?.url ?? '');
    expect(download.headers.get('content-type')).toBe(bare);
    expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename="/);
    expect(digest(await download.bytes(), 'base64')).toBe(sha256);
  });

  it('without words is announced by its kind, with words by those', async () => {
    const { id } = await upload(run, someBytes('image/jpeg', 2000), 'image/jpeg');

    const shown = await untilShown(
      run,
      await sendMedia(run, 'image', { id, mime_type: 'image/jpeg', caption: 'Look!' }),
    );

    expect(shown).toMatchObject({
      text: 'Look!',
      attachment: { filename: expect.stringMatching(/^image-\w+\.jpg$/) },
    });
  });

  it('with a hostile file name gets a safe and readable one', async () => {
    const { id } = await upload(run, someBytes('application/pdf', 2000), 'application/pdf');
    const filename = '../../etc/\u202eInvoi\u0000ce\r\nSet-Cookie: é日本.pdf';

    const { attachment } = await untilShown(
      run,
      await sendMedia(run, 'document', { id, mime_type: 'application/pdf', filename }),
    );

    expect(attachment?.filename).toBe('Invoice Set-Cookie_ é日本.pdf');
    const download = await fetch(attachment?.url ?? '');
    expect(download.headers.get('content-disposition')).toBe(
      'attachment; filename="Invoice Set-Cookie_ ___.pdf"; filename*=UTF-8\'\'Invoice%20Set-Cookie_%20%C3%A9%E6%97%A5%E6%9C%AC.pdf',
    );
  });

  it('of 60 MB is shown as a link that leads to it, and only as it was given', async () => {
    const bytes = someBytes('application/pdf', 60 * mebibyte);
    const { id: mediaId, sha256 } = await upload(run, bytes, 'application/pdf');

    const { text = '', attachment } = await untilShown(
      run,
      await sendMedia(run, 'document', {
        id: mediaId,
        mime_type: 'application/pdf',
        sha256,
        filename: 'plans.pdf',
      }),
    );

    expect(attachment).toBeUndefined();
    expect(text).toContain('plans.pdf');
    const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/media\/[\w.-]+/.exec(text) ?? [];
    expect(link.startsWith(`${run.endpoints.bridge}/media/`)).toBe(true);
    const redirect = await fetch(link, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('cache-control')).toBe('no-store');
    const download = await fetch(redirect.headers.get('location') ?? '');
    expect(digest(await download.bytes(), 'base64')).toBe(sha256);
    for (const wrong of [
      `${link}x`,
      `${link.slice(0, -1)}`,
      link.replace(/\.[\w-]+$/, ''),
      `${run.endpoints.bridge}/media/x`,
    ])
      expect((await fetch(wrong, { redirect: 'manual' })).status).toBe(404);
  });

  it('keeps its place among the messages of its customer', async () => {
    const from = aPhone();
    const { id } = await upload(run, someBytes('image/jpeg', 100_000), 'image/jpeg');
    await run.tell('PUT', `${run.endpoints.meta}/_faults`, [
      { match: { method: 'GET', path: `${id}$` }, times: 1, delayMs: 1000 },
    ]);

    await run.send('before', { from });
    await sendMedia(run, 'image', { id, mime_type: 'image/jpeg', caption: 'image' }, from);
    await run.send('after', { from });

    expect(await run.untilDelivered(3)).toEqual(['before', 'image', 'after']);
  });

  it('is fetched once, and addressed anew, when the message has to be posted again', async () => {
    const { id: mediaId, sha256 } = await upload(run, someBytes('image/jpeg', 5000), 'image/jpeg');
    await run.tell('PUT', `${run.endpoints.genesys}/_faults`, [
      { match: { path: '/inbound/open/message$' }, times: 1, action: { status: 429 } },
    ]);

    const id = await sendMedia(run, 'image', { id: mediaId, mime_type: 'image/jpeg', sha256 });

    await run.untilStatus(id, 'DELIVERED');
    const asked = await run.get<ProviderRequest[]>(`${run.endpoints.meta}/_requests`);
    expect(asked.map(({ path }) => path)).toEqual([`/v24.0/${mediaId}`, '/whatsapp_business/attachments/']);
    const bodies = (await run.deskRequests()).map(({ body }) =>
      JSON.stringify(body).replace(/\?X-Amz[^"]*/, ''),
    );
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toBe(bodies[1]);
  });

  it('from the address in the webhook saves the look-up, and a stale one does not', async () => {
    const bytes = someBytes('image/png', 5000);
    const { id, sha256 } = await upload(run, bytes, 'image/png');
    await untilShown(run, await sendMedia(run, 'image', { id, mime_type: 'image/png' }));
    const [lookUp] = await run.get<{ response: { url: string } }[]>(`${run.endpoints.meta}/_requests`);
    const url = lookUp?.response.url;
    await run.tell('DELETE', `${run.endpoints.meta}/_requests`);

    const media = { id, mime_type: 'image/png', sha256, url };
    const fresh = await untilShown(run, await sendMedia(run, 'image', media));
    const stale = await untilShown(run, await sendMedia(run, 'image', { ...media, url: `${url}x` }));

    expect([fresh, stale].map(({ attachment }) => attachment?.sha256)).toEqual([
      digest(bytes, 'hex'),
      digest(bytes, 'hex'),
    ]);
    const asked = await run.get<ProviderRequest[]>(`${run.endpoints.meta}/_requests`);
    const download = '/whatsapp_business/attachments/';
    expect(asked.map(({ path }) => path)).toEqual([download, download, `/v24.0/${id}`, download]);
  });
});
