import { genesysReasons } from '../../../../lambdas/core/outbound-ports.ts';
import { reasonOfMetaError } from '../../../../lambdas/core/policy/receipt-reason.ts';

it.each([
  [131047, 'MessageNotAllowed', 'WhatsApp error 131047: the customer wrote last more than 24 hours ago'],
  [131026, 'InvalidDestination', 'WhatsApp error 131026: the customer cannot be reached on WhatsApp'],
  [131050, 'RecipientOptedOut', 'WhatsApp error 131050: the customer does not want such messages'],
  [130429, 'RateLimited', 'WhatsApp error 130429: WhatsApp limits how much may be sent'],
  [131053, 'MediaTypeNotAllowed', 'WhatsApp error 131053: WhatsApp could not take the file'],
  [999_999, 'GeneralError', 'WhatsApp error 999999: WhatsApp did not deliver the message'],
])('explains error %d as %s', (code, reason, message) => {
  expect(reasonOfMetaError(code)).toEqual({ code: reason, message });
});

it('explains a failure without a code', () => {
  expect(reasonOfMetaError(undefined)).toEqual({
    code: 'GeneralError',
    message: 'WhatsApp did not deliver the message',
  });
});

it('has a line for every code up to 140,000, and nothing but codes of Genesys', () => {
  for (let code = 0; code <= 140_000; code += 1) {
    const reason = reasonOfMetaError(code);
    if (!genesysReasons.includes(reason.code) || !/: \w/.test(reason.message))
      throw new Error(`no reason for ${code}`);
  }
});
