import { choosePhrases } from '../../../lambdas/core/convert/phrases.ts';
import type { ShownContent } from '../../../lambdas/core/model/agent-content.ts';
import type { DeskOption } from '../../../lambdas/core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../../../lambdas/core/model/envelope.ts';
import type { LedgerRecord } from '../../../lambdas/core/model/ledger-record.ts';
import { needsPreparation, prepareContent, toSnippet } from '../../../lambdas/flows/prepare-content.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { RecordingTelemetry, ScriptedMedia } from '../../fakes/outside-world.ts';

const shown = (over: Partial<ShownContent> = {}): ShownContent => ({
  kind: 'shown',
  text: 'caption',
  placeholder: false,
  attributes: {},
  ...over,
});
type Sent = { genesysId: string; options: Record<string, DeskOption> };
const image = { id: '9001', kind: 'image', mime: 'image/jpeg' } as const;

function prepare(
  content: ShownContent,
  snippets: Record<string, string> = {},
  media = new ScriptedMedia(),
  record = {},
  originating: Record<string, Sent> = {},
  head: Partial<InboundEnvelope> = {},
) {
  const telemetry = new RecordingTelemetry();
  const ledger = new MemoryLedger();
  ledger.readSnippet = async (key) => snippets[key];
  for (const [id, sent] of Object.entries(originating)) ledger.sent.set(id, sent);
  const prepared = prepareContent(
    {
      content,
      item: { id: 'w1', message: {} } as InboundItem,
      envelope: { numberId: '1', receivedAt: 5, correlationId: 'c', ...head } as InboundEnvelope,
      record: record as LedgerRecord,
      deadlineAt: 99,
    },
    { ledger, media, telemetry, phrases: choosePhrases('en') },
  );
  return { prepared, telemetry, media };
}

describe('preparing what the agent sees', () => {
  it('leaves a plain text as it is', async () => {
    expect(needsPreparation(shown())).toBe(false);
    expect(await prepare(shown()).prepared).toEqual({ text: 'caption', placeholder: false });
  });

  it('attaches the media and remembers where it is', async () => {
    const { prepared, media } = prepare(shown({ media: image }));

    expect(await prepared).toMatchObject({
      text: 'caption',
      placeholder: false,
      attachment: { id: '9001' },
      media: { state: 'downloaded', key: 'media/9001' },
    });
    expect(media.asked).toEqual([
      expect.objectContaining({
        numberId: '1',
        messageId: 'w1',
        receivedAt: 5,
        media: image,
        deadlineAt: 99,
      }),
    ]);
  });

  it('passes on what an earlier visit stored, so that it is not fetched again', async () => {
    const stored = { state: 'downloaded', key: 'k', mime: 'm', bytes: 1, sha256: 's', filename: 'f' };

    const { prepared, media } = prepare(shown({ media: image }), {}, new ScriptedMedia(), { media: stored });
    await prepared;

    expect(media.asked[0]?.stored).toEqual(stored);
  });

  it('asks for our own copy when an operator has it delivered again', async () => {
    const replayed = { replay: { number: 'replay-1' } };

    const { prepared, media } = prepare(shown({ media: image }), {}, new ScriptedMedia(), {}, {}, replayed);
    await prepared;

    expect(media.asked[0]).toMatchObject({ again: true });
  });

  it('tells the agent when the media cannot be had', async () => {
    const media = new ScriptedMedia();
    media.answers.push({ stored: { state: 'failed', reason: 'gone' } });

    const { prepared, telemetry } = prepare(shown({ media: image }), {}, media);

    expect(await prepared).toEqual({
      text: 'caption\n[Image could not be fetched from WhatsApp]',
      placeholder: true,
      media: { state: 'failed', reason: 'gone' },
    });
    expect(telemetry.counters).toEqual({ MediaFailures: 1 });
  });

  it('gives a link to what is too large to attach', async () => {
    const stored = {
      state: 'downloaded',
      key: 'k',
      mime: 'm',
      bytes: 1,
      sha256: 's',
      filename: 'f',
    } as const;
    const media = new ScriptedMedia();
    media.answers.push({ stored, tooLarge: { url: 'https://x/y', filename: 'big.pdf' } });

    const content = shown({ media: image, mediaLabel: 'Document: big.pdf', text: '' });

    expect(await prepare(content, {}, media).prepared).toEqual({
      text: '[Document: big.pdf is too large to attach: https://x/y]',
      placeholder: true,
      media: stored,
    });
  });

  it('attaches a file the bridge wrote', async () => {
    const file = { filename: 'ada.vcf', mime: 'text/vcard', content: 'BEGIN:VCARD' };

    expect(await prepare(shown({ file })).prepared).toMatchObject({
      attachment: { id: 'ada.vcf', mime: 'text/vcard' },
    });
  });

  it('quotes what an agent wrote when that is answered', async () => {
    const content = shown({ text: 'yes', quotedId: 'w0' });

    expect(await prepare(content, { 'WAMID#1#w0': 'Shall we send it again?' }).prepared).toMatchObject({
      text: '[In reply to: “Shall we send it again?”]\nyes',
    });
  });

  it('quotes the message that is answered when it is remembered', async () => {
    const content = shown({ text: 'yes', quotedId: 'w0' });

    expect((await prepare(content, { 'IN#1#w0': 'Shall we?' }).prepared).text).toBe(
      '[In reply to: “Shall we?”]\nyes',
    );
    expect((await prepare(content).prepared).text).toBe('[In reply to an earlier message]\nyes');
  });
});

