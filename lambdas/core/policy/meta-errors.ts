// What each error code of WhatsApp means for a message on its way to a customer, and what the agent is told of it.
// Codes: Meta's Cloud API error reference (2026-06). Only the code decides; titles and HTTP statuses change.
import type { GenesysReason } from '../outbound-ports.ts';

/** What to do about it: `retry-pair` concerns one customer, `config` everything of the number until somebody acts. */
export type MetaErrorClass = 'retry' | 'retry-pair' | 'wait' | 'config' | 'window' | 'permanent';

export interface MetaError {
  class: MetaErrorClass;
  /** What Genesys is told, should the message fail with it. */
  reason: GenesysReason;
  /** False for a code that is not in the table, and for none. */
  known: boolean;
}

type Row = readonly [MetaErrorClass, GenesysReason, readonly number[]];

const rows: readonly Row[] = [
  // Trouble of Meta, or too much at once.
  ['retry', 'ServerError', [1, 2, 131000, 131016, 131057, 133004]],
  ['retry', 'RateLimited', [4, 613, 80007, 130429]],
  ['retry-pair', 'RateLimited', [131056]],
  // Trying again soon makes these worse.
  ['wait', 'RateLimited', [131048, 131049, 132069, 133016]],
  ['wait', 'MessageNotAllowed', [368, 130472, 131064, 132015]],
  // Somebody has to act on token, rights, number or account; then everything can go out.
  [
    'config',
    'GeneralError',
    [0, 3, 10, 33, 190, 131005, 131031, 131037, 131042, 131045, 133005, 133006, 133008, 133009, 133010],
  ],
  ['config', 'GeneralError', [133015, 134011]],
  ['window', 'MessageNotAllowed', [131047]],
  // This message will never go out as it is.
  ['permanent', 'InvalidMessageStructure', [100, 131008, 131009, 135000]],
  ['permanent', 'InvalidMessageStructure', [132000, 132001, 132005, 132008, 132012, 132018]],
  ['permanent', 'MessageNotAllowed', [130403, 130497, 132007, 132016, 132068]],
  ['permanent', 'InvalidDestination', [131021, 131026, 131030, 131062, 137000]],
  ['permanent', 'RecipientOptedOut', [131050]],
  ['permanent', 'UnsupportedMessage', [130501, 131051]],
  ['permanent', 'MediaTypeNotAllowed', [131052, 131053]],
  ['permanent', 'GeneralError', [131020, 131041, 131055, 131063]],
];

const table: ReadonlyMap<number, MetaError> = new Map(
  rows.flatMap(([class_, reason, codes]) =>
    codes.map((code) => [code, { class: class_, reason, known: true }] as const),
  ),
);

/**
 * Reads an error code, total over every number and none.
 * @param httpStatus of the answer that carried it; absent when a status webhook did, whose verdict is final
 */
export function readMetaError(code: number | undefined, httpStatus?: number): MetaError {
  const listed = code === undefined ? undefined : (table.get(code) ?? byRange(code));
  if (listed) return { ...listed };
  return {
    class: httpStatus === undefined ? 'permanent' : byHttpStatus(httpStatus),
    reason: 'GeneralError',
    known: false,
  };
}

/** The Graph API keeps this range for rights that are missing. */
function byRange(code: number): MetaError | undefined {
  const isRight = Number.isInteger(code) && code >= 200 && code <= 299;
  return isRight ? { class: 'config', reason: 'GeneralError', known: true } : undefined;
}

function byHttpStatus(status: number): MetaErrorClass {
  if (status === 401 || status === 403) return 'config';
  // Whatever is not a refusal of the request is worth another try.
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'permanent' : 'retry';
}
