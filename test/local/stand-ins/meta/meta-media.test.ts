import { createHash } from 'node:crypto';
import { MetaMedia } from '../../../../local/stand-ins/meta/meta-media.ts';
import { Timers } from '../../../../local/stand-ins/timers.ts';
import {
  type Bench,
  metaAuthorization,
  otherPhoneNumberId,
  phoneNumberId,
  secretsOf,
  startBench,
} from '../stand-in-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const bytes = Buffer.from([0xff, 0xd8, 0x00, 0x01]);
const sha256 = createHash('sha256').update(bytes);
const digest = sha256.digest();

interface Description {
  id: string;
  url: string;
  sha256: string;
  mime_type: string;
  file_size: number;
}

async function addMedia(query = ''): Promise<{ id: string; sha256: string }> {
  const headers = { 'content-type': 'image/jpeg' };
  const response = await fetch(`${bench.metaUrl}/_media${query}`, { method: 'POST', headers, body: bytes });
  return (await response.json()) as { id: string; sha256: string };
}
const getMedia = (id: string, headers: Record<string, string> = metaAuthorization, version = '/v25.0') =>
  fetch(`${bench.metaUrl}${version}/${id}`, { headers });
const describeMedia = async (id: string) => (await (await getMedia(id)).json()) as Description;

describe('media of a customer', () => {
  test('is described with a hex digest, its size and an address', async () => {
    const added = await addMedia();

    expect(added).toEqual({ id: expect.stringMatching(/^\d+$/), sha256: digest.toString('base64') });
    expect(await describeMedia(added.id)).toEqual({
      messaging_product: 'whatsapp',
      url: expect.stringMatching(`^${bench.metaUrl}/whatsapp_business/attachments/\\?mid=`),
      mime_type: 'image/jpeg',
      sha256: digest.toString('hex'),
      file_size: 4,
      id: added.id,
    });
  });

  test('is downloaded byte for byte with the bearer token, and logged', async () => {
    const { url } = await describeMedia((await addMedia('?filename=p%C3%A4rt.jpg')).id);

    const response = await fetch(url, { headers: metaAuthorization });

    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('content-length')).toBe('4');
    expect(response.headers.get('content-disposition')).toContain('p%C3%A4rt.jpg');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    expect((await bench.rows(bench.metaUrl)).at(-1)).toMatchObject({
      path: '/whatsapp_business/attachments/',
      response: { base64: bytes.toString('base64') },
    });
  });

  test('has addresses that end after five minutes and are replaced by asking again', async () => {
    const { id } = await addMedia();
    const { url } = await describeMedia(id);
    bench.advance(5 * 60_000 + 1);

    expect((await fetch(url, { headers: metaAuthorization })).status).toBe(404);

    const fresh = await describeMedia(id);
    expect((await fetch(fresh.url, { headers: metaAuthorization })).status).toBe(200);
  });

  test('is not downloaded without a valid token, nor by an altered address', async () => {
    const { url } = await describeMedia((await addMedia()).id);

    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(`${url}x`, { headers: metaAuthorization })).status).toBe(404);
    expect((await fetch(url.replace('mid=', 'mid=1'), { headers: metaAuthorization })).status).toBe(404);
  });

  test('is found under every live version and without one', async () => {
    const { id } = await addMedia();

    for (const version of ['/v21.0', '/v26.0', '']) {
      expect((await getMedia(id, metaAuthorization, version)).status).toBe(200);
    }
    for (const version of ['/v20.0', '/v27.0', '/v25']) {
      const response = await getMedia(id, metaAuthorization, version);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 2500, type: 'OAuthException' } });
    }
  });

  test('is refused when empty', async () => {
    const response = await fetch(`${bench.metaUrl}/_media`, { method: 'POST' });

    expect(response.status).toBe(400);
  });

  test('is taken without content type as plain bytes', async () => {
    const response = await fetch(`${bench.metaUrl}/_media`, { method: 'POST', body: bytes });
    const { id } = (await response.json()) as { id: string };

    expect(await describeMedia(id)).toMatchObject({ mime_type: 'application/octet-stream' });
  });

  test('can be deleted', async () => {
    const { id } = await addMedia();
    const remove = () =>
      fetch(`${bench.metaUrl}/v25.0/${id}`, { method: 'DELETE', headers: metaAuthorization });

    expect(await (await remove()).json()).toEqual({ success: true });

    expect((await remove()).status).toBe(400);
    expect((await getMedia(id)).status).toBe(400);
  });
});

