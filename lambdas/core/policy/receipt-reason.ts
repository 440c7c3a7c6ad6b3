// Why a message failed, in the words of Genesys: a code of its list, and a line for whoever looks into it. The line holds
// WhatsApp's code and our own words; what WhatsApp writes may name the customer.
import type { DeskReceipt, GenesysReason } from '../outbound-ports.ts';
import { readMetaError } from './meta-errors.ts';

export type ReceiptReason = NonNullable<DeskReceipt['reason']>;

const meanings: Partial<Record<GenesysReason, string>> = {
  RateLimited: 'WhatsApp limits how much may be sent',
  MessageNotAllowed: 'WhatsApp does not allow this message now',
  ServerError: 'WhatsApp was in trouble',
  UnsupportedMessage: 'WhatsApp does not take this kind of message',
  InvalidMessageStructure: 'WhatsApp refused the form of the message',
  InvalidDestination: 'the customer cannot be reached on WhatsApp',
  MediaTypeNotAllowed: 'WhatsApp could not take the file',
  RecipientOptedOut: 'the customer does not want such messages',
};

/** Reason of a failure that WhatsApp reported with `code`, at once (with `httpStatus`) or later by a status. */
export function reasonOfMetaError(code: number | undefined, httpStatus?: number): ReceiptReason {
  const error = readMetaError(code, httpStatus);
  const meaning =
    error.class === 'window'
      ? 'the customer wrote last more than 24 hours ago'
      : (meanings[error.reason] ?? 'WhatsApp did not deliver the message');
  return { code: error.reason, message: code === undefined ? meaning : `WhatsApp error ${code}: ${meaning}` };
}
