import { findRecipient } from '../../../../lambdas/flows/outbound/find-recipient.ts';
import { MemoryCustomers } from '../../../../simulation/stores/memory-customers.ts';

const phone = '447700900001';
let directory: MemoryCustomers;
beforeEach(() => {
  directory = new MemoryCustomers();
});

async function addCustomer(
  customerId: string,
  fromId: string,
  reach: { phone?: string; userId?: string } = {},
) {
  const fromIdType = /^\d+$/.test(fromId) ? 'Phone' : 'Opaque';
  const visit = { visitId: 'v', at: 1000, acceptedAt: 1000 } as const;
  await directory.touch('1', customerId, { ...visit, fromId, fromIdType, reach });
}
const find = (to: string, conversationId?: string) =>
  findRecipient({ to, ...(conversationId === undefined ? {} : { conversationId }) }, '1', 5000, directory);

it('is the customer of the conversation, whatever became of the phone since', async () => {
  await addCustomer('GB.1', phone, { phone: '448', userId: 'GB.1' });
  await addCustomer('GB.2', 'GB.2', { phone, userId: 'GB.2' });
  await directory.learnConversation('1', 'GB.1', { conversationId: 'c-1' });
  await directory.resolveAlias('1', phone, { customerId: 'GB.2', userId: 'GB.2', at: 2000 });

  expect(await find(phone, 'c-1')).toMatchObject({ customerId: 'GB.1' });
});

it('is looked for by address when the conversation is another number’s or not known', async () => {
  await addCustomer('GB.1', phone, { phone, userId: 'GB.1' });
  await directory.resolveAlias('1', phone, { customerId: 'GB.1', userId: 'GB.1', at: 1000 });
  await directory.learnConversation('2', 'GB.9', { conversationId: 'c-9' });

  for (const conversationId of ['c-9', 'c-unknown', undefined])
    expect(await find(phone, conversationId)).toMatchObject({ customerId: 'GB.1', target: { phone } });
});

it('is who had this address at Genesys before the phone changed hands', async () => {
  await addCustomer('GB.1', phone, { phone, userId: 'GB.1' });
  await directory.resolveAlias('1', phone, { customerId: 'GB.1', userId: 'GB.1', at: 1000 });
  await directory.disown('1', 'GB.1', phone);
  await directory.refile(
    '1',
    phone,
    { customerId: 'GB.1', userId: 'GB.1', filedAt: 1000 },
    { customerId: 'GB.2', userId: 'GB.2', at: 3000 },
  );
  await addCustomer('GB.2', 'GB.2', { phone, userId: 'GB.2' });

  expect(await find(phone)).toMatchObject({ customerId: 'GB.1', target: { userId: 'GB.1' } });
  expect(await find('GB.2')).toMatchObject({ customerId: 'GB.2', target: { phone } });
});

it('is followed to the customer it has become one with', async () => {
  await addCustomer('GB.1', 'GB.1');
  await addCustomer('GB.2', 'GB.2');
  await directory.link('1', 'GB.2', 'GB.1', 'root', { at: 1000, acceptedAt: 1000 });

  expect(await find('GB.2')).toMatchObject({ customerId: 'GB.1' });
});

it('is nobody while two customers claim the phone', async () => {
  await addCustomer('GB.1', phone, { phone, userId: 'GB.1' });
  await directory.resolveAlias('1', phone, { customerId: 'GB.1', userId: 'GB.1', at: 1000 });
  await directory.dispute('1', phone, 2000);

  expect(await find(phone)).toEqual({ customerId: phone });
});

it('who never wrote is addressed as they are called', async () => {
  expect(await find(phone)).toEqual({ customerId: phone, target: { phone } });
  expect(await find('GB.5')).toEqual({ customerId: 'GB.5', target: { userId: 'GB.5' } });
  expect(await find('somebody')).toEqual({ customerId: 'somebody' });
});
