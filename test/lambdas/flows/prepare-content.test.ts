import type { ShownContent } from '../../../lambdas/core/model/agent-content.ts';
import type { InboundEnvelope, InboundItem } from '../../../lambdas/core/model/envelope.ts';
import type { LedgerRecord } from '../../../lambdas/core/model/ledger-record.ts';
import { needsPreparation, prepareContent, toSnippet } from '../../../lambdas/flows/prepare-content.ts';
import { RecordingTelemetry, ScriptedMedia } from '../../fakes/outside-world.ts';

const shown = (over: Partial<ShownContent> = {}): ShownContent => ({
  kind: 'shown',
  text: 'caption',
  placeholder: false,
  attributes: {},
  ...over,
});
const image = { id: '9001', kind: 'image', mime: 'image/jpeg' } as const;

function prepare(
  content: ShownContent,
  snippets: Record<string, string> = {},
  media = new ScriptedMedia(),
  record = {},
) {
  const telemetry = new RecordingTelemetry();
  const prepared = prepareContent(
    {
      content,
      item: { id: 'w1', message: {} } as InboundItem,
      envelope: { numberId: '1', receivedAt: 5, correlationId: 'c' } as InboundEnvelope,
      record: record as LedgerRecord,
      deadlineAt: 99,
    },
    { ledger: { readSnippet: async (key) => snippets[key] }, media, telemetry },
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
      { numberId: '1', messageId: 'w1', receivedAt: 5, media: image, deadlineAt: 99 },
    ]);
  });

  it('passes on what an earlier visit stored, so that it is not fetched again', async () => {
    const stored = { state: 'downloaded', key: 'k', mime: 'm', bytes: 1, sha256: 's', filename: 'f' };

    const { prepared, media } = prepare(shown({ media: image }), {}, new ScriptedMedia(), { media: stored });
    await prepared;

    expect(media.asked[0]?.stored).toEqual(stored);
  });

  it('tells the agent when the media cannot be had', async () => {
    const media = new ScriptedMedia();
    media.answers.push({ stored: { state: 'failed', reason: 'gone' } });

    const { prepared, telemetry } = prepare(shown({ media: image }), {}, media);

    expect(await prepared).toEqual({
      text: 'caption\n[image could not be fetched from WhatsApp]',
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

    expect(await prepare(shown({ media: image, text: '' }), {}, media).prepared).toEqual({
      text: '[File too large to attach: big.pdf https://x/y]',
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

  it('quotes the message that is answered when it is remembered', async () => {
    const content = shown({ text: 'yes', quotedId: 'w0' });

    expect((await prepare(content, { 'IN#1#w0': 'Shall we?' }).prepared).text).toBe(
      '[In reply to: “Shall we?”]\nyes',
    );
    expect((await prepare(content).prepared).text).toBe('[In reply to an earlier message]\nyes');
  });
});

describe('a snippet', () => {
  it.each([
    ['short', 'short'],
    ['', ''],
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), `${'x'.repeat(80)}…`],
    ['👩‍👩‍👧‍👦'.repeat(20), `${'👩‍👩‍👧‍👦'.repeat(7)}…`],
  ])('of %j never splits a grapheme', (text, snippet) => {
    expect(toSnippet(text)).toBe(snippet);
  });
});
