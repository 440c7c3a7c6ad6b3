import {
  describeFile,
  isActiveType,
  toHexDigest,
  toMediaType,
} from '../../../../lambdas/core/convert/media-rules.ts';

describe('a media file', () => {
  it.each([
    ['image', 'image/jpeg', undefined, { mime: 'image/jpeg', filename: 'image-ab12.jpg', extension: 'jpg' }],
    [
      'audio',
      'audio/ogg; codecs=opus',
      undefined,
      { mime: 'audio/ogg', filename: 'audio-ab12.ogg', extension: 'ogg' },
    ],
    [
      'document',
      'application/pdf',
      'A b.pdf',
      { mime: 'application/pdf', filename: 'A b.pdf', extension: 'pdf' },
    ],
    [
      'document',
      'application/x-new',
      'plan.DWG',
      { mime: 'application/x-new', filename: 'plan.DWG', extension: 'dwg' },
    ],
    [
      'document',
      'application/x-new',
      'no extension',
      { mime: 'application/x-new', filename: 'no extension', extension: 'bin' },
    ],
    [
      'document',
      'nonsense',
      '../..',
      { mime: 'application/octet-stream', filename: 'document-ab12.bin', extension: 'bin' },
    ],
    [
      'document',
      'IMAGE/PNG',
      undefined,
      { mime: 'image/png', filename: 'document-ab12.png', extension: 'png' },
    ],
  ])('of kind %s and type %s called %s is described', (kind, mime, filename, expected) => {
    expect(describeFile({ kind, mime, ...(filename === undefined ? {} : { filename }) }, 'ab12')).toEqual(
      expected,
    );
  });

  it.each([
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/xml',
    'text/javascript; charset=utf-8',
  ])('of type %s, which a browser would run, keeps its name and loses its type', (mime) => {
    expect(isActiveType(mime)).toBe(true);
    expect(describeFile({ kind: 'document', mime, filename: 'page.html' }, '')).toEqual({
      mime: 'application/octet-stream',
      filename: 'page.html',
      extension: 'html',
    });
  });

  it.each([
    ['image/webp', 'Image'],
    ['video/3gpp', 'Video'],
    ['audio/ogg', 'Audio'],
    ['text/vcard', 'File'],
    ['application/octet-stream', 'File'],
  ])('of type %s is shown as %s', (mime, expected) => {
    expect(toMediaType(mime)).toBe(expected);
  });
});

describe('a digest', () => {
  const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it.each([
    ['base64, as webhooks carry it', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
    ['base64 for addresses', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
    ['hex, as look-ups carry it', hex],
    ['hex in capitals', hex.toUpperCase()],
  ])('in %s is read', (_name, digest) => {
    expect(toHexDigest(digest)).toBe(hex);
  });

  it.each([undefined, '', 'nonsense', hex.slice(1), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=='])(
    'that is none is as good as none: %j',
    (digest) => {
      expect(toHexDigest(digest)).toBeUndefined();
    },
  );
});
