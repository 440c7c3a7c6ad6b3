import fc from 'fast-check';
import { nameField, readOperatorEvents } from '../../../../../lambdas/core/convert/meta/operator-events.ts';

const read = (field: string, value: Record<string, unknown>) =>
  readOperatorEvents({ field, account: '300400', value });
const restricted = { restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: 1 };

describe('an operator event', () => {
  it.each<[string, Record<string, unknown>, string, boolean, Record<string, string>]>([
    [
      'message_template_status_update',
      { event: 'REJECTED', message_template_id: 594425479261596, message_template_name: 'x', reason: 'SCAM' },
      'REJECTED',
      true,
      { templateId: '594425479261596', reason: 'SCAM' },
    ],
    ['message_template_status_update', { event: 'PAUSED' }, 'PAUSED', true, {}],
    ['message_template_status_update', { event: 'DISABLED' }, 'DISABLED', true, {}],
    ['message_template_status_update', { event: 'APPROVED' }, 'APPROVED', false, {}],
    ['message_template_quality_update', { new_quality_score: 'RED' }, 'RED', true, {}],
    ['message_template_quality_update', { new_quality_score: 'GREEN' }, 'GREEN', false, {}],
    ['template_category_update', { new_category: 'MARKETING' }, 'MARKETING', false, {}],
    [
      'phone_number_quality_update',
      { display_phone_number: '442071230000', event: 'FLAGGED', current_limit: 'TIER_1K' },
      'FLAGGED',
      true,
      { currentLimit: 'TIER_1K' },
    ],
    ['phone_number_quality_update', { event: 'ONBOARDING' }, 'ONBOARDING', false, {}],
    [
      'account_update',
      { event: 'ACCOUNT_RESTRICTION', restriction_info: [restricted] },
      'ACCOUNT_RESTRICTION',
      true,
      { restriction: 'RESTRICTED_BIZ_INITIATED_MESSAGING' },
    ],
    [
      'account_update',
      { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'ALCOHOL' } },
      'ACCOUNT_VIOLATION',
      true,
      { violation: 'ALCOHOL' },
    ],
    [
      'account_update',
      { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'SCHEDULE_FOR_DISABLE', waba_ban_date: 'x' } },
      'DISABLED_UPDATE',
      true,
      { ban: 'SCHEDULE_FOR_DISABLE' },
    ],
    ['account_update', { event: 'PARTNER_ADDED' }, 'PARTNER_ADDED', false, {}],
    [
      'account_alerts',
      {
        entity_type: 'PHONE_NUMBER',
        entity_id: 123456,
        alert_info: { alert_severity: 'CRITICAL', alert_status: 'ACTIVE', alert_type: 'OBA_APPROVED' },
      },
      'OBA_APPROVED',
      true,
      { entity: 'PHONE_NUMBER', entityId: '123456', alertStatus: 'ACTIVE' },
    ],
    ['account_alerts', { alert_type: 'X', alert_info: { alert_severity: 'INFO' } }, 'X', false, {}],
    ['account_review_update', { decision: 'REJECTED' }, 'REJECTED', true, {}],
    [
      'security',
      { event: 'PIN_CHANGED', display_phone_number: '44', requester: '1' },
      'PIN_CHANGED',
      true,
      {},
    ],
    ['security', { event: 'PIN_RESET_REQUEST' }, 'PIN_RESET_REQUEST', true, {}],
    ['business_capability_update', { max_daily_conversations_per_business: 250 }, '250', false, {}],
    [
      'flows',
      { event: 'ENDPOINT_LATENCY', flow_id: '77', alert_state: 'ACTIVATED', message: 'slow endpoint' },
      'ENDPOINT_LATENCY',
      false,
      { flowId: '77', alertState: 'ACTIVATED' },
    ],
    ['account_update', {}, 'unknown', false, {}],
  ])('of %s %j is %s, severe: %s', (field, value, code, severe, facts) => {
    expect(read(field, value)).toEqual([{ field, code, severe, facts: { account: '300400', ...facts } }]);
  });

  it('of a field the bridge does not know says no more than that', () => {
    expect(read('field_of_next_year', { event: 'X' })).toEqual([
      { field: 'other', code: 'unknown', severe: false, facts: { account: '300400' } },
    ]);
  });

  it('is made of each error beside messages; a blocked account or billing is severe', () => {
    const errors = [{ code: 130429, message: 'text' }, { code: 131031 }, 'odd', {}];

    expect(read('messages', { errors }).map(({ code, severe }) => [code, severe])).toEqual([
      ['error-130429', false],
      ['error-131031', true],
      ['error-unknown', false],
    ]);
  });

  it.each([
    'history',
    'smb_app_state_sync',
    'standby',
    'messaging_handovers',
    'calls',
    'group_lifecycle_update',
    'user_preferences',
    'smb_message_echoes',
  ])('is not made of %s, which is about customers', (field) => {
    expect(read(field, { event: 'X', errors: [{ code: 1 }] })).toEqual([]);
    expect(nameField(field)).toBe(field);
  });

  it.each([['constructor'], ['__proto__'], [''], ['toString']])('takes %j for an unknown field', (field) => {
    expect(nameField(field)).toBe('other');
    expect(read(field, {})).toEqual([expect.objectContaining({ field: 'other' })]);
  });

  it('carries codes and ids, and no text that Meta or anybody else wrote', () => {
    const [event] = read('account_update', { event: 'ACCOUNT VIOLATION by Ada, call +44 7700 900001' });

    expect(event).toMatchObject({ code: 'unreadable' });
  });

  it('is made of anything without an error', () => {
    const fields = fc.oneof(
      fc.constantFrom('account_update', 'account_alerts', 'security', 'messages'),
      fc.string(),
    );
    fc.assert(
      fc.property(fields, fc.dictionary(fc.string(), fc.jsonValue()), (field, value) => {
        for (const { facts, code } of read(field, value)) {
          for (const text of [code, ...Object.values(facts)]) expect(text).toMatch(/^[\w.:-]{1,90}$/);
        }
      }),
    );
  });
});
