import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { createHmacSha256 } from '../../../lambdas/adapters/hmac-sha256.ts';

// RFC 4231, case 2.
test('gives the published result', () => {
  const hmac = createHmacSha256();

  expect(hmac('Jefe', 'what do ya want for nothing?', 'hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('gives what createHmac gives, whatever the key and the bytes are', () => {
  const hmac = createHmacSha256();

  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ maxLength: 300 }),
      (key, bytes) => {
        expect(hmac(key, bytes, 'hex')).toBe(createHmac('sha256', key).update(bytes).digest('hex'));
      },
    ),
  );
});

test('takes text as its UTF-8 bytes and writes base64url', () => {
  const hmac = createHmacSha256();

  expect(hmac('key', 'Zoë 🌻', 'base64url')).toBe(
    createHmac('sha256', 'key').update('Zoë 🌻').digest('base64url'),
  );
});

test('keeps keys apart when they are used by turns', () => {
  const hmac = createHmacSha256();

  const first = hmac('one', 'message', 'hex');
  const other = hmac('two', 'message', 'hex');

  expect(other).not.toBe(first);
  expect(hmac('one', 'message', 'hex')).toBe(first);
});
