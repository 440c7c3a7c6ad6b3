// Where a dead letter goes in the park that nobody ever claimed. SQS gave it a new SequenceNumber when it moved it, and
// its old one is lost; but its group was delivered in order until then, so it comes after what was parked before it and
// before everything that is still in the queue.
import type { ParkedHead } from '../core/model/parked-item.ts';
import { isLostOrder, lostOrderBehind } from '../core/policy/lost-order.ts';
import type { FencePlace, Park } from '../core/redelivery-ports.ts';

/** More than this waits for one customer only when nobody looks for days. */
const mostParked = 1000;

/** The order to park a message under; its own, unless that is lost. @throws BridgeError `store-unavailable` */
export async function placeDeadLetter(
  {
    place,
    key,
    sequence,
    receivedAt,
  }: { place: FencePlace; key: string; sequence: string; receivedAt: number },
  park: Pick<Park, 'listHeads'>,
): Promise<string> {
  if (!isLostOrder(sequence)) return sequence;
  const parked = await park.listHeads(place, mostParked);
  const own = parked.find((item) => item.key === key && item.replay === '');
  return own?.sequence ?? lostOrderBehind(findBefore(parked, receivedAt)?.sequence, sequence);
}

/** Length of an order that is one's own: SequenceNumber and index. Others stand where they were placed themselves. */
const ownOrderLength = 26;

/** The last of those that have kept their order and were accepted no later. */
function findBefore(parked: readonly ParkedHead[], receivedAt: number): ParkedHead | undefined {
  return parked.findLast(
    ({ sequence, replay, acceptedAt }) =>
      replay === '' &&
      !isLostOrder(sequence) &&
      sequence.length === ownOrderLength &&
      acceptedAt <= receivedAt,
  );
}
