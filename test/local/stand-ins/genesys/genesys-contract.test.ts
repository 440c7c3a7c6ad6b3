import {
  findContractBreach,
  findQueryBreach,
  type InboundCall,
} from '../../../../local/stand-ins/genesys/genesys-contract.ts';

const time = '2026-11-20T10:15:30.123Z';
const from = { id: '15550100100', idType: 'Phone' };
const channel = { from, time };
const attachment = { mediaType: 'Image', url: 'https://media.example/1?sig=a', mime: 'image/jpeg' };
const message = { channel, text: 'Hi' };
const receipt = { id: 'd7d5', channel: { to: { id: '15550100100' }, time }, status: 'Delivered' };
const failed = { ...receipt, status: 'Failed' };
const reason = { code: 'InvalidDestination', message: 'Meta 131026' };
const tap = { type: 'QuickReply', text: 'Track order', payload: 'track_order' };
const response = { channel, originatingMessageId: '1c2d', buttonResponse: tap };
const typing = { channel, events: [{ eventType: 'Typing' }] };

test.each<[string, InboundCall, unknown]>([
  ['a text', 'message', message],
  [
    'every optional field of a message',
    'message',
    {
      channel: {
        messageId: 'wamid.A=',
        from: {
          ...from,
          nickname: 'Ana P.',
          firstName: 'Ana',
          lastName: '',
          email: 'a@b.example',
          image: 'https://x.example/a.png',
        },
        time,
        metadata: { subType: 'None', customAttributes: { waPhoneNumberId: '1098' } },
      },
      text: 'Hi',
      metadata: { tenant: 'acme' },
    },
  ],
  ['an attachment without text', 'message', { channel, content: [{ attachment }] }],
  [
    'every optional field of an attachment',
    'message',
    {
      channel,
      text: 'Broken part',
      content: [
        {
          contentType: 'Attachment',
          attachment: {
            ...attachment,
            id: 'm',
            filename: 'part.jpg',
            text: 'Broken',
            sha256: 'ab12',
            mime: 'audio/ogg; codecs=opus',
          },
        },
      ],
    },
  ],
  ['a text beside no attachments', 'message', { ...message, content: [] }],
  ['typing', 'event', typing],
  ['a delivered receipt', 'receipt', { ...receipt, isFinalReceipt: true }],
  ['a failed receipt with reasons', 'receipt', { ...failed, reasons: [reason] }],
  ['a failed receipt without reasons', 'receipt', failed],
  ['a button response', 'structured/response', response],
])('accepts %s', (_name, call, body) => {
  expect(findContractBreach(call, body)).toBeUndefined();
});

