import fc from 'fast-check';
import { readIdentityChange } from '../../../../../lambdas/core/convert/meta/sender.ts';
import { splitWebhook } from '../../../../../lambdas/core/convert/meta/wire.ts';
import { aChange, aTextMessage, aWebhook, readFixture } from '../../../../builders.ts';

const oldPhone = '447700900314';
const newPhone = '447700900315';
const aSystem = (system: object, over: object = {}) => ({ type: 'system', id: 'wamid.1', system, ...over });
const groupOf = (message: object, contacts?: unknown) =>
  splitWebhook(aWebhook(aChange({ messages: [message], contacts }))).groups[0];

describe('the ids of a sender', () => {
  it.each<[string, object, unknown, object]>([
    ['the message', { from_parent_user_id: 'GB.ENT.1' }, undefined, { parentUserId: 'GB.ENT.1' }],
    ['its contact', {}, [{ wa_id: oldPhone, parent_user_id: 'GB.ENT.1' }], { parentUserId: 'GB.ENT.1' }],
    ['nowhere', {}, [{ wa_id: '449', parent_user_id: 'GB.ENT.1' }], {}],
  ])('include a parent BSUID from %s', (_name, over, contacts, expected) => {
    const message = aTextMessage({ from: oldPhone, ...over });

    expect(groupOf(message, contacts)?.items[0]).toEqual({
      id: 'wamid.1',
      message,
      phone: oldPhone,
      ...expected,
    });
  });

  it('queue a message by the BSUID, else the phone, else the parent BSUID', () => {
    const ids = { from_user_id: 'GB.1', from: oldPhone, from_parent_user_id: 'GB.ENT.1' };
    const keyWithout = (...names: string[]) =>
      groupOf({ ...aTextMessage(ids), ...Object.fromEntries(names.map((name) => [name, undefined])) })
        ?.customerKey;

    expect(keyWithout()).toBe('GB.1');
    expect(keyWithout('from_user_id')).toBe(oldPhone);
    expect(keyWithout('from_user_id', 'from')).toBe('GB.ENT.1');
  });
});

describe('an event about ids', () => {
  it.each<[string, object, object]>([
    [
      'of a new number',
      aSystem(
        { type: 'user_changed_number', wa_id: newPhone, user_id: 'GB.2', previous_user_id: 'GB.1' },
        { from: oldPhone },
      ),
      { before: { userId: 'GB.1', phone: oldPhone }, after: { userId: 'GB.2', phone: newPhone } },
    ],
    [
      'of a new number with parents',
      aSystem(
        {
          type: 'user_changed_number',
          wa_id: newPhone,
          user_id: 'GB.2',
          previous_user_id: 'GB.1',
          parent_user_id: 'GB.ENT.2',
          previous_parent_user_id: 'GB.ENT.1',
        },
        { from: oldPhone },
      ),
      {
        before: { userId: 'GB.1', phone: oldPhone, parentUserId: 'GB.ENT.1' },
        after: { userId: 'GB.2', phone: newPhone, parentUserId: 'GB.ENT.2' },
      },
    ],
    [
      'of a new number, before 2026-08-11',
      aSystem({ type: 'user_changed_number', wa_id: newPhone, user_id: 'GB.2' }, { from: oldPhone }),
      { before: { phone: oldPhone }, after: { userId: 'GB.2', phone: newPhone } },
    ],
    [
      'of a new number, whose sender is given as who it is now',
      aSystem(
        { type: 'user_changed_number', wa_id: newPhone, user_id: 'GB.2', customer: oldPhone },
        { from_user_id: 'GB.2' },
      ),
      { before: { phone: oldPhone }, after: { userId: 'GB.2', phone: newPhone } },
    ],
    [
      'of a new BSUID',
      aSystem({ type: 'user_changed_user_id', user_id: 'GB.2', previous_user_id: 'GB.1' }),
      { before: { userId: 'GB.1' }, after: { userId: 'GB.2' } },
    ],
    [
      'of a new BSUID, whose sender is given as who it was',
      aSystem({ type: 'user_changed_user_id', user_id: 'GB.2' }, { from_user_id: 'GB.1' }),
      { before: { userId: 'GB.1' }, after: { userId: 'GB.2' } },
    ],
    [
      'of a new number, in the older form',
      aSystem({ type: 'customer_changed_number', new_wa_id: newPhone, customer: oldPhone }),
      { before: { phone: oldPhone }, after: { phone: newPhone } },
    ],
    [
      'of a type not known yet that names a former BSUID',
      aSystem({ type: 'user_merged', user_id: 'GB.2', previous_user_id: 'GB.1' }),
      { before: { userId: 'GB.1' }, after: { userId: 'GB.2' } },
    ],
    [
      'that does not say who it was',
      aSystem({ type: 'user_changed_user_id', user_id: 'GB.2' }),
      { before: { userId: 'GB.2' }, after: { userId: 'GB.2' } },
    ],
  ])('%s is read', (_name, message, change) => {
    expect(readIdentityChange(message)).toEqual(change);
  });

  it.each<[string, unknown]>([
    ['a text', aTextMessage()],
    ['a new security code', aSystem({ type: 'customer_identity_changed', wa_id: oldPhone, user_id: 'GB.1' })],
    ['an event without content', { type: 'system' }],
    ['a text that carries one', aTextMessage({ system: { type: 'user_changed_user_id', user_id: 'GB.2' } })],
    ['nothing', undefined],
  ])('is not %s', (_name, message) => {
    expect(readIdentityChange(message)).toBeUndefined();
  });

  it('is queued behind the earlier messages of the person, by the former ids', () => {
    const group = splitWebhook(readFixture('system')).groups[0];

    expect(group?.customerKey).toBe('GB.40718293645');
    expect(group?.items[0]).toMatchObject({ userId: 'GB.40718293645', phone: oldPhone });
  });

  it('never throws, whatever it carries', () => {
    const system = fc.dictionary(
      fc.constantFrom('type', 'wa_id', 'user_id', 'previous_user_id', 'new_wa_id', 'customer'),
      fc.oneof(fc.jsonValue(), fc.constant('user_changed_number')),
    );
    fc.assert(
      fc.property(fc.oneof(system, fc.jsonValue()), (value) => {
        const change = readIdentityChange({ type: 'system', system: value });

        if (change) expect(Object.values(change.before).every((id) => typeof id === 'string')).toBe(true);
      }),
    );
  });
});
