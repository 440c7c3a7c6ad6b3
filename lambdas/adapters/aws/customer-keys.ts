// Keys of the customers table that more than one store needs.
import type { FencePlace } from '../../core/redelivery-ports.ts';

type Customer = Pick<FencePlace, 'numberId' | 'customerId'>;

/** Everything kept of one customer of one number. */
export const customerPartition = ({ numberId, customerId }: Customer): string =>
  `CUST#${numberId}#${customerId}`;

export const profileKey = (customer: Customer) => ({ pk: customerPartition(customer), sk: 'PROFILE' });