test('answers 190 to a wrong or missing token', async () => {
  const { id } = await addMedia();

  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const response = await getMedia(id, headers as Record<string, string>);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: {
        message: expect.any(String),
        type: 'OAuthException',
        code: 190,
        fbtrace_id: expect.any(String),
      },
    });
  }
});

test('answers 100/33 to an id that does not exist', async () => {
  const response = await getMedia('12345');

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 100, error_subcode: 33 } });
  expect(
    (await fetch(`${bench.metaUrl}/v25.0/1`, { method: 'POST', headers: metaAuthorization })).status,
  ).toBe(400);
});

test('forgets the oldest media beyond its store', () => {
  const media = new MetaMedia(new Timers(), () => '', 10);
  const add = (size: number) =>
    media.add({ bytes: Buffer.alloc(size), mimeType: 'a/b', filename: undefined, phoneNumberId: undefined })
      .id;

  const [first, second, third] = [add(6), add(4), add(5)];

  expect([first, second, third].map((id) => media.has(id))).toEqual([false, true, true]);
  expect(media.has(add(20))).toBe(true);
});

describe('upload', () => {
  function makeForm(
    change: { product?: string; type?: string; fileType?: string; size?: number } = {},
  ): FormData {
    const { product = 'whatsapp', type = 'image/jpeg', fileType = type, size = 4 } = change;
    const form = new FormData();
    form.set('messaging_product', product);
    if (type) form.set('type', type);
    if (size > 0) form.set('file', new Blob([Buffer.alloc(size, 1)], { type: fileType }), 'a.jpg');
    return form;
  }
  const upload = (body: FormData | string, number = phoneNumberId, headers = metaAuthorization) =>
    fetch(`${bench.metaUrl}/v25.0/${number}/media`, { method: 'POST', headers, body });

  test('gives an id that only its own number may ask for', async () => {
    const response = await upload(makeForm());

    const { id } = (await response.json()) as { id: string };
    expect(await describeMedia(id)).toMatchObject({ mime_type: 'image/jpeg', file_size: 4 });
    expect((await getMedia(`${id}?phone_number_id=${phoneNumberId}`)).status).toBe(200);
    expect((await getMedia(`${id}?phone_number_id=${otherPhoneNumberId}`)).status).toBe(400);
  });

  test.each([
    ['another product', makeForm({ product: 'messenger' }), 100, 'messaging_product'],
    ['no file', makeForm({ size: 0 }), 100, 'file'],
    ['no type', makeForm({ type: '', fileType: 'image/jpeg' }), 100, 'type'],
    ['a type that cannot be sent', makeForm({ type: 'image/gif' }), 100, 'image/jpeg'],
    ['a type that the file denies', makeForm({ fileType: 'image/png' }), 131053, 'image/png'],
    ['an image over 5 MB', makeForm({ size: 5 * 1024 * 1024 + 1 }), 131053, 'above'],
    ['no form', 'bytes', 100, 'multipart'],
  ])('is refused for %s', async (_name, body, code, details) => {
    const response = await upload(body);

    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: number; error_data: { details: string } } };
    expect(error.code).toBe(code);
    expect(error.error_data.details).toContain(details);
  });

  test('is refused for a number of another token', async () => {
    const foreign = { authorization: `Bearer ${secretsOf('two').metaAccessToken}` };

    const response = await upload(makeForm(), phoneNumberId, foreign);

    expect(await response.json()).toMatchObject({ error: { code: 100, error_subcode: 33 } });
  });
});
