import { forcedKey, outboundKey } from '../../../../lambdas/core/model/ledger-record.ts';
import { readSendTag, toSendTag } from '../../../../lambdas/core/model/send-tag.ts';

describe('the tag of a send', () => {
  it.each([
    ['a message', outboundKey('123', 'd7d58935af65a45e'), 'd7d58935af65a45e.2'],
    ['a forced copy', forcedKey(outboundKey('123', 'd7d5'), '7'), 'd7d5#FORCED#7.2'],
    ['an id with dots', outboundKey('123', 'a.b.9'), 'a.b.9.2'],
  ])('leads back to %s and the part', (_name, key, tag) => {
    expect(toSendTag('123', key, 2)).toBe(tag);
    expect(readSendTag('123', tag)).toEqual({ key, part: 2 });
  });

  it.each([
    ['no tag', undefined],
    ['a number', 7],
    ['a tag without a part', 'd7d58935'],
    ['a tag without an id', '.1'],
    ['a tag of words', 'order.number'],
    ['an endless tag', `${'a'.repeat(511)}.1`],
  ])('%s leads nowhere', (_name, tag) => {
    expect(readSendTag('123', tag)).toBeUndefined();
  });
});
