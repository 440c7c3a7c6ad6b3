// Every kind of message in every shape, from the webhook to the body that Genesys' contract accepts.
import { toGenesys } from '../../../lambdas/core/convert/genesys/to-genesys.ts';
import { toAgentContent } from '../../../lambdas/core/convert/meta/from-meta.ts';
import { splitWebhook } from '../../../lambdas/core/convert/meta/wire.ts';
import { choosePhrases } from '../../../lambdas/core/convert/phrases.ts';
import type { DeskMessage } from '../../../lambdas/core/model/desk-message.ts';
import { composeDeskMessage } from '../../../lambdas/flows/compose-desk-message.ts';
import { prepareContent } from '../../../lambdas/flows/prepare-content.ts';
import { findContractBreach } from '../../../local/stand-ins/genesys/genesys-contract.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { aChange, aLedgerRecord, anEnvelope, aWebhook } from '../../builders.ts';
import { RecordingTelemetry, ScriptedMedia } from '../../fakes/outside-world.ts';
import { hostile, whatsappMessages } from '../../whatsapp-messages.ts';

const phrases = choosePhrases('en');
const sender = { from: '447700900001', timestamp: '1795000000' };

interface Shown {
  message: DeskMessage;
  /** Text, and content or name of a file that goes along. */
  readable: string;
}

/** What the desk is shown for the messages of one webhook. */
async function show(messages: readonly unknown[], value: object = {}): Promise<Shown[]> {
  const { groups } = splitWebhook(JSON.parse(JSON.stringify(aWebhook(aChange({ messages, ...value })))));
  const items = groups.flatMap((group) => group.items);
  return Promise.all(
    items.map(async (item, index) => {
      const whole = { ...item, id: item.id ?? `made-up.${index}` };
      const envelope = anEnvelope({ items: [whole] });
      const content = toAgentContent(whole.message, phrases);
      if (content.kind === 'ignored') throw new Error('nothing to show');
      const visit = { content, item: whole, envelope, record: aLedgerRecord(), deadlineAt: 0 };
      const ports = {
        ledger: new MemoryLedger(),
        media: new ScriptedMedia(),
        telemetry: new RecordingTelemetry(),
        phrases,
      };
      const prepared = await prepareContent(visit, ports);
      const profile = { fromId: '447700900001', fromIdType: 'Phone' } as const;
      const message = composeDeskMessage(whole, envelope, content, prepared, profile);
      const file = content.file?.content.replaceAll('\r\n ', '');
      return { message, readable: [prepared.text, file, content.media?.filename].join('\n') };
    }),
  );
}

function expectAcceptable(message: DeskMessage) {
  const body = toGenesys(message);
  const bytes = JSON.stringify(body);
  expect(findContractBreach('message', JSON.parse(bytes))).toBeUndefined();
  expect(Buffer.byteLength(bytes)).toBeLessThanOrEqual(512_000);
  expect(Buffer.byteLength(JSON.stringify(body.channel.metadata.customAttributes))).toBeLessThanOrEqual(1900);
}

describe('a message in every shape', () => {
  it.each(whatsappMessages.map((shape) => [shape.name, shape] as const))(
    '(%s) reaches the agent as Genesys takes it, with every word',
    async (_name, { message, words }) => {
      const [shown, ...more] = await show([{ ...sender, id: 'w1', ...message }]);

      expect(more).toEqual([]);
      expect(shown).toBeDefined();
      if (shown) expectAcceptable(shown.message);
      for (const word of words) expect(shown?.readable).toContain(word);
    },
  );

  it('is shown the same way again when it is tried again', async () => {
    const messages = whatsappMessages.map(({ message }, index) => ({
      ...sender,
      id: `w${index}`,
      ...message,
    }));

    const [first, second] = [await show(messages), await show(messages)];

    expect(first).toHaveLength(messages.length);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  it('of a sender with a hostile name keeps a readable one, or none', async () => {
    const named = async (name: unknown) => {
      const contacts = [{ wa_id: sender.from, profile: { name, username: name } }];
      const messages = [{ ...sender, id: 'w1', type: 'text', text: { body: 'hi' } }];
      const [shown] = await show(messages, { contacts });
      if (shown) expectAcceptable(shown.message);
      return shown?.message.from;
    };

    expect((await named(hostile))?.name).toMatch(/^\.\.\/\.\.\/etc\/passwd X-Evil: 1<script>.{0,60}…$/);
    expect(await named('\u202e\u0000')).not.toHaveProperty('name');
    expect((await named('Ada Löve'))?.name).toBe('Ada Löve');
  });
});

describe('a batch of everything', () => {
  const poison = [null, 'x', 7, [], [[]]];
  const batch = whatsappMessages.filter(({ name }) => !/large|hostile/.test(name)).slice(0, 50);

  it('with five poison items loses none of fifty messages, in order', async () => {
    const messages: unknown[] = batch.map(({ message }, index) => ({
      ...sender,
      id: `w${index}`,
      ...message,
    }));
    for (const [index, item] of poison.entries()) messages.splice(index * 11, 0, item);

    const shown = await show(messages);

    expect(batch).toHaveLength(50);
    expect(shown.map(({ message }) => message.messageId)).toEqual(batch.map((_, index) => `w${index}`));
    for (const [index, { message, readable }] of shown.entries()) {
      expectAcceptable(message);
      for (const word of batch[index]?.words ?? []) expect(readable).toContain(word);
    }
  });
});
