import fc from 'fast-check';
import {
  assembleEnvelope,
  type InboundItem,
  isClaimCheck,
  openEnvelope,
  packItem,
  parseQueueBody,
  pickShared,
  toAsciiJson,
} from '../../../../lambdas/core/model/envelope.ts';
import { anEnvelope, anInboundItem } from '../../../builders.ts';

const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
const printableAscii = /^[\x20-\x7e]*$/;

describe('ASCII JSON', () => {
  it.each([
    ['plain ASCII', 'hello "you" \\ / <b>', '"hello \\"you\\" \\\\ / <b>"'],
    ['control characters', '\u0000\n\t\u001f', '"\\u0000\\n\\t\\u001f"'],
    ['DEL', 'a\u007fb', '"a\\u007fb"'],
    ['Latin', 'naïve', '"na\\u00efve"'],
    ['what SQS refuses', '\uffff\ufffe', '"\\uffff\\ufffe"'],
    ['an emoji, by its halves', '🎉', '"\\ud83c\\udf89"'],
    ['a lone surrogate', 'a\ud800', '"a\\ud800"'],
    ['line separators', '\u2028\u2029', '"\\u2028\\u2029"'],
    ['right to left', 'שלום!', '"\\u05e9\\u05dc\\u05d5\\u05dd!"'],
  ])('escapes %s', (_name, text, expected) => {
    expect(toAsciiJson(text)).toBe(expected);
    expect(JSON.parse(expected)).toBe(text);
  });

  it('carries any JSON, in keys and values, through printable ASCII', () => {
    const leaf = fc.oneof(anyText, fc.jsonValue());
    const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(anyText, fc.oneof(leaf, fc.array(leaf))));
    fc.assert(
      fc.property(value, (each) => {
        const json = toAsciiJson(each);

        expect(json).toMatch(printableAscii);
        expect(JSON.parse(json)).toStrictEqual(JSON.parse(JSON.stringify(each)));
      }),
    );
  });
});

describe('an envelope', () => {
  it('comes out of the queue as it went in', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.tuple(anyText, anyText, fc.jsonValue())), (rawKey, texts) => {
        const items = texts.map(([name, body, extra]) =>
          anInboundItem({ name, message: { text: { body }, extra } }),
        );
        const { items: _items, numberId, ...head } = anEnvelope({ rawKey });
        const shared = pickShared(items[0] ?? {});
        const body = assembleEnvelope(
          openEnvelope(head),
          numberId,
          shared,
          items.map((item) => packItem(item, shared)),
        );

        expect(body).toMatch(printableAscii);
        expect(parseQueueBody(body)).toStrictEqual(JSON.parse(JSON.stringify({ ...head, numberId, items })));
      }),
    );
  });

  it('may be empty', () => {
    const { items: _items, numberId, ...head } = anEnvelope();

    expect(parseQueueBody(assembleEnvelope(openEnvelope(head), numberId, {}, []))).toEqual({
      ...head,
      numberId,
      items: [],
    });
  });

  it('says once what its items share, and keeps apart what they do not', () => {
    const { items: _items, numberId, ...head } = anEnvelope();
    const items: InboundItem[] = [
      { id: 'w1', message: { id: 'w1' }, userId: 'GB.1', phone: '441', name: 'Ada' },
      { id: 'w2', message: { id: 'w2' }, userId: 'GB.1' },
      {
        id: 'w3',
        message: { id: 3 },
        userId: 'GB.1',
        phone: '441',
        name: 'Ada L',
        username: '@ada',
        kind: 'echo',
      },
      { id: 'w4', message: 'odd', userId: 'GB.1', phone: '441', name: 'Ada' },
    ];
    const shared = pickShared(items[0] ?? {});
    const packed = items.map((item) => packItem(item, shared));

    expect(packed[0]).toBe('{"message":{"id":"w1"}}');
    const parsed = parseQueueBody(assembleEnvelope(openEnvelope(head), numberId, shared, packed));
    expect(isClaimCheck(parsed) ? [] : parsed.items).toStrictEqual(items);
  });

  it('of an earlier release, whose items say everything themselves, is understood', () => {
    expect(parseQueueBody(JSON.stringify(anEnvelope({ items: [anInboundItem()] })))).toEqual(
      anEnvelope({ items: [anInboundItem()] }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"v":1'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"claimCheck"'],
    ['an empty object', '{}'],
    ['another version', JSON.stringify({ ...anEnvelope(), v: 2 })],
    ['no version', JSON.stringify({ ...anEnvelope(), v: undefined })],
    ['no number', JSON.stringify({ ...anEnvelope(), numberId: undefined })],
    ['a number id that is a number', JSON.stringify({ ...anEnvelope(), numberId: 1 })],
    ['no items', JSON.stringify({ ...anEnvelope(), items: undefined })],
    ['items that are no list', JSON.stringify({ ...anEnvelope(), items: {} })],
    ['a claim check without a key', JSON.stringify({ v: 1, claimCheck: 7 })],
  ])('is refused when the body is %s', (_name, body) => {
    expect(() => parseQueueBody(body)).toThrow(SyntaxError);
  });
});

describe('a claim check', () => {
  it('is told apart from an envelope', () => {
    const check = parseQueueBody('{"v":1,"claimCheck":"claims/acme/a.json"}');

    expect(isClaimCheck(check) && check.claimCheck).toBe('claims/acme/a.json');
    expect(isClaimCheck(parseQueueBody(JSON.stringify(anEnvelope())))).toBe(false);
  });

  it.each([[null], [undefined], ['claimCheck'], [[]], [{}], [{ claimCheck: 1 }]])('is not %j', (value) => {
    expect(isClaimCheck(value)).toBe(false);
  });
});
