import { largestMediaBytes } from '../../../lambdas/core/convert/media-rules.ts';
import { inspectMedia } from '../../../lambdas/flows/inspect-media.ts';

async function* chunksOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const image = { kind: 'image', mime: 'image/jpeg' } as const;
const jpeg = '\xff\xd8\xff\xe0';

describe('media that streams by', () => {
  it.each([
    ['in one piece', [`${jpeg}${'a'.repeat(5000)}`]],
    ['byte by byte', [...`${jpeg}${'a'.repeat(1200)}`]],
    ['short', [jpeg]],
  ])('%s comes out as it went in', async (_name, parts) => {
    expect(await readAll(inspectMedia({ chunks: chunksOf(...parts) }, image))).toEqual(
      Buffer.from(parts.join(''), 'latin1'),
    );
  });

  it.each([
    ['in one piece', ['<html>']],
    ['in pieces', ['<', 'ht', 'ml', '>']],
    ['and long', ['<html>', 'a'.repeat(5000)]],
  ])('is stopped before anything of it got through when it is HTML %s', async (_name, parts) => {
    const inspected = inspectMedia({ chunks: chunksOf(...parts) }, image);

    await expect(inspected.next()).rejects.toMatchObject({ details: { code: 'wrong-type' } });
  });

  it.each([
    [{ kind: 'image', mime: 'image/jpeg' }, 'text/html; charset=utf-8'],
    [{ kind: 'image', mime: 'image/svg+xml' }, 'image/svg+xml'],
  ] as const)('%j is stopped when it comes as %s', async (media, mime) => {
    await expect(readAll(inspectMedia({ chunks: chunksOf('?'), mime }, media))).rejects.toMatchObject({
      details: { code: 'wrong-type' },
    });
  });

  it('may be HTML when it is a document', async () => {
    const media = { kind: 'document', mime: 'text/html' } as const;

    expect(
      (await readAll(inspectMedia({ chunks: chunksOf('<html>'), mime: 'text/html' }, media))).length,
    ).toBe(6);
  });

  it('is stopped when it is empty', async () => {
    await expect(readAll(inspectMedia({ chunks: chunksOf() }, image))).rejects.toMatchObject({
      details: { code: 'empty' },
    });
  });

  it('is stopped at 100 MB, whatever was announced', async () => {
    const part = new Uint8Array(10 * 1024 * 1024);
    let passed = 0;
    const endless = async function* () {
      for (;;) yield part;
    };

    const read = async () => {
      for await (const chunk of inspectMedia({ chunks: endless() }, image)) passed += chunk.length;
    };

    await expect(read()).rejects.toMatchObject({ details: { code: 'too-large' } });
    expect(passed).toBe(largestMediaBytes);
  });
});
