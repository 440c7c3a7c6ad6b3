import fc from 'fast-check';
import { toGenesys, toGenesysResponse } from '../../../../../lambdas/core/convert/genesys/to-genesys.ts';
import { aDeskMessage } from '../../../../builders.ts';

describe('a text for Genesys', () => {
  it('has exactly the fields of the inbound schema', () => {
    const message = aDeskMessage({
      messageId: 'wamid.A',
      from: { id: '447700900001', idType: 'Phone', name: 'Ada' },
      sentAt: Date.UTC(2026, 10, 20, 10, 15, 30, 123),
      text: 'Hi, where is my order?',
      attributes: { waPhoneNumberId: '1', waUserId: 'GB.1' },
    });

    expect(toGenesys(message)).toStrictEqual({
      channel: {
        messageId: 'wamid.A',
        from: { id: '447700900001', idType: 'Phone', nickname: 'Ada' },
        time: '2026-11-20T10:15:30.123Z',
        metadata: { customAttributes: { waPhoneNumberId: '1', waUserId: 'GB.1' } },
      },
      text: 'Hi, where is my order?',
    });
  });

  it('has no nickname when the customer has no name', () => {
    const { channel } = toGenesys(aDeskMessage({ from: { id: 'GB.1', idType: 'Opaque' } }));

    expect(channel.from).toStrictEqual({ id: 'GB.1', idType: 'Opaque' });
  });

  it('carries one attachment beside its text, and no empty text', () => {
    const attachment = {
      id: 'a',
      mediaType: 'Image',
      url: 'https://media.example/a',
      mime: 'image/jpeg',
      filename: 'a.jpg',
    } as const;

    expect(toGenesys(aDeskMessage({ attachment }))).toMatchObject({
      text: 'hello',
      content: [{ attachment }],
    });
    expect(toGenesys(aDeskMessage({ text: '', attachment }))).not.toHaveProperty('text');
    expect(toGenesys(aDeskMessage({ text: '' }))).toHaveProperty('text', '');
  });

  it('writes whole seconds with milliseconds', () => {
    expect(toGenesys(aDeskMessage({ sentAt: 1_795_000_000_000 })).channel.time).toBe(
      '2026-11-18T11:06:40.000Z',
    );
  });

  it('is the same bytes every time, and its text comes back from them as it was', () => {
    const text = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
    const name = fc.option(text, { nil: undefined });
    fc.assert(
      fc.property(text, name, fc.dictionary(fc.string(), fc.string()), (body, nickname, attributes) => {
        const from = {
          id: 'GB.1',
          idType: 'Opaque' as const,
          ...(nickname === undefined ? {} : { name: nickname }),
        };
        const message = aDeskMessage({ text: body, from, attributes });
        const bytes = JSON.stringify(toGenesys(message));

        expect(JSON.stringify(toGenesys(structuredClone(message)))).toBe(bytes);
        expect(JSON.parse(bytes).text).toBe(body);
      }),
    );
  });
});

describe('a tap for Genesys', () => {
  it('has exactly the fields of a structured response', () => {
    const tap = {
      originatingMessageId: 'genesys-0',
      type: 'QuickReply',
      text: 'Track order',
      payload: 'track_order',
    } as const;

    expect(toGenesysResponse(aDeskMessage({ text: 'Track', tap }), tap)).toStrictEqual({
      channel: toGenesys(aDeskMessage()).channel,
      originatingMessageId: 'genesys-0',
      buttonResponse: { type: 'QuickReply', text: 'Track order', payload: 'track_order' },
    });
  });
});
