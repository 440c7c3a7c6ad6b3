// Where a message to a customer goes: to the phone while it is known and still the customer's, else to the BSUID.
// Writing to the phone also keeps WhatsApp naming it in later webhooks.

import type { CustomerProfile } from '../model/customer.ts';
import type { CustomerTarget } from '../model/customer-message.ts';

/** Undefined when nothing is known that would surely reach this customer. */
export function chooseTarget(profile: CustomerProfile | undefined, to: string): CustomerTarget | undefined {
  if (!profile) return toTarget(to);
  const { reach, phone, fromId, customerId, disownedPhones } = profile;
  const phones = [reach?.phone, phone, fromId, customerId].filter((id) => id !== undefined && isPhone(id));
  const own = phones.find((id) => id !== undefined && !disownedPhones.includes(id));
  if (own !== undefined) return { phone: own };
  const userId = [reach?.userId, customerId, fromId].find((id) => id !== undefined && isUserId(id));
  return userId === undefined ? undefined : { userId };
}

/** Digits only, as WhatsApp names phones. */
export function isPhone(id: string): boolean {
  return /^\d{5,20}$/.test(id);
}

function toTarget(id: string): CustomerTarget | undefined {
  if (isPhone(id)) return { phone: id };
  return isUserId(id) ? { userId: id } : undefined;
}

/** A BSUID or parent BSUID. */
function isUserId(id: string): boolean {
  return /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(id);
}