describe('media without words', () => {
  it('is named, so that it can be announced', async () => {
    const content = shown({ media: image, mediaLabel: 'Image', text: '' });

    expect((await prepare(content).prepared).text).toBe('[Image]');
  });

  it('gives way to a file that holds the text, and is shown as a link', async () => {
    const file = { filename: 'message.txt', mime: 'text/plain', content: 'long' };

    expect(await prepare(shown({ media: image, mediaLabel: 'Image', file })).prepared).toMatchObject({
      text: 'caption\n[Image: https://bridge.example/media/9001]',
      attachment: { id: 'message.txt' },
      media: { state: 'downloaded' },
      placeholder: true,
    });
  });
});

describe('a message about another one', () => {
  it('repeats that one when it is remembered, and says nothing when it is not', async () => {
    const content = shown({ text: '[Reaction: 👍]', quotedId: 'w0', quotedAs: 'subject' });

    expect((await prepare(content, { 'IN#1#w0': 'Shall we?' }).prepared).text).toBe(
      '[Earlier message: “Shall we?”]\n[Reaction: 👍]',
    );
    expect((await prepare(content).prepared).text).toBe('[Reaction: 👍]');
  });

  it('keeps its quote on one line, whatever the other one held', async () => {
    const content = shown({ text: 'yes', quotedId: 'w0' });

    expect((await prepare(content, { 'IN#1#w0': 'a\n\u202eb\u0000c' }).prepared).text).toBe(
      '[In reply to: “a bc”]\nyes',
    );
    expect((await prepare(content, { 'IN#1#w0': '\u200b' }).prepared).text).toBe(
      '[In reply to an earlier message]\nyes',
    );
  });
});

describe('a tap on an option', () => {
  const tap = { kind: 'button', id: 'b1', title: 'Track' } as const;
  const content = shown({ text: 'Track', quotedId: 'w0', tap });
  const option = { type: 'QuickReply', text: 'Track order', payload: 'track_order' } as const;

  it('names the message of the desk that offered it, as the desk wrote it', async () => {
    const { prepared } = prepare(
      content,
      {},
      undefined,
      {},
      {
        'WAMID#1#w0': { genesysId: 'g0', options: { b1: option } },
      },
    );

    expect(await prepared).toEqual({
      text: 'Track',
      placeholder: false,
      tap: { originatingMessageId: 'g0', ...option },
    });
  });

  it.each<[string, Record<string, Sent>]>([
    ['the message is forgotten', {}],
    ['the option was not one of its', { 'WAMID#1#w0': { genesysId: 'g0', options: {} } }],
    ['the message had another number', { 'WAMID#2#w0': { genesysId: 'g0', options: { b1: option } } }],
  ])('is its title when %s', async (_name, originating) => {
    const { prepared } = prepare(content, {}, undefined, {}, originating);

    expect(await prepared).toEqual({ text: 'Track', placeholder: false });
  });

  it('is its title when nothing says what it answers', async () => {
    expect(await prepare(shown({ text: 'Track', tap })).prepared).toEqual({
      text: 'Track',
      placeholder: false,
    });
  });
});

describe('lines of the bridge', () => {
  it('stand between the quote and the text', async () => {
    const content = shown({ text: 'yes', notes: ['[Forwarded]', '[Written in a group]'], quotedId: 'w0' });

    expect((await prepare(content).prepared).text).toBe(
      '[In reply to an earlier message]\n[Forwarded]\n[Written in a group]\nyes',
    );
  });
});

describe('a snippet', () => {
  it('of media without words is what the media is', () => {
    expect(toSnippet({ text: '', mediaLabel: 'Image' })).toBe('Image');
    expect(toSnippet({ text: '' })).toBe('');
  });

  it.each([
    ['short', 'short'],
    ['', ''],
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), `${'x'.repeat(80)}…`],
    ['👩‍👩‍👧‍👦'.repeat(20), `${'👩‍👩‍👧‍👦'.repeat(7)}…`],
  ])('of %j never splits a grapheme', (text, snippet) => {
    expect(toSnippet({ text })).toBe(snippet);
  });
});
