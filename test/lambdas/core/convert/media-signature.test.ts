import fc from 'fast-check';
import type { MediaKind } from '../../../../lambdas/core/convert/media-rules.ts';
import { contradictsKind } from '../../../../lambdas/core/convert/media-signature.ts';

const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));

const images = {
  jpeg: '\xff\xd8\xff\xe0',
  png: '\x89PNG\r\n\x1a\n',
  gif: 'GIF89a',
  webp: 'RIFF\0\0\0\0WEBP',
};
const films = { mp4: '\0\0\0\x18ftypmp42', ogg: 'OggS\0', amr: '#!AMR\n', webm: '\x1aE\xdf\xa3' };
const markup = {
  html: '<!doctype html>',
  'html after white space': '\n \t<HTML >',
  'html after a comment': '<!-- hello --><html>',
  'html after a byte order mark': '\xef\xbb\xbf<html>',
  svg: '<svg xmlns="x">',
  'svg after an XML declaration': '<?xml version="1.0"?><svg>',
  script: '<script>alert(1)</script>',
};
const rows = (kinds: MediaKind[], heads: Record<string, string>) =>
  kinds.flatMap((kind) => Object.entries(heads).map(([name, head]) => [kind, name, bytesOf(head)] as const));

it.each([
  ...rows(['image', 'sticker', 'video', 'audio'], markup),
  ...rows(['image', 'sticker'], films),
  ...rows(['video', 'audio'], images),
  ...rows(['image', 'video'], { pdf: '%PDF-1.4', zip: 'PK\x03\x04' }),
  ['image', 'html in UTF-16', utf16('<html><script>')] as const,
])('an alleged %s that is %s contradicts itself', (kind, _name, head) => {
  expect(contradictsKind(kind, head)).toBe(true);
});

it.each([
  ...rows(['image', 'sticker'], images),
  ...rows(['image'], { heic: '\0\0\0\x18ftypheic', nothing: '', 'a text': 'just < a text' }),
  ...rows(['video', 'audio'], films),
  ...rows(['document'], { ...images, ...films, ...markup }),
])('an alleged %s that begins as %s may be one', (kind, _name, head) => {
  expect(contradictsKind(kind, head)).toBe(false);
});

it('never fails, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (head) => {
      expect(typeof contradictsKind('image', head)).toBe('boolean');
    }),
  );
});
