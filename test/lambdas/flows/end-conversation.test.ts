import { BridgeError } from '../../../lambdas/core/errors.ts';
import { parseQueueBody } from '../../../lambdas/core/model/envelope.ts';
import { endConversation } from '../../../lambdas/flows/end-conversation.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { HandClock, MemoryQueue, RecordingTelemetry } from '../../fakes/outside-world.ts';

const conversationId = '5d0d331e-d2a8-4fb5-96f7-7021bef2a8ee';
const firstSession = '11111111-0000-4000-8000-000000000001';
const nextSession = '22222222-0000-4000-8000-000000000002';
const phone = '447700900001';
const hour = 3_600_000;

const anEvent = (phase: string, at: number, over: Record<string, unknown> = {}) => ({
  version: '0',
  id: '4cbe0000-0000-4000-8000-000000000000',
  'detail-type': `v2.detail.events.conversation.{id}.customer.${phase}`,
  source: 'aws.partner/genesys.com/cloud/org/bridge',
  time: new Date(at).toISOString(),
  detail: {
    topicName: `v2.detail.events.conversation.${conversationId}.customer.${phase}`,
    eventBody: {
      eventTime: at,
      conversationId,
      sessionId: firstSession,
      mediaType: 'MESSAGE',
      messageType: 'OPEN',
      disconnectType: 'CLIENT',
      addressFrom: phone,
      ...over,
    },
  },
});

/** A customer who wrote `ago` before now and is in the conversation. */
async function aScene({ isPolite = true, ago = hour } = {}) {
  const clock = new HandClock();
  const customers = new MemoryCustomers();
  const at = clock.now() - ago;
  const visit = { visitId: 'v', at, acceptedAt: at, fromId: phone, fromIdType: 'Phone' } as const;
  await customers.touch('1', 'GB.1', visit);
  await customers.learnConversation('1', 'GB.1', { conversationId });
  const ports = {
    clock,
    customers,
    pseudonyms: {
      openGroupIds: async () => (numberId: string, customerKey: string) => `group-${numberId}-${customerKey}`,
      hash: (text: string) => `hash(${text})`,
    },
    outbound: new MemoryQueue(),
    telemetry: new RecordingTelemetry(),
    closingText: isPolite ? 'Bye! \u{1f44b}' : undefined,
  };
  const tell = (phase: string, when = clock.now(), over: Record<string, unknown> = {}) =>
    endConversation(anEvent(phase, when, over), ports);
  const held = async () => (await customers.peek('1', 'GB.1'))?.conversationId;
  const said = () => ports.outbound.messages.map(({ body }) => JSON.parse(body));
  return { ...ports, visit, tell, held, said };
}

