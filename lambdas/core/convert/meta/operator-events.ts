// What Meta tells the business itself, in fields other than `messages`: which of it an operator should know, and what is
// severe. Names, phone numbers and free texts stay in the archive; an event carries ids and codes only.
// Facts: Meta webhook field references (2026-05).
import { isObject, type JsonObject, readId } from './json-values.ts';

/** A change of a field that carries no messages of customers. */
export interface OtherChange {
  /** As Meta named it. */
  field: string;
  /** Id of the WhatsApp business account. */
  account: string;
  value: JsonObject;
}

export interface OperatorEvent {
  /** A field this bridge knows, or `other`. */
  field: string;
  /** Meta's code of what happened; `unknown` when there is none. */
  code: string;
  /** Customers cannot be reached any more, soon will not be, or somebody is tampering with the account. */
  severe: boolean;
  /** Ids of what it happened to, and codes of the reason. */
  facts: Record<string, string>;
}

/** Keys of nested objects and lists, joined by dots. */
type Path = string;

interface FieldRule {
  /** Where the code stands; the first that is there counts. */
  code: readonly Path[];
  /** Further facts by the name they get. */
  facts?: Readonly<Record<string, Path>>;
  /** Codes that are severe; `all`. */
  severe?: readonly string[] | 'all';
  /** Where severity stands, if not at the code. */
  severity?: Path;
}

const template = { templateId: 'message_template_id' };

/** By field; fields that are known but say nothing to an operator are below. */
const rules: Readonly<Record<string, FieldRule>> = {
  message_template_status_update: {
    code: ['event'],
    facts: { ...template, reason: 'reason' },
    severe: ['REJECTED', 'PAUSED', 'DISABLED'],
  },
  message_template_quality_update: { code: ['new_quality_score'], facts: template, severe: ['RED'] },
  message_template_components_update: { code: ['event'], facts: template },
  template_category_update: { code: ['new_category', 'correct_category'], facts: template },
  template_correct_category_detection: { code: ['correct_category', 'new_category'], facts: template },
  phone_number_quality_update: {
    code: ['event'],
    facts: { limit: 'max_daily_conversations_per_business', currentLimit: 'current_limit' },
    severe: ['FLAGGED', 'RED', 'DOWNGRADE'],
  },
  phone_number_name_update: { code: ['decision'], facts: { reason: 'rejection_reason' } },
  account_update: {
    code: ['event'],
    facts: {
      restriction: 'restriction_info.0.restriction_type',
      violation: 'violation_info.violation_type',
      ban: 'ban_info.waba_ban_state',
      reason: 'disconnection_info.reason',
    },
    severe: [
      'ACCOUNT_DELETED',
      'ACCOUNT_OFFBOARDED',
      'ACCOUNT_RESTRICTION',
      'ACCOUNT_VIOLATION',
      'DISABLED_UPDATE',
      'PARTNER_APP_UNINSTALLED',
      'PARTNER_REMOVED',
    ],
  },
  account_alerts: {
    code: ['alert_info.alert_type', 'alert_type'],
    facts: { entity: 'entity_type', entityId: 'entity_id', alertStatus: 'alert_info.alert_status' },
    severity: 'alert_info.alert_severity',
    severe: ['CRITICAL'],
  },
  account_review_update: { code: ['decision'], severe: ['REJECTED'] },
  account_settings_update: { code: ['event', 'type'] },
  business_capability_update: {
    code: ['max_daily_conversations_per_business', 'max_daily_conversation_per_phone'],
  },
  business_status_update: { code: ['event', 'status'] },
  business_username_update: { code: ['event', 'status'] },
  partner_solutions: { code: ['event'] },
  payment_configuration_update: { code: ['event', 'status'] },
  // PIN_CHANGED, PIN_RESET_REQUEST, PIN_RESET_SUCCESS: whoever holds the PIN can take the number away.
  security: { code: ['event'], severe: 'all' },
  flows: {
    code: ['event'],
    facts: { flowId: 'flow_id', alertState: 'alert_state', newStatus: 'new_status' },
  },
};

/** About customers and their conversations, or of features the bridge has no part in: archived and counted. */
const silentFields: ReadonlySet<string> = new Set([
  'automatic_events',
  'calls',
  'group_lifecycle_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'history',
  'message_echoes',
  'messages',
  'messaging_handovers',
  'smb_app_state_sync',
  'smb_message_echoes',
  'standby',
  'tracking_events',
  'user_preferences',
]);

/** Meta's codes of errors beside messages that mean that the account or its billing is blocked. */
const severeErrors: ReadonlySet<string> = new Set(['368', '130497', '131031', '131042']);

/** The field's own name if the bridge knows it: what is counted by field must not grow with what Meta invents. */
export function nameField(field: string): string {
  return Object.hasOwn(rules, field) || silentFields.has(field) ? field : 'other';
}

/** What an operator should know of a change; empty for most. Never throws. */
export function readOperatorEvents({ field, account, value }: OtherChange): OperatorEvent[] {
  const errors = Array.isArray(value.errors) && field === 'messages' ? value.errors.filter(isObject) : [];
  const ofErrors = errors.map((error): OperatorEvent => {
    const code = toCode(readId(error.code)) ?? 'unknown';
    return { field, code: `error-${code}`, severe: severeErrors.has(code), facts: toFacts({ account }) };
  });
  if (silentFields.has(field)) return ofErrors;
  const rule = Object.hasOwn(rules, field) ? rules[field] : undefined;
  if (!rule) return [{ field: 'other', code: 'unknown', severe: false, facts: toFacts({ account }) }];
  const code = rule.code.map((path) => readPath(value, path)).find((found) => found !== undefined);
  const severity = rule.severity === undefined ? code : readPath(value, rule.severity);
  const facts = Object.entries(rule.facts ?? {}).map(([name, path]) => [name, readPath(value, path)]);
  return [
    {
      field,
      code: code ?? 'unknown',
      severe: rule.severe === 'all' || (severity !== undefined && (rule.severe ?? []).includes(severity)),
      facts: toFacts({ account, ...Object.fromEntries(facts) }),
    },
  ];
}

function toFacts(facts: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, fact]) => {
      const code = toCode(fact);
      return code === undefined ? [] : [[name, code]];
    }),
  );
}

function readPath(value: JsonObject, path: Path): string | undefined {
  let at: unknown = value;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as JsonObject)[key];
  }
  return toCode(readId(at));
}

/** A code or an id; anything with spaces in it is a text, which may say more than a log should. */
function toCode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return /^[\w.:-]{1,80}$/.test(text) ? text : 'unreadable';
}
