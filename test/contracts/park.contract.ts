import { acceptanceOrder } from '../../lambdas/core/model/ledger-record.ts';
import type { ParkedItem } from '../../lambdas/core/model/parked-item.ts';
import type { FencePlace, Park } from '../../lambdas/core/redelivery-ports.ts';

let runs = 0;

/** What every park must do, whatever it is made of. */
export function describePark(fresh: () => Park): void {
  let park: Park;
  let place: FencePlace;
  beforeEach(() => {
    runs += 1;
    park = fresh();
    place = { numberId: '1', customerId: `GB.park.${runs}`, direction: 'in' };
  });
  const anItem = (sequence: string, over: Partial<ParkedItem> = {}): ParkedItem => ({
    ...place,
    sequence,
    replay: '',
    key: `IN#1#${sequence}`,
    acceptedAt: 1000,
    parkedAt: 2000,
    reason: 'provider-unavailable',
    attempts: 3,
    body: `{"v":1,"of":"${sequence}"}`,
    ...over,
  });
  const listed = async (limit = 100) => (await park.list(place, limit)).map(({ sequence }) => sequence);

  it('gives back what was put, whole', async () => {
    const item = anItem(acceptanceOrder('7', 0), { replay: 'R1' });
    await park.put(item);

    expect(await park.list(place, 10)).toEqual([item]);
  });

  it('holds nothing of a customer of whom nothing waits', async () => {
    expect(await park.list(place, 10)).toEqual([]);
  });

  it('lists by acceptance order, whatever the order of the puts', async () => {
    const orders = [
      acceptanceOrder('10', 0),
      acceptanceOrder('9', 10),
      acceptanceOrder('9', 2),
      acceptanceOrder('18850000000000000000', 0),
      acceptanceOrder('9', 0),
    ];
    for (const order of orders) await park.put(anItem(order));

    expect(await listed()).toEqual([
      acceptanceOrder('9', 0),
      acceptanceOrder('9', 2),
      acceptanceOrder('9', 10),
      acceptanceOrder('10', 0),
      acceptanceOrder('18850000000000000000', 0),
    ]);
  });

  it('lists the first of many', async () => {
    for (const sequence of ['4', '2', '3', '1']) await park.put(anItem(sequence));

    expect(await listed(2)).toEqual(['1', '2']);
  });

  it('lists all but the messages where those are not needed', async () => {
    const large = 'x'.repeat(290_000);
    const items = ['1', '2', '3', '4', '5'].map((sequence) =>
      anItem(sequence, { replay: 'R1', body: large }),
    );
    for (const item of items) await park.put(item);

    const heads = items.map(({ body: _body, ...head }) => head);
    expect(await park.listHeads(place, 10)).toEqual(heads);
    expect(await park.listHeads(place, 2)).toEqual(heads.slice(0, 2));
  });

  it('lists large items by as many reads as it takes', async () => {
    const body = 'x'.repeat(290_000);
    for (const sequence of ['1', '2', '3', '4', '5', '6']) await park.put(anItem(sequence, { body }));

    expect(await listed()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(await listed(5)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('keeps an item as it was put first', async () => {
    await park.put(anItem('1'));
    await park.put(anItem('1', { parkedAt: 9000, reason: 'throttled', attempts: 9 }));

    expect(await park.list(place, 10)).toEqual([anItem('1')]);
  });

  it('holds two messages of the same order beside each other: SQS numbers every message group by itself', async () => {
    await park.put(anItem('1', { key: 'IN#1#a' }));
    await park.put(anItem('1', { key: 'IN#1#b' }));
    expect((await park.list(place, 10)).map(({ key }) => key).sort()).toEqual(['IN#1#a', 'IN#1#b']);

    await park.remove(anItem('1', { key: 'IN#1#a' }));
    expect((await park.list(place, 10)).map(({ key }) => key)).toEqual(['IN#1#b']);
  });

  it('holds the replay of a message beside and behind the message', async () => {
    await park.put(anItem('1', { replay: 'R2' }));
    await park.put(anItem('1'));
    await park.put(anItem('1', { replay: 'R1' }));

    expect((await park.list(place, 10)).map(({ replay }) => replay)).toEqual(['', 'R1', 'R2']);
  });

  it('takes out exactly one item, and one that is gone without an error', async () => {
    await park.put(anItem('1'));
    await park.put(anItem('1', { replay: 'R1' }));
    await park.put(anItem('2'));

    await park.remove(anItem('1'));
    await park.remove(anItem('1'));

    expect((await park.list(place, 10)).map(({ key, replay }) => [key, replay])).toEqual([
      ['IN#1#1', 'R1'],
      ['IN#1#2', ''],
    ]);
  });

  it('keeps customers, numbers and directions apart', async () => {
    await park.put(anItem('1'));
    await park.put(anItem('1', { direction: 'out' }));
    await park.put(anItem('1', { numberId: '2' }));
    await park.put(anItem('1', { customerId: `${place.customerId}.x` }));

    expect(await park.list(place, 10)).toEqual([anItem('1')]);
    expect(await park.list({ ...place, direction: 'out' }, 10)).toHaveLength(1);
  });
}