describe('the end of a conversation', () => {
  it('is forgotten by its customer, who is told good-bye in line with the agent’s words', async () => {
    const { tell, held, said, outbound, clock, telemetry } = await aScene();

    expect(await tell('end')).toBe('ended-with-closing');

    expect(await held()).toBeUndefined();
    expect(outbound.messages[0]?.groupId).toBe(`group-1-${phone}`);
    const id = `closing-${conversationId}-${firstSession}`;
    expect(said()).toEqual([
      {
        v: 1,
        channel: 'genesys',
        numberId: '1',
        receivedAt: clock.now(),
        rawKey: '',
        correlationId: id,
        items: [{ id, kind: 'closing', to: phone, conversationId, message: { text: 'Bye! \u{1f44b}' } }],
      },
    ]);
    expect(parseQueueBody(outbound.messages[0]?.body ?? '')).toMatchObject({ items: [{ id }] });
    expect(telemetry.counters).toEqual({ ConversationsEnded: 1 });
    expect(JSON.stringify(telemetry.events)).not.toContain(phone);
  });

  it('is silent where the tenant has no closing text', async () => {
    const { tell, held, said } = await aScene({ isPolite: false });

    expect(await tell('end')).toBe('ended');
    expect(await held()).toBeUndefined();
    expect(said()).toEqual([]);
  });

  it('is silent outside WhatsApp’s 24 hours, and over all the same', async () => {
    const { tell, held, said } = await aScene({ ago: 24 * hour });

    expect(await tell('end')).toBe('ended');
    expect(await held()).toBeUndefined();
    expect(said()).toEqual([]);
  });

  it('told twice is one good-bye', async () => {
    const { tell, said } = await aScene();
    await tell('end');

    expect(await tell('end')).toBe('already-over');
    expect(said()).toHaveLength(1);
  });

  it('told again after a crash between good-bye and forgetting is the same good-bye', async () => {
    const { tell, held, outbound, customers } = await aScene();
    const forget = customers.forgetConversation.bind(customers);
    customers.forgetConversation = () => Promise.reject(new BridgeError('store-unavailable', 'no'));
    await expect(tell('end')).rejects.toMatchObject({ kind: 'store-unavailable' });
    customers.forgetConversation = forget;

    await tell('end');

    expect(await held()).toBeUndefined();
    expect(new Set(outbound.messages.map(({ deduplicationId }) => deduplicationId)).size).toBe(1);
  });

  it('whose good-bye cannot be queued comes again', async () => {
    const { tell, held, outbound } = await aScene();
    outbound.failFrom = 0;

    await expect(tell('end')).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(await held()).toBe(conversationId);
  });

  it('is no end when the customer has written since', async () => {
    const { tell, held, said, clock } = await aScene();

    expect(await tell('end', clock.now() - hour - 1)).toBe('superseded');
    expect(await held()).toBe(conversationId);
    expect(said()).toEqual([]);
  });

  it('is no end when a later session runs in the same conversation', async () => {
    const { tell, held, said, clock } = await aScene();
    await tell('start', clock.now() - 3000);
    await tell('start', clock.now() - 1000, { sessionId: nextSession });

    expect(await tell('end', clock.now() - 2000)).toBe('superseded');
    expect(await held()).toBe(conversationId);

    expect(await tell('end', clock.now(), { sessionId: nextSession })).toBe('ended-with-closing');
    expect(said()).toHaveLength(1);
  });

  it('of a session whose beginning was not told is an end', async () => {
    const { tell, clock } = await aScene();
    await tell('start', clock.now() - 3000);

    expect(await tell('end', clock.now(), { sessionId: nextSession })).toBe('ended-with-closing');
  });

  it('of an earlier conversation changes nothing', async () => {
    const { tell, said, customers } = await aScene();
    await customers.learnConversation('1', 'GB.1', { conversationId: 'another' });

    expect(await tell('end')).toBe('already-over');
    expect(said()).toEqual([]);
  });

  it('reaches the customer under the name it has by now', async () => {
    const { tell, said, customers, visit } = await aScene();
    await customers.touch('1', 'GB.elder', { ...visit, fromId: '449' });
    await customers.link('1', 'GB.1', 'GB.elder', 'root', visit);
    await customers.learnConversation('1', 'GB.elder', { conversationId });
    await customers.learnConversation('1', 'GB.1', { conversationId });

    expect(await tell('end')).toBe('ended-with-closing');
    expect(said()[0].items[0].to).toBe('449');
    expect((await customers.peek('1', 'GB.elder'))?.conversationId).toBeUndefined();
  });

  it('of a conversation nobody here knows is counted', async () => {
    const { tell, telemetry } = await aScene();

    expect(await tell('end', 1, { conversationId: nextSession })).toBe('unknown');
    expect(telemetry.counters).toEqual({ ConversationEndsUnknown: 1 });
  });
});

describe('an event', () => {
  it.each([
    ['of another topic', anEvent('wrapup', 1)],
    ['of a call', anEvent('end', 1, { messageType: undefined, mediaType: 'VOICE' })],
    ['of another messenger', anEvent('end', 1, { messageType: 'WHATSAPP' })],
    ['without a session', anEvent('end', 1, { sessionId: undefined })],
    ['without a conversation', anEvent('end', 1, { conversationId: 7 })],
    ['without any time', { ...anEvent('end', 1, { eventTime: 'soon' }), time: 'never' }],
    ['without a body', { ...anEvent('end', 1), detail: {} }],
    ['that is none', null],
  ])('%s is ignored and counted', async (_name, event) => {
    const scene = await aScene();

    expect(await endConversation(event, scene)).toBe('not-ours');
    expect(await scene.held()).toBe(conversationId);
    expect(scene.telemetry.counters).toEqual({ EventsIgnored: 1 });
  });

  it('without a time of its own has the one of its envelope', async () => {
    const { tell, held, clock } = await aScene();

    expect(await tell('end', clock.now(), { eventTime: undefined })).toBe('ended-with-closing');
    expect(await held()).toBeUndefined();
  });
});
