import { toMediaSend } from '../../../../../lambdas/core/convert/whatsapp/media-send.ts';
import { readMark, toSendBody } from '../../../../../lambdas/core/convert/whatsapp/send-body.ts';
import { templateSend } from '../../../../../lambdas/core/convert/whatsapp/template-send.ts';
import { findReadMarkFaults, findSendFaults } from '../../../../schemas/schemas.ts';

const text = { type: 'text', text: { body: 'Hello' } };
const template = { name: 'hello', language: 'en_GB' };
const faultsOf = (send: Parameters<typeof toSendBody>[1]) =>
  findSendFaults(toSendBody({ phone: '15550100100' }, send, 'a.0'));

describe('a body', () => {
  it('goes to the phone', () => {
    expect(toSendBody({ phone: '15550100100' }, text, 'd7d5.0')).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '15550100100',
      type: 'text',
      text: { body: 'Hello' },
      biz_opaque_callback_data: 'd7d5.0',
    });
  });

  it('goes to a BSUID as a recipient, never as a phone', () => {
    const body = toSendBody({ userId: 'GB.77001122334455' }, text, 'd7d5.0');

    expect(body).toMatchObject({ recipient: 'GB.77001122334455' });
    expect(body).not.toHaveProperty('to');
    expect(findSendFaults(body)).toEqual([]);
  });
});

it.each([
  [false, { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.A=' }],
  [
    true,
    {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: 'wamid.A=',
      typing_indicator: { type: 'text' },
    },
  ],
])('a read mark shows that somebody types when asked to (%j)', (typing, body) => {
  expect(readMark('wamid.A=', typing)).toEqual(body);
  expect(findReadMarkFaults(body)).toEqual([]);
});

describe('a file', () => {
  it.each([
    ['image', 'See', 'a.png', { id: '7', caption: 'See' }],
    ['image', '', undefined, { id: '7' }],
    ['video', 'See', 'a.mp4', { id: '7', caption: 'See' }],
    ['document', 'See', 'a.pdf', { id: '7', caption: 'See', filename: 'a.pdf' }],
    ['document', undefined, '../a\u202e.pdf', { id: '7', filename: 'a.pdf' }],
    ['audio', 'See', 'a.mp3', { id: '7' }],
    ['sticker', 'See', 'a.webp', { id: '7' }],
  ] as const)('that goes as %s has only what WhatsApp takes there', (kind, caption, filename, content) => {
    const send = toMediaSend({ kind }, '7', caption, filename);

    expect(send).toEqual({ type: kind, [kind]: content });
    expect(faultsOf(send)).toEqual([]);
  });

  it('that was spoken is played as a voice message', () => {
    const send = toMediaSend({ kind: 'audio', voice: true }, '7');

    expect(send).toEqual({ type: 'audio', audio: { id: '7', voice: true } });
    expect(faultsOf(send)).toEqual([]);
  });
});

describe('a template', () => {
  it('without gaps has no components', () => {
    expect(templateSend(template)).toEqual({
      type: 'template',
      template: { name: 'hello', language: { code: 'en_GB' } },
    });
  });

  it('has its texts in the order of the gaps', () => {
    expect(templateSend(template, ['Ana', 'Monday'])).toMatchObject({
      template: {
        components: [
          {
            type: 'body',
            parameters: [
              { type: 'text', text: 'Ana' },
              { type: 'text', text: 'Monday' },
            ],
          },
        ],
      },
    });
  });

  it('has its texts where they belong', () => {
    const send = templateSend(template, {
      header: ['Order'],
      body: ['Ana'],
      links: [{ index: 1, text: 'x/y' }],
    });

    expect(send).toMatchObject({
      template: {
        components: [
          { type: 'header', parameters: [{ text: 'Order' }] },
          { type: 'body', parameters: [{ text: 'Ana' }] },
          { type: 'button', sub_type: 'url', index: '1', parameters: [{ text: 'x/y' }] },
        ],
      },
    });
    expect(faultsOf(send)).toEqual([]);
  });

  it.each([
    ['line one\nline\ttwo', 'line one line two'],
    ['a      b', 'a b'],
    ['', '–'],
    [' \u0000 ', '–'],
    ['x'.repeat(2000), `${'x'.repeat(1023)}…`],
  ])('takes %j as what Meta takes there', (parameter, taken) => {
    const send = templateSend(template, [parameter]);

    expect(send).toMatchObject({ template: { components: [{ parameters: [{ text: taken }] }] } });
    expect(faultsOf(send)).toEqual([]);
  });
});
