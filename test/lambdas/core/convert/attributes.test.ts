import fc from 'fast-check';
import { fitAttributes } from '../../../../lambdas/core/convert/attributes.ts';

describe('participant data', () => {
  it('is taken in its order until it is full, and what is left out is counted', () => {
    const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, 'x'.repeat(300)]));

    const { kept, dropped } = fitAttributes({ first: 'yes', ...attributes, last: 'yes' });

    expect(Object.keys(kept)).toEqual(['first', 'a0', 'a1', 'a2', 'a3', 'last']);
    expect(dropped).toBe(6);
  });

  it('holds a value whole or not at all', () => {
    expect(fitAttributes({ url: `https://x/${'y'.repeat(500)}`, id: '1' })).toEqual({
      kept: { id: '1' },
      dropped: 1,
    });
  });

  it('is of single lines, without empty ones', () => {
    expect(fitAttributes({ a: 'x\n\u202ey', b: ' ', c: '' })).toEqual({ kept: { a: 'x y' }, dropped: 0 });
  });

  it('never takes more than 1,900 bytes together with the ids of the message', () => {
    const text = fc.string({ unit: 'binary' });
    const ids = {
      waPhoneNumberId: '1'.repeat(20),
      waUserId: `GB.${'1'.repeat(128)}`,
      waUsername: `@${'ü'.repeat(60)}`,
    };
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 60 }), (attributes) => {
        const { kept, dropped } = fitAttributes(attributes);

        expect(Buffer.byteLength(JSON.stringify({ ...ids, ...kept }))).toBeLessThanOrEqual(1900);
        expect(Object.keys(kept).length + dropped).toBeLessThanOrEqual(Object.keys(attributes).length);
      }),
    );
  });
});
