import type { FailureKind } from '../../../lambdas/core/errors.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import { createLeaving } from '../../../lambdas/flows/leave-conversation.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { anInboundItem, aTextMessage } from '../../builders.ts';
import { HandClock, RecordingTelemetry } from '../../fakes/outside-world.ts';

async function aScene(...failures: FailureKind[]) {
  const clock = new HandClock();
  const customers = new MemoryCustomers();
  await customers.learnConversation('1', 'GB.1', { conversationId: 'conversation-1' });
  const telemetry = new RecordingTelemetry();
  const asked: { conversationId: string; deadlineAt: number; held: string | undefined }[] = [];
  let tryMs = 0;
  const leaveIfAsked = createLeaving({
    clock,
    customers,
    telemetry,
    stopWords: ['Stop', 'chat beenden'],
    timing: { postTimeoutMs: 5000 },
    conversations: {
      disconnect: async (_numberId, conversationId, deadlineAt) => {
        const held = customers.profiles.get('1#GB.1')?.conversationId;
        asked.push({ conversationId, deadlineAt, held });
        clock.at += tryMs;
        const kind = failures.shift();
        return kind === undefined ? { done: true } : { done: false, failure: new BridgeError(kind, 'no') };
      },
    },
  });
  const write = (
    body: unknown,
    over: { conversationId?: undefined; deadlineAt?: number; message?: unknown } = {},
  ) =>
    leaveIfAsked({
      item: anInboundItem({ message: over.message ?? aTextMessage({ text: { body } }) }),
      numberId: '1',
      customerId: 'GB.1',
      conversationId: 'conversationId' in over ? over.conversationId : 'conversation-1',
      correlationId: 'corr-1',
      deadlineAt: over.deadlineAt ?? clock.now() + 60_000,
    });
  return { clock, customers, telemetry, asked, write, leaveIfAsked, lasts: (ms: number) => (tryMs = ms) };
}

it('a stop word ends the conversation, which the customer has left by then', async () => {
  const { asked, write, telemetry, clock } = await aScene();

  await write(' STOP\n');

  expect(asked).toEqual([
    { conversationId: 'conversation-1', deadlineAt: clock.now() + 5000, held: undefined },
  ]);
  expect(telemetry.counters).toEqual({ ConversationsLeft: 1 });
  expect(telemetry.events).toEqual([
    {
      name: 'conversation.left',
      fields: { messageId: 'wamid.1', conversationId: 'conversation-1', correlationId: 'corr-1' },
    },
  ]);
});

it.each([
  ['another text', aTextMessage({ text: { body: 'please stop' } })],
  ['a text that is none', aTextMessage({ text: { body: 7 } })],
  ['a text without its part', aTextMessage({ text: undefined })],
  ['a caption', { type: 'image', image: { caption: 'stop' }, text: { body: 'stop' } }],
  ['no message', null],
])('%s does not', async (_name, message) => {
  const { asked, leaveIfAsked, customers, telemetry } = await aScene();
  customers.calls.length = 0;

  await leaveIfAsked({
    item: { id: 'wamid.1', message },
    numberId: '1',
    customerId: 'GB.1',
    conversationId: 'conversation-1',
    correlationId: 'c',
    deadlineAt: Number.POSITIVE_INFINITY,
  });

  expect(asked).toEqual([]);
  expect(customers.calls).toEqual([]);
  expect(telemetry.counters).toEqual({});
});

it('the business’ own words never do', async () => {
  const { asked, leaveIfAsked } = await aScene();

  await leaveIfAsked({
    item: anInboundItem({ kind: 'echo', message: aTextMessage({ text: { body: 'stop' } }) }),
    numberId: '1',
    customerId: 'GB.1',
    conversationId: 'conversation-1',
    correlationId: 'c',
    deadlineAt: Number.POSITIVE_INFINITY,
  });

  expect(asked).toEqual([]);
});

describe('a conversation that cannot be ended', () => {
  it.each<[FailureKind, number]>([
    ['provider-unavailable', 2],
    ['delivery-unknown', 2],
    ['throttled', 1],
    ['provider-rejected', 1],
    ['credential-rejected', 1],
  ])('(%s) is tried %i times, counted and told', async (kind, tries) => {
    const { asked, write, telemetry } = await aScene(kind, kind, kind);

    await expect(write('stop')).resolves.toBeUndefined();

    expect(asked).toHaveLength(tries);
    expect(telemetry.counters).toEqual({ ConversationLeavesFailed: 1 });
    expect(telemetry.problems).toMatchObject([{ name: 'conversation.not-left', error: { kind } }]);
  });

  it('is one that ended at the second try', async () => {
    const { write, telemetry } = await aScene('delivery-unknown');

    await write('stop');

    expect(telemetry.counters).toEqual({ ConversationsLeft: 1 });
  });

  it('takes no more time than one message may, nor than is left', async () => {
    const { asked, write, clock, lasts } = await aScene('delivery-unknown', 'delivery-unknown');
    lasts(5000);
    await write('stop', { deadlineAt: clock.now() + 3000 });

    expect(asked).toHaveLength(1);
    expect(asked[0]?.deadlineAt).toBe(clock.now() - 2000);
  });

  it('because nobody knows which it is is told too', async () => {
    const { asked, write, telemetry } = await aScene();
    await write('stop', { conversationId: undefined });

    expect(asked).toEqual([]);
    expect(telemetry.counters).toEqual({ ConversationLeavesFailed: 1 });
  });

  it('because the store is down is told too, and holds up nothing', async () => {
    const { write, customers, telemetry } = await aScene();
    customers.forgetConversation = () => Promise.reject(new BridgeError('store-unavailable', 'no'));

    await write('stop');

    expect(telemetry.problems).toMatchObject([{ error: { kind: 'store-unavailable' } }]);
  });

  it('because of a bug is no trouble of Genesys', async () => {
    const { write, customers } = await aScene();
    const bug = new TypeError('bug');
    customers.forgetConversation = () => Promise.reject(bug);

    await expect(write('stop')).rejects.toBe(bug);
  });
});