test.each<[string, InboundCall, unknown, string, string]>([
  ['no object', 'message', [], '', 'bad.request'],
  ['no channel', 'message', { text: 'Hi' }, 'channel', 'bad.request'],
  ['no sender', 'message', { ...message, channel: { time } }, 'channel.from', 'bad.request'],
  ['no sender id', 'message', withChannel({ from: { idType: 'Phone' } }), 'channel.from.id', 'bad.request'],
  [
    'an empty sender id',
    'message',
    withChannel({ from: { ...from, id: '' } }),
    'channel.from.id',
    'bad.request',
  ],
  ['no id type', 'message', withChannel({ from: { id: '1' } }), 'channel.from.idType', 'bad.request'],
  [
    'a lower-case id type',
    'message',
    withChannel({ from: { id: '1', idType: 'phone' } }),
    'channel.from.idType',
    'invalid.value',
  ],
  [
    'a null name',
    'message',
    withChannel({ from: { ...from, nickname: null } }),
    'channel.from.nickname',
    'bad.request',
  ],
  ['no time', 'message', { ...message, channel: { from } }, 'channel.time', 'bad.request'],
  [
    'a time without ms',
    'message',
    withChannel({ time: '2026-11-20T10:15:30Z' }),
    'channel.time',
    'invalid.date',
  ],
  [
    'a time with an offset',
    'message',
    withChannel({ time: '2026-11-20T10:15:30.123+00:00' }),
    'channel.time',
    'invalid.date',
  ],
  [
    'a day that does not exist',
    'message',
    withChannel({ time: '2026-02-30T10:15:30.123Z' }),
    'channel.time',
    'invalid.date',
  ],
  ['a number as time', 'message', withChannel({ time: 1 }), 'channel.time', 'bad.request'],
  [
    'a field of the retired call',
    'message',
    withChannel({ platform: 'Open' }),
    'channel.platform',
    'bad.request',
  ],
  ['a direction', 'message', { ...message, direction: 'Inbound' }, 'direction', 'bad.request'],
  [
    'attributes that are no strings',
    'message',
    withChannel({ metadata: { customAttributes: { a: 1 } } }),
    'channel.metadata.customAttributes.a',
    'bad.request',
  ],
  [
    'attributes in the wrong place',
    'message',
    withChannel({ customAttributes: {} }),
    'channel.customAttributes',
    'bad.request',
  ],
  [
    'nested metadata',
    'message',
    { ...message, metadata: { customAttributes: {} } },
    'metadata.customAttributes',
    'bad.request',
  ],
  [
    'an unknown sub type',
    'message',
    withChannel({ metadata: { subType: 'X' } }),
    'channel.metadata.subType',
    'invalid.value',
  ],
  ['neither text nor content', 'message', { channel }, 'text', 'bad.request'],
  ['only empty content', 'message', { channel, content: [] }, 'text', 'bad.request'],
  ['an empty text', 'message', { channel, text: '' }, 'text', 'bad.request'],
  ['a text that is no string', 'message', { channel, text: 5 }, 'text', 'bad.request'],
  [
    'two attachments',
    'message',
    { channel, content: [{ attachment }, { attachment }] },
    'content',
    'bad.request',
  ],
  ['content that is no list', 'message', { channel, content: { attachment } }, 'content', 'bad.request'],
  [
    'content without attachment',
    'message',
    { channel, content: [{}] },
    'content[0].attachment',
    'bad.request',
  ],
  [
    'another content type',
    'message',
    { channel, content: [{ contentType: 'Text', attachment }] },
    'content[0].contentType',
    'invalid.value',
  ],
  [
    'a size on an attachment',
    'message',
    withAttachment({ contentSizeBytes: 1 }),
    'content[0].attachment.contentSizeBytes',
    'bad.request',
  ],
  [
    'an unknown media type',
    'message',
    withAttachment({ mediaType: 'image' }),
    'content[0].attachment.mediaType',
    'invalid.value',
  ],
  ['no mime', 'message', withAttachment({ mime: undefined }), 'content[0].attachment.mime', 'bad.request'],
  [
    'a mime that is none',
    'message',
    withAttachment({ mime: 'jpeg' }),
    'content[0].attachment.mime',
    'invalid.value',
  ],
  [
    'a relative address',
    'message',
    withAttachment({ url: '/media/1' }),
    'content[0].attachment.url',
    'invalid.value',
  ],
  [
    'an address of another scheme',
    'message',
    withAttachment({ url: 's3://bucket/1' }),
    'content[0].attachment.url',
    'invalid.value',
  ],
  ['a button tap on the message call', 'message', response, 'originatingMessageId', 'bad.request'],
  ['no events', 'event', { channel, events: [] }, 'events', 'bad.request'],
  [
    'an unknown event',
    'event',
    { channel, events: [{ eventType: 'Left' }] },
    'events[0].eventType',
    'invalid.value',
  ],
  [
    'a duration of typing',
    'event',
    { channel, events: [{ eventType: 'Typing', duration: 1 }] },
    'events[0].duration',
    'bad.request',
  ],
  ['a receipt without id', 'receipt', { ...receipt, id: undefined }, 'id', 'bad.request'],
  ['a receipt from instead of to', 'receipt', { ...receipt, channel }, 'channel.to', 'bad.request'],
  [
    'a receipt without time',
    'receipt',
    { ...receipt, channel: { to: { id: '1' } } },
    'channel.time',
    'bad.request',
  ],
  ['a read receipt', 'receipt', { ...receipt, status: 'Read' }, 'status', 'invalid.value'],
  ['a sent receipt', 'receipt', { ...receipt, status: 'Sent' }, 'status', 'invalid.value'],
  ['a direction on a receipt', 'receipt', { ...receipt, direction: 'Outbound' }, 'direction', 'bad.request'],
  ['reasons of a delivery', 'receipt', { ...receipt, reasons: [reason] }, 'reasons', 'invalid.value'],
  [
    'an unknown reason',
    'receipt',
    { ...failed, reasons: [{ ...reason, code: 'Oops' }] },
    'reasons[0].code',
    'invalid.value',
  ],
  [
    'a reason without message',
    'receipt',
    { ...failed, reasons: [{ code: 'GeneralError' }] },
    'reasons[0].message',
    'bad.request',
  ],
  [
    'a final flag that is none',
    'receipt',
    { ...receipt, isFinalReceipt: 'true' },
    'isFinalReceipt',
    'bad.request',
  ],
  [
    'a tap without payload',
    'structured/response',
    { ...response, buttonResponse: { type: 'Button', text: 'a' } },
    'buttonResponse.payload',
    'bad.request',
  ],
  [
    'a tap of another type',
    'structured/response',
    { ...response, buttonResponse: { ...tap, type: 'ListReply' } },
    'buttonResponse.type',
    'invalid.value',
  ],
  [
    'a tap on nothing',
    'structured/response',
    { channel, buttonResponse: tap },
    'originatingMessageId',
    'bad.request',
  ],
])('refuses %s', (_name, call, body, field, code) => {
  const breach = findContractBreach(call, JSON.parse(JSON.stringify(body)));

  expect(breach).toMatchObject({ status: 400, code, field });
  expect(breach?.message).not.toBe('');
});

test('knows one query parameter, of the message call alone', () => {
  expect(findQueryBreach('message', {})).toBeUndefined();
  expect(findQueryBreach('message', { prefetchConversationId: 'true' })).toBeUndefined();
  expect(findQueryBreach('message', { prefetchConversationId: 'yes' })).toMatchObject({ status: 400 });
  expect(findQueryBreach('message', { useExistingConversation: 'true' })).toMatchObject({ status: 400 });
  expect(findQueryBreach('receipt', { prefetchConversationId: 'true' })).toMatchObject({ status: 400 });
});

function withChannel(change: object): unknown {
  return { ...message, channel: { ...channel, ...change } };
}

function withAttachment(change: object): unknown {
  return { channel, content: [{ attachment: { ...attachment, ...change } }] };
}
