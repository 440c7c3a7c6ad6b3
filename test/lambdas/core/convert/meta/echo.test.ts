import { readEchoItems } from '../../../../../lambdas/core/convert/meta/echo.ts';
import { toEchoContent } from '../../../../../lambdas/core/convert/meta/echo-content.ts';
import { splitWebhook } from '../../../../../lambdas/core/convert/meta/wire.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import { aWebhook } from '../../../../builders.ts';

const phrases = choosePhrases('en');
const echo = { from: '442071230000', to: '441', id: 'wamid.e', type: 'text', text: { body: 'We call you' } };

describe('an echo', () => {
  it.each<[string, object, object]>([
    ['phone', {}, { phone: '441' }],
    ['BSUID', { to: undefined, to_user_id: 'GB.1' }, { userId: 'GB.1' }],
    [
      'both and parent',
      { to_user_id: 'GB.1', to_parent_user_id: 'P.1' },
      { phone: '441', userId: 'GB.1', parentUserId: 'P.1' },
    ],
  ])('belongs to the customer it went to, by %s', (_name, over, ids) => {
    const message = { ...echo, ...over };

    expect(readEchoItems({ message_echoes: [message] })).toEqual([
      { id: 'wamid.e', kind: 'echo', message, ...ids },
    ]);
  });

  it.each([[undefined], ['x'], [[null, 7, {}]], [[{ ...echo, to: undefined }]]])(
    'list %j holds none',
    (list) => {
      expect(readEchoItems({ message_echoes: list })).toEqual([]);
    },
  );

  it('is told apart from what customers write, and from the echoes of other apps', () => {
    const value = { metadata: { phone_number_id: '1' }, message_echoes: [echo] };

    const { groups, messages } = splitWebhook(
      aWebhook(
        { field: 'smb_message_echoes', value },
        { field: 'message_echoes', value },
        { field: 'standby', value },
      ),
    );

    expect(messages).toBe(0);
    expect(groups).toMatchObject([{ numberId: '1', customerKey: '441', items: [{ kind: 'echo' }] }]);
    expect(groups[0]?.items).toHaveLength(1);
  });

  it.each<[object, string[], string]>([
    [echo, ['[Sent from the WhatsApp app]'], 'We call you'],
    [
      {
        ...echo,
        type: 'edit',
        edit: { original_message_id: 'wamid.o', message: { type: 'text', text: { body: 'new' } } },
      },
      ['[Sent from the WhatsApp app]', '[An earlier message was edited in the WhatsApp app]'],
      'new',
    ],
    [
      { ...echo, type: 'revoke', revoke: { original_message_id: 'wamid.o' } },
      ['[Sent from the WhatsApp app]'],
      '[An earlier message was deleted in the WhatsApp app]',
    ],
  ])('%j is marked as what it is', (message, notes, text) => {
    expect(toEchoContent(message, phrases)).toMatchObject({
      notes,
      text,
      attributes: { waSentFromApp: 'true' },
    });
  });

  it('of a kind that is ignored stays so', () => {
    expect(toEchoContent({ type: 'request_welcome' }, phrases)).toEqual({ kind: 'ignored' });
  });
});
