import fc from 'fast-check';
import { chooseMedia, type FileFacts } from '../../../../../lambdas/core/convert/whatsapp/media-choice.ts';

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

const opus = (channels: number) =>
  latin1(`OggS${'\0'.repeat(24)}OpusHead\x01${String.fromCharCode(channels)}`);
const png = (bits: number) =>
  latin1(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR${'\0'.repeat(8)}${String.fromCharCode(bits)}\x02`);
const webp = (flags: number) => latin1(`RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0${String.fromCharCode(flags)}`);
const heads = {
  jpeg: latin1('\xff\xd8\xff\xe0'),
  png: png(8),
  deepPng: png(16),
  gif: latin1('GIF89a'),
  still: webp(0),
  animated: webp(2),
  mp4: latin1('\0\0\0\x18ftypmp42'),
  m4a: latin1('\0\0\0\x18ftypM4A '),
  threeGp: latin1('\0\0\0\x18ftyp3gp5'),
  mov: latin1('\0\0\0\x18ftypqt  '),
  mono: opus(1),
  stereo: opus(2),
  vorbis: latin1(`OggS${'\0'.repeat(24)}\x01vorbis`),
  mp3: latin1('ID3\x04'),
  pdf: latin1('%PDF-1.7'),
  zip: latin1('PK\x03\x04'),
  html: latin1('<!doctype html><title>403</title>'),
  text: latin1('Dear Ana'),
};
const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const choose = (mime: string, head: keyof typeof heads, rest: Partial<FileFacts> = {}) =>
  chooseMedia({ mime, head: heads[head], bytes: 1000, ...rest }, 'abc');

describe('a file that WhatsApp takes as what it is', () => {
  it.each([
    ['image/jpeg', 'jpeg', 5 * megabyte, 'image'],
    ['image/png', 'png', 5 * megabyte, 'image'],
    ['video/mp4', 'mp4', 16 * megabyte, 'video'],
    ['video/3gpp', 'threeGp', 16 * megabyte, 'video'],
    ['audio/mpeg', 'mp3', 16 * megabyte, 'audio'],
    ['audio/aac', 'text', 16 * megabyte, 'audio'],
    ['audio/amr', 'text', 16 * megabyte, 'audio'],
    ['audio/mp4', 'm4a', 16 * megabyte, 'audio'],
    ['audio/mp4', 'mp4', 16 * megabyte, 'audio'],
    ['audio/ogg', 'mono', 16 * megabyte, 'audio'],
  ] as const)(
    '%s (%s) goes so up to %i bytes and as an unsure document beyond',
    (mime, head, bytes, kind) => {
      expect(choose(mime, head, { bytes })).toMatchObject({ taken: true, kind, mime, certain: true });
      expect(choose(mime, head, { bytes: bytes + 1 })).toMatchObject({
        kind: 'document',
        mime,
        certain: false,
      });
    },
  );

  it.each([
    ['text/plain', 'text'],
    ['application/pdf', 'pdf'],
    ['application/msword', 'text'],
    [docx, 'zip'],
  ] as const)('%s goes as a document of up to 100 MB', (mime, head) => {
    const bytes = 100 * megabyte;

    expect(choose(mime, head, { bytes })).toMatchObject({ kind: 'document', mime, certain: true });
    expect(choose(mime, head, { bytes: bytes + 1 })).toEqual({
      taken: false,
      reason: 'InvalidMediaContentLength',
      fallback: 'link',
    });
  });
});

it.each([
  ['a GIF', 'image/gif', 'gif'],
  ['a PNG of 16 bits', 'image/png', 'deepPng'],
  ['a WebP that is no sticker', 'image/webp', 'still'],
  ['a sound of two channels', 'audio/ogg', 'stereo'],
  ['a sound of Vorbis', 'audio/ogg', 'vorbis'],
  ['a film of QuickTime', 'video/quicktime', 'mov'],
  ['a film in Ogg', 'video/ogg', 'vorbis'],
  ['an archive', 'application/zip', 'zip'],
] as const)('%s goes as a document', (_name, mime, head) => {
  expect(choose(mime, head)).toMatchObject({ taken: true, kind: 'document', mime });
});

describe('the bytes have the last word', () => {
  it.each([
    ['image/jpeg', 'png', 'image', 'image/png'],
    ['image/png', 'jpeg', 'image', 'image/jpeg'],
    ['image/png', 'pdf', 'document', 'application/pdf'],
    ['image/jpeg', 'gif', 'document', 'image/gif'],
    ['image/jpeg', 'zip', 'document', 'application/octet-stream'],
    ['application/octet-stream', 'jpeg', 'image', 'image/jpeg'],
    ['application/octet-stream', 'mp4', 'video', 'video/mp4'],
    ['application/pdf', 'mono', 'audio', 'audio/ogg'],
    ['video/mp4', 'm4a', 'audio', 'audio/mp4'],
    ['video/mp4', 'mov', 'document', 'video/quicktime'],
    ['', 'text', 'document', 'application/octet-stream'],
  ] as const)('%s that is %s goes as %s', (announced, head, kind, mime) => {
    expect(choose(announced, head)).toMatchObject({ kind, mime });
  });

  it('but only where they begin', () => {
    expect(chooseMedia({ mime: 'text/plain', head: latin1('Dear %PDF-'), bytes: 10 }, 'abc')).toMatchObject({
      mime: 'text/plain',
    });
  });

  it.each([
    ['image/jpg', 'image/jpeg'],
    ['audio/mp3', 'audio/mpeg'],
    ['AUDIO/X-M4A; rate=8000', 'audio/mp4'],
  ])('and where they say nothing, %s is read as %s', (announced, mime) => {
    expect(choose(announced, 'text')).toMatchObject({ mime });
  });
});

describe('a page in place of a file', () => {
  it.each(['image/png', 'application/pdf', 'audio/ogg', 'application/octet-stream', docx])(
    'announced as %s is refused, and a link would not help',
    (mime) => {
      expect(choose(mime, 'html')).toEqual({ taken: false, reason: 'MediaTypeNotAllowed', fallback: 'none' });
    },
  );

  it('that an agent really sent goes under a neutral type', () => {
    expect(choose('text/html', 'html', { filename: 'page.html' })).toMatchObject({
      kind: 'document',
      mime: 'application/octet-stream',
      filename: 'page.html',
    });
  });
});

it('a file of no bytes is refused', () => {
  expect(choose('image/png', 'png', { bytes: 0 })).toEqual({
    taken: false,
    reason: 'InvalidMediaContentLength',
    fallback: 'none',
  });
});

describe('a sticker', () => {
  it.each([
    ['still', 100 * kilobyte, 'sticker'],
    ['still', 100 * kilobyte + 1, 'document'],
    ['animated', 500 * kilobyte, 'sticker'],
    ['animated', 500 * kilobyte + 1, 'document'],
  ] as const)('(%s) of %i bytes goes as a %s', (head, bytes, kind) => {
    expect(choose('image/webp', head, { bytes, sticker: true })).toMatchObject({ kind });
  });

  it('that is a picture goes as one', () => {
    expect(choose('image/webp', 'png', { sticker: true })).toMatchObject({ kind: 'image' });
  });
});

describe('a voice message', () => {
  it('is one channel of Opus', () => {
    expect(choose('audio/ogg', 'mono', { voice: true })).toMatchObject({ kind: 'audio', voice: true });
  });

  it.each([
    ['audio/mpeg', 'mp3', 'audio'],
    ['audio/ogg', 'stereo', 'document'],
  ] as const)('of %s (%s) goes as plain %s', (mime, head, kind) => {
    const choice = choose(mime, head, { voice: true });

    expect(choice).toMatchObject({ kind });
    expect(choice).not.toHaveProperty('voice');
  });

  it('is not made of every sound', () => {
    expect(choose('audio/ogg', 'mono')).not.toHaveProperty('voice');
  });
});

it.each([
  ['audio/mpeg', 'mp3', {}],
  ['image/webp', 'still', { sticker: true }],
] as const)('%s goes as a document when a text goes with it', (mime, head, rest) => {
  expect(choose(mime, head, { ...rest, captioned: true })).toMatchObject({ kind: 'document' });
});

describe('its name', () => {
  it.each([
    ['../../etc/pass\u202ewd.pdf', 'passwd.pdf'],
    [undefined, 'document-abc.pdf'],
    ['/', 'document-abc.pdf'],
  ])('(%j) is safe', (filename, safe) => {
    expect(choose('application/pdf', 'pdf', { filename })).toMatchObject({ filename: safe });
  });
});

it('never fails, and never promises what WhatsApp does not take', () => {
  fc.assert(
    fc.property(
      fc.record({
        mime: fc.oneof(fc.string(), fc.constantFrom('image/png', 'audio/ogg', 'constructor', '__proto__/x')),
        head: fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...Object.values(heads))),
        bytes: fc.nat(200 * megabyte),
        filename: fc.option(fc.string(), { nil: undefined }),
        captioned: fc.boolean(),
        voice: fc.boolean(),
        sticker: fc.boolean(),
      }),
      (file) => {
        const choice = chooseMedia(file, 'abc');

        if (choice.taken) {
          const largest = { image: 5, video: 16, audio: 16, sticker: 0.5, document: 100 }[choice.kind];
          expect(file.bytes).toBeLessThanOrEqual(largest * megabyte);
          expect(choice.filename).toMatch(/^[^/\\]+$/);
          if (file.captioned) expect(['audio', 'sticker']).not.toContain(choice.kind);
        }
      },
    ),
  );
});
