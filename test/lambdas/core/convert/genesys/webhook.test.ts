import fc from 'fast-check';
import { readDeskWebhook } from '../../../../../lambdas/core/convert/genesys/webhook.ts';
import {
  aDeskChannel,
  aDeskReceipt,
  anIntegration,
  aReply,
  aTypingEvent,
} from '../../../../desk-webhooks.ts';

const { type: _type, ...withoutType } = aReply();
const noText = { text: undefined };
const attachment = [{ contentType: 'Attachment', attachment: {} }];

describe('what a webhook of Genesys is about', () => {
  it('is told with the ids that lead on', () => {
    expect(readDeskWebhook(aReply())).toEqual({
      kind: 'message',
      id: 'd7d58935af65a45e5234ac77de017a0a',
      to: '447700900001',
      conversationId: '5d0d331e-d2a8-4fb5-96f7-7021bef2a8ee',
      integrationId: anIntegration,
      type: 'Text',
      status: '',
    });
  });

  it.each([
    ['a text', aReply(), 'message'],
    ['a file without text', aReply({ ...noText, content: attachment }), 'message'],
    ['quick replies', aReply({ type: 'Structured', content: [{ contentType: 'QuickReply' }] }), 'message'],
    ['an empty text, which the agent must hear of', aReply({ text: '' }), 'message'],
    ['nothing in a text', aReply(noText), 'message'],
    ['an unknown type with a text', aReply({ type: 'Novelty' }), 'message'],
    ['an unknown type with content', aReply({ ...noText, type: 'Novelty', content: attachment }), 'message'],
    ['no type but a text', withoutType, 'message'],
    ['an unknown type with nothing', aReply({ ...noText, type: 'Novelty', content: [] }), 'other'],
    ['an unknown type with an empty text', aReply({ type: 'Novelty', text: '' }), 'other'],
    ['typing', aTypingEvent(), 'typing'],
    ['an event of another kind', aTypingEvent({ events: [{ eventType: 'Presence' }] }), 'other'],
    ['typing beside another event', aTypingEvent({ events: [null, {}, { eventType: 'Typing' }] }), 'typing'],
    ['an event of nothing', aTypingEvent({ events: 'Typing' }), 'other'],
    ['a receipt', aDeskReceipt(), 'desk-receipt'],
    ['the customer’s own words', aReply({ direction: 'Inbound' }), 'other'],
    ['a list', [], 'other'],
    ['nothing', undefined, 'other'],
  ])('is seen from %s', (_name, body, kind) => {
    expect(readDeskWebhook(body).kind).toBe(kind);
  });

  it('has the status of a receipt', () => {
    expect(readDeskWebhook(aDeskReceipt({ status: 'Failed' })).status).toBe('Failed');
    expect(readDeskWebhook(aDeskReceipt({ status: 7 })).status).toBe('');
    expect(readDeskWebhook(aReply({ status: 'Failed' })).status).toBe('');
  });
});

describe('an id', () => {
  it('is that of the channel where the message has none', () => {
    expect(readDeskWebhook(aReply({ id: '', channel: aDeskChannel({ messageId: 'm1' }) })).id).toBe('m1');
  });

  it.each([[undefined], [''], [7], ['a b'], ['ä'], ['x'.repeat(201)]])('is none when it is %p', (id) => {
    expect(readDeskWebhook({ ...aReply(), id, channel: { messageId: id } }).id).toBeUndefined();
  });

  it('of the customer is empty where the webhook names nobody', () => {
    expect(readDeskWebhook(aReply({ channel: undefined })).to).toBe('');
    expect(readDeskWebhook(aReply({ channel: aDeskChannel({ to: { id: '' } }) })).to).toBe('');
  });
});

it('anything at all is read without an error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const body = JSON.parse(JSON.stringify(value));
      for (const odd of [body, aReply({ channel: body, events: body }), aReply({ type: body, text: body })]) {
        const { kind, id, to, type } = readDeskWebhook(odd);
        expect(['message', 'typing', 'desk-receipt', 'other']).toContain(kind);
        expect(type).toMatch(/^\w{1,40}$/);
        expect(to.length).toBeLessThanOrEqual(200);
        expect(id ?? 'x').toMatch(/^[!-~]{1,200}$/);
      }
    }),
  );
});
