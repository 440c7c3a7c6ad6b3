import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { anEnvelope, anInboundItem, aTextMessage } from '../../builders.ts';
import { HandClock } from '../../fakes/outside-world.ts';

const phone = '447700900001';
const hour = 3600;
const start = 1_795_000_000;

function aScene(idleHours?: number) {
  const directory = new MemoryCustomers();
  const clock = new HandClock();
  const finder = createCustomerFinder(
    directory,
    clock,
    idleHours === undefined ? {} : { idleMs: idleHours * hour * 1000 },
  );
  let visits = 0;
  const write = async (second: number) => {
    visits += 1;
    const message = aTextMessage({ id: `wamid.${visits}`, timestamp: String(start + second) });
    const found = await finder.find(
      anInboundItem({ id: `wamid.${visits}`, message }),
      anEnvelope({ receivedAt: (start + second) * 1000 }),
      `visit-${visits}`,
    );
    if (found.state !== 'found') throw new Error(found.state);
    return found.profile;
  };
  const converse = async () => {
    const profile = await write(0);
    await finder.learnConversation('1', profile, 'conversation-1');
  };
  const kept = async () => (await directory.peek('1', phone))?.conversationId;
  return { directory, finder, write, converse, kept };
}

describe('a conversation', () => {
  it('is over after a silence as long as the tenant says, and its id is forgotten', async () => {
    const { write, converse, kept } = aScene(24);
    await converse();

    const profile = await write(24 * hour);

    expect(profile).toMatchObject({ isNewSession: true });
    expect(profile).not.toHaveProperty('conversationId');
    expect(await kept()).toBeUndefined();
  });

  it('goes on before that, at no further call', async () => {
    const { directory, write, converse } = aScene(24);
    await converse();
    directory.calls.length = 0;

    const profile = await write(24 * hour - 1);

    expect(profile).toMatchObject({ conversationId: 'conversation-1' });
    expect(profile).not.toHaveProperty('isNewSession');
    expect(directory.calls).toEqual(['touch']);
  });

  it('goes on for ever where the tenant says nothing', async () => {
    const { write, converse } = aScene();
    await converse();

    expect(await write(1000 * hour)).toMatchObject({ conversationId: 'conversation-1' });
  });

  it('is not over because an old message comes late', async () => {
    const { write, converse } = aScene(1);
    await converse();
    await write(1800);

    expect(await write(-48 * hour)).toMatchObject({ conversationId: 'conversation-1' });
  });

  it('stays over when the message that found it so is tried again', async () => {
    const { write, converse, kept } = aScene(1);
    await converse();
    await write(2 * hour);
    await write(2 * hour);

    expect(await kept()).toBeUndefined();
  });

  it('that is new is learned after that', async () => {
    const { finder, write, converse, kept } = aScene(1);
    await converse();
    await finder.learnConversation('1', await write(2 * hour), 'conversation-1');

    expect(await kept()).toBe('conversation-1');
  });

  it('of a customer long silent is none for an echo of what the business wrote', async () => {
    const { finder, converse } = aScene(1);
    await converse();
    const peekAt = (second: number) =>
      finder.peek(
        anInboundItem({ message: aTextMessage({ timestamp: String(start + second) }) }),
        anEnvelope({ receivedAt: (start + second) * 1000 }),
      );

    expect(await peekAt(hour - 1)).toMatchObject({ conversationId: 'conversation-1' });
    expect(await peekAt(hour)).not.toHaveProperty('conversationId');
  });
});
