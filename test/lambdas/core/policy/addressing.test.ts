import type { CustomerProfile } from '../../../../lambdas/core/model/customer.ts';
import { openFence } from '../../../../lambdas/core/model/fence.ts';
import { chooseTarget } from '../../../../lambdas/core/policy/addressing.ts';

const aProfile = (over: Partial<CustomerProfile> = {}): CustomerProfile => ({
  customerId: 'GB.1',
  fromId: 'GB.1',
  fromIdType: 'Opaque',
  since: 0,
  lastInboundAt: 0,
  disownedPhones: [],
  fences: { in: openFence, out: openFence },
  isNew: false,
  ...over,
});

describe('a message to a customer', () => {
  it.each<[string, Partial<CustomerProfile>, object | undefined]>([
    [
      'to the phone of the latest message',
      { reach: { phone: '441111', userId: 'GB.1' } },
      { phone: '441111' },
    ],
    ['to the phone it was first seen with', { phone: '442222' }, { phone: '442222' }],
    ['to the phone it has at Genesys', { fromId: '443333', fromIdType: 'Phone' }, { phone: '443333' }],
    ['to the phone it is filed under', { customerId: '444444', fromId: '444444' }, { phone: '444444' }],
    ['to the BSUID when no phone is known', {}, { userId: 'GB.1' }],
    ['to the latest BSUID', { reach: { userId: 'GB.2' } }, { userId: 'GB.2' }],
    [
      'to the BSUID when the phone has become somebody else’s',
      { phone: '442222', fromId: '442222', disownedPhones: ['442222'] },
      { userId: 'GB.1' },
    ],
    [
      'to the new phone after a change of number',
      { phone: '442222', disownedPhones: ['442222'], reach: { phone: '445555' } },
      { phone: '445555' },
    ],
    [
      'nowhere when only a phone is known that is somebody else’s',
      { customerId: '442222', fromId: '442222', disownedPhones: ['442222'] },
      undefined,
    ],
    ['to a parent BSUID', { customerId: 'US.ENT.9', fromId: 'US.ENT.9' }, { userId: 'US.ENT.9' }],
  ])('goes %s', (_name, over, target) => {
    expect(chooseTarget(aProfile(over), 'to')).toEqual(target);
  });

  it('who never wrote goes to the address itself, and a BSUID never as a phone', () => {
    expect(
      ['447700900001', 'GB.77001122334455', 'not-an-address', '+44770'].map((to) =>
        chooseTarget(undefined, to),
      ),
    ).toEqual([{ phone: '447700900001' }, { userId: 'GB.77001122334455' }, undefined, undefined]);
  });
});
